import type { ScoreDataType, SpanKind, SpanStatusCode, TraceStatus } from '../model/kinds.js';
import { PlatformError } from './errors.js';

/** A span as the platform has stored it. Times are ISO 8601 texts with microseconds. Source: OpenAPI, `SpanResponse`. */
export interface StoredSpan {
  readonly spanId: string;
  readonly traceId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatusCode;
  readonly input: unknown;
  readonly output: unknown;
  readonly model: string | null;
  /** Keys in snake_case, as sent. */
  readonly tokenUsage: Readonly<Record<string, unknown>> | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly error: string | null;
  readonly completionStartTime: string | null;
  readonly modelParameters: Readonly<Record<string, unknown>> | null;
  /** Keys in snake_case, in US dollars. */
  readonly cost: Readonly<Record<string, number>> | null;
  readonly latencyMs: number | null;
  readonly timeToFirstTokenMs: number | null;
}

/** A trace in a list. Source: OpenAPI, `TraceListItem`. */
export interface TraceSummary {
  readonly traceId: string;
  readonly name: string;
  readonly status: TraceStatus;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly sessionId: string | null;
  readonly userId: string | null;
  readonly tags: readonly string[];
  readonly environment: string | null;
  readonly release: string | null;
  readonly latencyMs: number | null;
  readonly spanCount: number;
  readonly totalTokens: number;
  readonly totalCost: number;
}

/** A trace as the platform has stored it, with its spans. Source: OpenAPI, `TraceResponse`. */
export interface StoredTrace {
  readonly traceId: string;
  readonly projectId: string;
  readonly name: string;
  readonly status: TraceStatus;
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly sessionId: string | null;
  readonly userId: string | null;
  readonly tags: readonly string[];
  readonly environment: string | null;
  readonly release: string | null;
  readonly spans: readonly StoredSpan[];
}

/** The totals of one session's traces. Source: OpenAPI, `SessionSummary`. */
export interface SessionSummary {
  readonly sessionId: string;
  readonly traceCount: number;
  readonly firstTraceAt: string;
  readonly lastTraceAt: string | null;
  readonly totalLatencyMs: number | null;
  readonly hasError: boolean;
  readonly userId: string | null;
  readonly tags: readonly string[];
  readonly totalSpanCount: number;
  readonly totalTokens: number;
  readonly totalCost: number;
}

/** A session with its traces, the oldest first. Source: OpenAPI, `SessionDetail`. */
export interface StoredSession extends SessionSummary {
  readonly traces: readonly StoredTrace[];
}

/** A score of a trace. Source: OpenAPI, `TraceScoreResponse`. */
export interface StoredScore {
  readonly id: string;
  readonly traceId: string;
  readonly name: string;
  /** A text, also for numbers; see `dataType`. Null if its evaluation failed. */
  readonly value: string | null;
  readonly dataType: ScoreDataType;
  readonly status: 'SUCCESS' | 'FAILED' | 'PENDING';
  readonly source: 'AUTOMATED' | 'ANNOTATION' | 'PROGRAMMATIC';
  /** The id of the evaluation that made it; null for any other score. */
  readonly evalRunId: string | null;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** A metric that evaluations can have. Source: OpenAPI, `MetricSummary`. */
export interface Metric {
  readonly name: string;
  readonly description: string;
  readonly category: string;
}

/** An evaluation, running or complete. Source: OpenAPI, `EvalRunResponse`. */
export interface EvaluationRun {
  readonly id: string;
  readonly name: string | null;
  readonly status: 'PENDING' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELLED';
  readonly metricNames: readonly string[];
  readonly evaluatedCount: number;
  readonly failedCount: number;
  readonly targetType: string;
  readonly model: string | null;
  readonly errorMessage: string | null;
  readonly createdAt: string;
  readonly completedAt: string | null;
}

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** The number of items in the whole list. */
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
}

type Json = Readonly<Record<string, unknown>>;

/** Fields whose records are converted, too. Every other field has the user's content, and is not changed. */
const nested: readonly string[] = ['spans', 'traces'];

/**
 * Converts a record of the platform to the names of this package: `trace_id` becomes `traceId`. Fields that this version does not
 * know are kept.
 *
 * @throws PlatformError if it is not a record, or lacks one of the `needed` fields
 */
export function readRecord<T>(what: string, body: unknown, needed: readonly (string & keyof T)[]): T {
  if (!isRecord(body)) throw misshapen(what, 'an object');
  const record = withOurNames(body);
  for (const name of needed) if (record[name] === undefined) throw misshapen(what, `an object with ${name}`);
  return record as T; // the other fields are as the platform's OpenAPI says: see `Source` at each type
}

/** @throws PlatformError if it is not a list, or an entry lacks one of the `needed` fields */
export function readList<T>(what: string, body: unknown, needed: readonly (string & keyof T)[]): T[] {
  if (!Array.isArray(body)) throw misshapen(what, 'a list');
  return body.map((each) => readRecord<T>(what, each, needed));
}

/** @throws PlatformError if it is not a page, or an item lacks one of the `needed` fields */
export function readPage<T>(what: string, body: unknown, needed: readonly (string & keyof T)[]): Page<T> {
  if (!isRecord(body) || typeof body.total !== 'number') throw misshapen(what, 'a page with items and total');
  const { total, limit, offset } = body;
  return { items: readList<T>(what, body.items, needed), total, limit: Number(limit), offset: Number(offset) };
}

function withOurNames(record: Json): Json {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      nested.includes(name) && Array.isArray(value)
        ? value.map((each) => (isRecord(each) ? withOurNames(each) : each))
        : value,
    ]),
  );
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function misshapen(what: string, expected: string): PlatformError {
  return new PlatformError(`${what}: expected ${expected}, got something else; is this address the platform?`);
}
