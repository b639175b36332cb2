import type { Clock } from '../common/clock.js';
import type { Log } from '../common/log.js';
import type { Capture } from '../model/capture-values.js';
import type { CapturedLateSpans, CapturedSpan, CapturedTrace, JsonText } from '../model/records.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/**
 * The engine's interface to a client: it captures values, and takes finished traces and spans. Its methods do not throw.
 */
export interface Recorder {
  readonly log: Log;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  /** Whether decorators without these options record inputs and outputs. */
  readonly captureInput: boolean;
  readonly captureOutput: boolean;
  /** Most bytes one captured value may have. */
  readonly maxValueBytes: number;
  readonly clock: Clock;
  /** Any value as JSON text, masked; undefined for undefined. */
  readonly value: Capture['value'];
  /** Like `value`, but long strings are quoted only when the text is sent. */
  readonly captured: Capture['captured'];
  /** A text, masked and clean. */
  readonly text: Capture['text'];
  /** What `value`, `captured` and `text` are of. @defaultValue not known */
  readonly capture?: Capture;
  opened(trace: TraceNode): void;
  /** Takes a finished trace. @returns false if the trace is left out; then its late spans are, too */
  ended(trace: { readonly traceId: string }, record: CapturedTrace): boolean;
  late(record: CapturedLateSpans): void;
  /** Returns the record with estimated costs of its model calls. @defaultValue no cost is estimated */
  priced?<T extends { readonly spans: readonly CapturedSpan[] }>(record: T): T;
  /** A text that identifies where records go: equal in two processes that report to the same project. @defaultValue not known */
  readonly destination?: string | undefined;
  /** The id of a trace that starts now, if another tracer gives one, and metadata about that. @defaultValue a new id */
  readonly joined?:
    | (() => { readonly traceId: string | undefined; readonly metadata: JsonText } | undefined)
    | undefined;
  /** Whether sampling leaves the trace out, or may still do so. @defaultValue false */
  readonly isLeftOut?: boolean | undefined;
  /** Whether nothing is recorded. @defaultValue false */
  readonly isMuted?: boolean | undefined;
  /** The open spans that were opened after their trace had ended. @defaultValue they are not kept */
  readonly openLate?: Set<SpanNode> | undefined;
  /**
   * Ends of the open traces whose function has returned a stream that may never be over by itself. With `true`, which is for a
   * flush, each ends its trace unless somebody reads the stream. @defaultValue they are not kept
   */
  readonly unread?: Set<(isFlush?: boolean) => void> | undefined;
}
