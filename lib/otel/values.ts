import type { SpanKind, SpanStatusCode, TraceStatus } from '../model/kinds.js';

/*
 * Traces and spans as the mapping to and from OpenTelemetry uses them: with values, not their JSON text. Times are milliseconds
 * since the epoch with a fraction down to the microsecond.
 */

export interface SpanValues {
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly status: SpanStatusCode;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly completionStartTime?: number | undefined;
  readonly model?: string | undefined;
  readonly error?: string | undefined;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly metadata?: JsonObject | undefined;
  readonly modelParameters?: JsonObject | undefined;
  readonly tokenUsage?: Numbers | undefined;
  readonly cost?: Numbers | undefined;
}

export interface TraceLabels {
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly environment?: string | undefined;
  readonly release?: string | undefined;
}

export interface TraceValues extends TraceLabels {
  readonly traceId: string;
  readonly name: string;
  readonly status: TraceStatus;
  readonly startedAt: number;
  readonly endedAt?: number | undefined;
  readonly input?: unknown;
  readonly output?: unknown;
  readonly metadata?: JsonObject | undefined;
  readonly spans: readonly SpanValues[];
}

export type JsonObject = Readonly<Record<string, unknown>>;
export type Numbers = Readonly<Record<string, number>>;
