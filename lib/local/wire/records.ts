import { SpanKind, SpanStatusCode, TraceStatus } from '../../model/kinds.js';
import { maxLabelChars, maxNameChars, maxSpansPerRequest } from '../../model/limits.js';
import { BodyFields, checkListLength, isObject, type JsonObject } from './fields.js';
import { type Issues, joined } from './issues.js';
import { tokenFault } from './platform-faults.js';
import type { Micros } from './time.js';

/** The fields of a span. When it is first stored, null and absent mean the same. */
export interface SpanValues {
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatusCode;
  readonly input: unknown;
  readonly output: unknown;
  readonly model: string | null;
  readonly token_usage: JsonObject | null;
  readonly metadata: JsonObject;
  readonly started_at: Micros;
  readonly ended_at: Micros | null;
  readonly error: string | null;
  readonly completion_start_time: Micros | null;
  readonly model_parameters: JsonObject | null;
  readonly cost: Readonly<Record<string, number>> | null;
}

/** A span of a request. */
export interface SpanInput extends SpanValues {
  readonly span_id: string;
  readonly parent_span_id: string | null;
}

/** The fields of a trace. */
interface TraceValues {
  readonly name: string;
  readonly status: TraceStatus;
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: JsonObject;
  readonly started_at: Micros;
  readonly ended_at: Micros | null;
  readonly session_id: string | null;
  readonly user_id: string | null;
  readonly tags: readonly string[];
  readonly environment: string | null;
  readonly release: string | null;
}

/** The body of `POST /traces`. */
export interface TraceInput extends TraceValues {
  readonly trace_id: string;
  readonly spans: readonly SpanInput[];
}

/** A change: only fields that are present are changed; null clears a field. */
type Change<T> = { readonly [K in keyof T]?: T[K] | null | undefined };

/** What `PATCH /traces/{trace_id}` may change. */
export type TraceChange = Change<Omit<TraceValues, 'started_at'>>;
/** What `PATCH /traces/{trace_id}/spans/{span_id}` may change. */
export type SpanChange = Change<Omit<SpanValues, 'started_at'>>;

const notAnObject = 'Input should be a valid dictionary or object to extract fields from';
const name = { min: 1, max: maxNameChars };
const label = { max: maxLabelChars };

/** Reads the body of `POST /traces`. Its value is of use only when no issue was noted. */
export function readTrace(body: unknown, issues: Issues): TraceInput | undefined {
  const fields = objectFields(body, '', issues);
  if (fields === undefined) return undefined;
  return {
    trace_id: fields.idOrNew('trace_id'),
    name: fields.required('name', name),
    status: fields.oneOf('status', TraceStatus) ?? 'COMPLETED',
    input: fields.json('input') ?? null,
    output: fields.json('output') ?? null,
    metadata: fields.objectOrEmpty('metadata'),
    started_at: fields.requiredTime('started_at'),
    ended_at: fields.time('ended_at') ?? null,
    session_id: fields.text('session_id', label) ?? null,
    user_id: fields.text('user_id', label) ?? null,
    tags: fields.textsOrEmpty('tags'),
    environment: fields.text('environment', label) ?? null,
    release: fields.text('release', label) ?? null,
    spans: fields.has('spans') ? readSpanList(fields.json('spans'), 'spans', 0, issues) : [],
  };
}

/** Reads the body of `POST /traces/{trace_id}/spans`. */
export function readSpans(body: unknown, issues: Issues): readonly SpanInput[] {
  return readSpanList(body, '', 1, issues);
}

function readSpanList(list: unknown, place: string, min: number, issues: Issues): SpanInput[] {
  if (!Array.isArray(list)) {
    issues.add(place, '', list === undefined ? 'Field required' : 'Input should be a valid list');
    return [];
  }
  const fault = checkListLength(list, min, maxSpansPerRequest);
  if (fault !== undefined) {
    issues.add(place, '', fault);
    return [];
  }
  return list.flatMap((each: unknown, at) => readSpan(each, joined(place, at), issues) ?? []);
}

function readSpan(body: unknown, place: string, issues: Issues): SpanInput | undefined {
  const fields = objectFields(body, place, issues);
  if (fields === undefined) return undefined;
  return {
    span_id: fields.idOrNew('span_id'),
    parent_span_id: fields.idOrNull('parent_span_id'),
    name: fields.required('name', name),
    kind: fields.oneOf('kind', SpanKind) ?? 'OTHER',
    status: fields.oneOf('status', SpanStatusCode) ?? 'UNSET',
    input: fields.json('input') ?? null,
    output: fields.json('output') ?? null,
    model: fields.text('model', label) ?? null,
    token_usage: tokenUsage(fields) ?? null,
    metadata: fields.objectOrEmpty('metadata'),
    started_at: fields.requiredTime('started_at'),
    ended_at: fields.time('ended_at') ?? null,
    error: fields.text('error') ?? null,
    completion_start_time: fields.time('completion_start_time') ?? null,
    model_parameters: fields.object('model_parameters') ?? null,
    cost: fields.numbers('cost') ?? null,
  };
}

/** Reads the body of `PATCH /traces/{trace_id}`. */
export function readTraceChange(body: unknown, issues: Issues): TraceChange {
  const fields = objectFields(body, '', issues);
  if (fields === undefined) return {};
  return present(fields, {
    name: fields.text('name', { max: maxNameChars }),
    status: nullable(fields, 'status', () => fields.oneOf('status', TraceStatus)),
    input: fields.json('input'),
    output: fields.json('output'),
    metadata: fields.object('metadata'),
    ended_at: fields.time('ended_at'),
    session_id: fields.text('session_id', label),
    user_id: fields.text('user_id', label),
    tags: fields.texts('tags'),
    environment: fields.text('environment', label),
    release: fields.text('release', label),
  });
}

/** Reads the body of `PATCH /traces/{trace_id}/spans/{span_id}`. */
export function readSpanChange(body: unknown, issues: Issues): SpanChange {
  const fields = objectFields(body, '', issues);
  if (fields === undefined) return {};
  return present(fields, {
    name: fields.text('name', { max: maxNameChars }),
    kind: nullable(fields, 'kind', () => fields.oneOf('kind', SpanKind)),
    status: nullable(fields, 'status', () => fields.oneOf('status', SpanStatusCode)),
    input: fields.json('input'),
    output: fields.json('output'),
    model: fields.text('model', label),
    token_usage: tokenUsage(fields),
    metadata: fields.object('metadata'),
    ended_at: fields.time('ended_at'),
    error: fields.text('error'),
    completion_start_time: fields.time('completion_start_time'),
    model_parameters: fields.object('model_parameters'),
    cost: fields.numbers('cost'),
  });
}

function tokenUsage(fields: BodyFields): JsonObject | null | undefined {
  const usage = fields.object('token_usage');
  const fault = usage === undefined || usage === null ? undefined : tokenFault(usage);
  if (fault !== undefined) fields.wrong('token_usage', fault);
  return usage;
}

/** The fields of a body that must be an object. */
export function objectFields(body: unknown, place: string, issues: Issues): BodyFields | undefined {
  if (isObject(body)) return new BodyFields(body, place, issues);
  issues.add(place, '', body === undefined ? 'Field required' : notAnObject);
  return undefined;
}

function nullable<T>(fields: BodyFields, key: string, read: () => T | undefined): T | null | undefined {
  return fields.json(key) === null ? null : read();
}

/** Removes keys that the request does not have, so that absent and null differ. */
function present<T extends object>(fields: BodyFields, values: T): T {
  return Object.fromEntries(Object.entries(values).filter(([key]) => fields.has(key))) as T; // a subset of optional keys
}
