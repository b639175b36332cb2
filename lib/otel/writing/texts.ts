import type { SpanKind, SpanStatusCode, TraceStatus } from '../../model/kinds.js';
import type { CapturedText } from '../../model/records.js';

/*
 * What is made into spans of OpenTelemetry. Values stay the JSON texts that they are recorded as, because most of them travel as
 * texts. Nothing in them is bound. Times are whole microseconds since the epoch.
 */

export interface SpanTexts {
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
  readonly input: CapturedText | undefined;
  readonly output: CapturedText | undefined;
  /** This and the next three are objects. */
  readonly metadata: CapturedText | undefined;
  readonly modelParameters: CapturedText | undefined;
  readonly tokenUsage: CapturedText | undefined;
  readonly cost: CapturedText | undefined;
}

export interface TraceTexts {
  readonly name: string;
  readonly status: TraceStatus;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
  readonly input: CapturedText | undefined;
  readonly output: CapturedText | undefined;
  readonly metadata: CapturedText | undefined;
  readonly tags: readonly string[] | undefined;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
}
