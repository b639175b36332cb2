import type { ScoreDataType, SpanKind, SpanStatusCode, TraceStatus } from './kinds.js';

/**
 * Finished JSON text: valid JSON, no null characters, no lone surrogates, within the size limit.
 * Only `model/` makes it, so it can be put into a request body without a check.
 */
export type JsonText = string & { readonly '~json': true };

/** A captured value: JSON text, or text with long strings that are not quoted yet. `unfold()` returns its JSON text. */
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
  /**
   * The URL that the client sends its requests to, without credentials and query. It identifies a compatible server or a gateway.
   */
  readonly endpoint?: string | undefined;
  /** The requested model; the model that answered may have another name. */
  readonly requestedModel?: string | undefined;
  /** The service tier that the provider says it used, else the requested one: `flex`, `priority`, `batch`, … */
  readonly serviceTier?: string | undefined;
  /** Where the provider says the model ran, such as Anthropic's `us`. */
  readonly region?: string | undefined;
  /** Number of web searches by the provider's own tool, which are charged separately. */
  readonly webSearches?: number | undefined;
  /** Number of searches in the provider's file stores, which are charged separately. */
  readonly fileSearches?: number | undefined;
  /** @internal Whether its cost is already part of the cost of a span above it. */
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

/** Spans that ended after their trace was handed over: new spans, or spans that were sent while open, now with their end. */
export interface LateSpansRecord {
  readonly traceId: string;
  readonly spans: readonly SpanRecord[];
  /** Whether the trace belongs to another process, which may still be running. The trace then comes later, or never. */
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
