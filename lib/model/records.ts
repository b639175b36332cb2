import type { ScoreDataType, SpanKind, SpanStatusCode, TraceStatus } from './kinds.js';

/**
 * Finished JSON text: valid JSON, no null characters, no lone surrogates, within the size limit.
 * Only `model/` makes it, so it can be put into a request body without a check.
 */
export type JsonText = string & { readonly '~json': true };

/** JSON text, or one in which long strings stand unquoted so far; only `unfold()` makes JSON text of it. */
export type CapturedText = JsonText | (string & { readonly '~folded': true });

/** A span, a trace or late spans whose inputs and outputs may be folded. */
export type CapturedSpan = Omit<SpanRecord, 'input' | 'output'> & CapturedValues;
export type CapturedTrace = Omit<TraceRecord, 'input' | 'output' | 'spans'> & CapturedValues & CapturedSpans;
export type CapturedLateSpans = Omit<LateSpansRecord, 'spans'> & CapturedSpans;

interface CapturedValues {
  readonly input: CapturedText | undefined;
  readonly output: CapturedText | undefined;
}

interface CapturedSpans {
  readonly spans: readonly CapturedSpan[];
}

/**
 * One finished span, as sinks receive it. Times are milliseconds since the epoch with a
 * fraction down to the microsecond; values are JSON text, captured when they were set.
 */
export interface SpanRecord {
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatusCode;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly completionStartTime: number | undefined;
  readonly model: string | undefined;
  readonly error: string | undefined;
  readonly input: JsonText | undefined;
  readonly output: JsonText | undefined;
  /** A JSON object. */
  readonly metadata: JsonText | undefined;
  /** A JSON object. */
  readonly modelParameters: JsonText | undefined;
  /** A JSON object: snake_case keys, whole numbers from 0 to 2147483647. */
  readonly tokenUsage: JsonText | undefined;
  /** A JSON object: snake_case keys, finite numbers. */
  readonly cost: JsonText | undefined;
  /** Facts of the call from a provider's wrapper that are not recorded elsewhere. They are not delivered. */
  readonly call?: CallFacts | undefined;
}

/** Facts of a model call on which its price depends, from a provider's wrapper. */
export interface CallFacts {
  /** Whose client made the call: `openai`, `anthropic`, `google`, `mistral` or `aws`. */
  readonly provider?: string | undefined;
  /** The URL that the client sends its requests to, without credentials and query: it tells a compatible server or a gateway. */
  readonly endpoint?: string | undefined;
  /** The model that was asked for; the one that answered may have another name. */
  readonly requestedModel?: string | undefined;
  /** The tier that the provider says it used, else the one that was asked for: `flex`, `priority`, `batch`, … */
  readonly serviceTier?: string | undefined;
  /** Where the provider says the model ran, such as Anthropic's `us`. */
  readonly region?: string | undefined;
  /** Searches of the web by the provider's own tool: they are charged apart. */
  readonly webSearches?: number | undefined;
  /** Searches of the provider's file stores, likewise. */
  readonly fileSearches?: number | undefined;
  /** @internal Its cost is part of the cost of a span above it. */
  readonly isPaidAbove?: boolean | undefined;
}

/** One finished trace with all its spans, in the order they were opened. Times and values as in a {@link SpanRecord}. */
export interface TraceRecord {
  readonly traceId: string;
  readonly name: string;
  readonly status: TraceStatus;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly input: JsonText | undefined;
  readonly output: JsonText | undefined;
  /** A JSON object. */
  readonly metadata: JsonText | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly tags: readonly string[];
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly spans: readonly SpanRecord[];
}

/** Spans that ended after their trace was handed over: new, or known ones with their true end. */
export interface LateSpansRecord {
  readonly traceId: string;
  readonly spans: readonly SpanRecord[];
  /** The trace is another process's, which may still be running: it comes later, or never. */
  readonly isRemote?: boolean | undefined;
}

/** One score for a trace. */
export interface ScoreRecord {
  readonly traceId: string;
  readonly name: string;
  /** NUMERIC `"0.85"`, BOOLEAN `"true"` or `"false"`, CATEGORICAL any text. */
  readonly value: string;
  readonly dataType: ScoreDataType;
  readonly reason: string | undefined;
  /** A JSON object. */
  readonly metadata: JsonText | undefined;
}
