import type { ScoreDataType, SpanKind, SpanStatusCode, TraceStatus } from '../../model/kinds.js';
import type { JsonText, ScoreRecord, SpanRecord, TraceRecord } from '../../model/records.js';

/** A finished span with its values as plain data. Made by `viewSpan`. */
export interface SpanView {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatusCode;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly completionStartTime: Date | undefined;
  readonly model: string | undefined;
  readonly error: string | undefined;
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly modelParameters: Readonly<Record<string, unknown>> | undefined;
  /** Keys in snake_case, as sent. */
  readonly tokenUsage: Readonly<Record<string, number>> | undefined;
  /** Keys in snake_case, as sent. */
  readonly cost: Readonly<Record<string, number>> | undefined;
}

/** A finished trace with its values as plain data. Made by `viewTrace`. */
export interface TraceView {
  readonly traceId: string;
  readonly name: string;
  readonly status: TraceStatus;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
  readonly input: unknown;
  readonly output: unknown;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly tags: readonly string[];
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly spans: readonly SpanView[];
}

/** A score with its metadata as plain data. Made by `viewScore`. */
export interface ScoreView {
  readonly traceId: string;
  readonly name: string;
  readonly value: string;
  readonly dataType: ScoreDataType;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/**
 * A trace record with its JSON texts parsed, for a sink of your own.
 *
 * @param record - as the sink's `trace` got it
 * @returns a new object; times are dates, values are plain data
 * @example
 * ```ts
 * const slow: string[] = [];
 * const sink: Sink = {
 *   name: 'slow traces',
 *   trace(record) {
 *     const { name, startedAt, endedAt = startedAt } = viewTrace(record);
 *     if (endedAt.getTime() - startedAt.getTime() > 10_000) slow.push(name);
 *   },
 * };
 * init({ sinks: [new HttpSink(), sink] });
 * ```
 */
export function viewTrace(record: TraceRecord): TraceView {
  return {
    ...record,
    startedAt: new Date(record.startedAt),
    endedAt: date(record.endedAt),
    input: parse(record.input),
    output: parse(record.output),
    metadata: parseObject(record.metadata) ?? {},
    spans: record.spans.map(viewSpan),
  };
}

/**
 * A span record with its JSON texts parsed: for the spans that a sink's `lateSpans` gets.
 *
 * @param record - a span of a trace record or of late spans
 * @returns a new object; times are dates, values are plain data
 * @example
 * ```ts
 * const names: string[] = [];
 * const sink: Sink = {
 *   name: 'names',
 *   trace: (record) => names.push(...record.spans.map(({ name }) => name)),
 *   lateSpans: (record) => names.push(...record.spans.map((late) => viewSpan(late).name)),
 * };
 * ```
 */
export function viewSpan(record: SpanRecord): SpanView {
  return {
    ...record,
    startedAt: new Date(record.startedAt),
    endedAt: date(record.endedAt),
    completionStartTime: date(record.completionStartTime),
    input: parse(record.input),
    output: parse(record.output),
    metadata: parseObject(record.metadata) ?? {},
    modelParameters: parseObject(record.modelParameters),
    tokenUsage: parseObject(record.tokenUsage) as Record<string, number> | undefined, // numbers by the usage rules
    cost: parseObject(record.cost) as Record<string, number> | undefined, // numbers by the cost rules
  };
}

/**
 * A score record with its metadata parsed.
 *
 * @param record - as the sink's `score` got it
 * @returns a new object
 * @example
 * ```ts
 * const sink: Sink = {
 *   name: 'scores',
 *   trace() {},
 *   score: (record) => console.log(viewScore(record).value),
 * };
 * ```
 */
export function viewScore(record: ScoreRecord): ScoreView {
  return { ...record, metadata: parseObject(record.metadata) ?? {} };
}

function date(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

function parse(text: JsonText | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

function parseObject(text: JsonText | undefined): Readonly<Record<string, unknown>> | undefined {
  return parse(text) as Record<string, unknown> | undefined; // an object by the record's contract
}
