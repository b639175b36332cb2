import type { JsonObject } from '../wire/fields.js';
import type { SpanChange, SpanInput, SpanValues } from '../wire/records.js';
import { formatTime, type Micros, parseTime } from '../wire/time.js';

/** A span as the API returns it. Source: OpenAPI, `SpanResponse`. */
export interface SpanBody {
  readonly span_id: string;
  readonly trace_id: string;
  readonly parent_span_id: string | null;
  readonly name: string;
  readonly kind: string;
  readonly status: string;
  readonly input: unknown;
  readonly output: unknown;
  readonly model: string | null;
  readonly token_usage: JsonObject | null;
  readonly metadata: JsonObject;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly error: string | null;
  readonly completion_start_time: string | null;
  readonly model_parameters: JsonObject | null;
  readonly cost: Readonly<Record<string, number>> | null;
  readonly latency_ms: number | null;
  readonly time_to_first_token_ms: number | null;
}

/** The numbers of a span that lists add up. */
interface SpanFigures {
  readonly prompt: number;
  readonly completion: number;
  readonly cost: number;
}

/** The stored form of a request's span. */
export function newSpanBody(traceId: string, span: SpanInput): SpanBody {
  const { started_at: started, ended_at: ended, completion_start_time: first } = span;
  return {
    span_id: span.span_id,
    trace_id: traceId,
    parent_span_id: span.parent_span_id,
    name: span.name,
    kind: span.kind,
    status: span.status,
    input: span.input,
    output: span.output,
    model: span.model,
    token_usage: span.token_usage,
    metadata: span.metadata,
    started_at: formatTime(started),
    ended_at: timeOrNull(ended),
    error: span.error,
    completion_start_time: timeOrNull(first),
    model_parameters: span.model_parameters,
    cost: span.cost,
    latency_ms: millisBetween(started, ended),
    time_to_first_token_ms: millisBetween(started, first),
  };
}

/**
 * A stored span after a repeat: metadata is merged, and null keeps the stored value. But JSON values are wiped unless they came
 * again. Source: backend-contract.md, *What a repeat overwrites*.
 */
export function mergedSpanBody(old: SpanBody, span: SpanInput): SpanBody {
  const fresh = newSpanBody(old.trace_id, span);
  return withDurations({
    ...fresh,
    parent_span_id: fresh.parent_span_id ?? old.parent_span_id,
    model: fresh.model ?? old.model,
    metadata: { ...old.metadata, ...fresh.metadata },
    ended_at: fresh.ended_at ?? old.ended_at,
    error: fresh.error ?? old.error,
    completion_start_time: fresh.completion_start_time ?? old.completion_start_time,
  });
}

/** Fields that null does not clear. Source: backend-contract.md, *What a repeat overwrites*. */
const keepsOnNull: ReadonlySet<string> = new Set<keyof SpanValues>(['name', 'kind', 'status']);

/** A stored span after a change: fields that are present are set, null clears a field, metadata is merged. */
export function changedSpanBody(old: SpanBody, change: SpanChange): SpanBody {
  const { metadata, ended_at, completion_start_time, ...rest } = change;
  const set = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => value !== null || !keepsOnNull.has(key)),
  );
  return withDurations({
    ...old,
    ...set,
    ...(ended_at === undefined ? {} : { ended_at: timeOrNull(ended_at) }),
    ...(completion_start_time === undefined ? {} : { completion_start_time: timeOrNull(completion_start_time) }),
    metadata: { ...old.metadata, ...metadata },
  });
}

/** The tokens and the cost that count. A count that is not a 32-bit integer is ignored. */
export function figuresOf({ token_usage: usage, cost }: Pick<SpanValues, 'token_usage' | 'cost'>): SpanFigures {
  const total = cost?.total;
  return {
    prompt: tokens(usage?.prompt_tokens),
    completion: tokens(usage?.completion_tokens),
    cost: typeof total === 'number' ? total : 0,
  };
}

function tokens(value: unknown): number {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && Math.abs(number) <= 2_147_483_647 ? number : 0;
}

function withDurations(body: SpanBody): SpanBody {
  const started = parseTime(body.started_at) ?? 0;
  return {
    ...body,
    latency_ms: millisBetween(started, parseTime(body.ended_at) ?? null),
    time_to_first_token_ms: millisBetween(started, parseTime(body.completion_start_time) ?? null),
  };
}

/** Milliseconds from one time to another; null while the second is open. */
export function millisBetween(from: Micros, to: Micros | null): number | null {
  return to === null ? null : (to - from) / 1000;
}

/** A time as the API returns it. */
export function timeOrNull(time: Micros | null): string | null {
  return time === null ? null : formatTime(time);
}
