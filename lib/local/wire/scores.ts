import { ScoreDataType } from '../../model/kinds.js';
import { type JsonObject, parseDecimal } from './fields.js';
import type { Issues } from './issues.js';
import { underflowFault } from './platform-faults.js';
import { objectFields } from './records.js';

/** Where a score comes from. Source: OpenAPI, `ScoreSource`. */
export const ScoreSource = { AUTOMATED: 'AUTOMATED', ANNOTATION: 'ANNOTATION', PROGRAMMATIC: 'PROGRAMMATIC' } as const;
/** One of the three sources. */
export type ScoreSource = keyof typeof ScoreSource;

/** The result of an evaluation. Source: OpenAPI, `ScoreStatus`. */
export const ScoreStatus = { SUCCESS: 'SUCCESS', FAILED: 'FAILED', PENDING: 'PENDING' } as const;

/** The body of `POST /evaluations/trace-scores`. */
export interface ScoreInput {
  readonly trace_id: string;
  readonly name: string;
  readonly value: string;
  readonly data_type: ScoreDataType;
  readonly source: ScoreSource;
  readonly reason: string | null;
  readonly metadata: JsonObject;
}

/** The body of `PATCH /evaluations/trace-scores/{score_id}`; a field that is null or absent stays unchanged. */
export interface ScoreChange {
  readonly value: string | undefined;
  readonly reason: string | undefined;
  readonly metadata: JsonObject | undefined;
}

/** Reads the body of `POST /evaluations/trace-scores`. */
export function readScore(body: unknown, issues: Issues): ScoreInput | undefined {
  const fields = objectFields(body, '', issues);
  if (fields === undefined) return undefined;
  const score: ScoreInput = {
    trace_id: fields.id('trace_id'),
    name: fields.required('name', {}),
    value: fields.required('value', {}),
    data_type: fields.oneOf('data_type', ScoreDataType) ?? 'NUMERIC',
    source: fields.oneOf('source', ScoreSource) ?? 'ANNOTATION',
    reason: fields.text('reason') ?? null,
    metadata: fields.objectOrEmpty('metadata'),
  };
  const fault = issues.list.length === 0 ? valueFault(score.value, score.data_type) : undefined;
  if (fault !== undefined) fields.wrong('value', fault);
  return score;
}

/** Reads the body of `PATCH /evaluations/trace-scores/{score_id}`. */
export function readScoreChange(body: unknown, issues: Issues): ScoreChange {
  const fields = objectFields(body, '', issues);
  return {
    value: fields?.text('value') ?? undefined,
    reason: fields?.text('reason') ?? undefined,
    metadata: fields?.object('metadata') ?? undefined,
  };
}

/** The fault of a value for this type; undefined if it is valid. */
export function valueFault(value: string, type: string): string | undefined {
  if (type === 'NUMERIC') {
    const number = parseDecimal(value);
    if (number === undefined) return `Value error, NUMERIC score must be a finite number, got '${value}'`;
    if (number >= 0 && number <= 1) return underflowFault(value);
    return `Value error, NUMERIC score must be between 0 and 1, got '${value}'`;
  }
  if (type === 'BOOLEAN') {
    const isTruth = ['true', 'false'].includes(value.toLowerCase());
    return isTruth ? undefined : `Value error, BOOLEAN score must be 'true' or 'false', got '${value}'`;
  }
  return value.trim() === '' ? 'Value error, CATEGORICAL score must not be empty' : undefined;
}
