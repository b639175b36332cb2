import type { CapturedLateSpans, CapturedTrace } from '../model/records.js';
import type { Frame } from './frame.js';
import type { Recorder } from './recorder.js';

/** The context that another process has sent, as plain JSON. */
export interface RemoteContext {
  /** The trace of the other process: a UUID. */
  readonly traceId: string;
  /** The span in the other process that is the parent of spans here. If absent, the parent is the trace itself. */
  readonly spanId?: string;
  /** Whether the other process keeps its trace (sampling). */
  readonly isSampled: boolean;
  /**
   * Identifies the project that the caller reports to: a hash of endpoint and project, or `any` if it did not say. Absent if
   * PandaProbe does not record the caller, such as a browser or a gateway.
   */
  readonly reportsTo?: string;
  /** The entries of other tracers in `tracestate`. */
  readonly tracestate?: string;
  /** The caller's session, if it was sent. */
  readonly sessionId?: string;
  /** The caller's user, if it was sent. */
  readonly userId?: string;
}

/** The context that another process has sent with a request, a message or a job. */
export interface RemoteOrigin {
  readonly context: RemoteContext;
  /** Whether that process keeps the traces that report to `destination`; undefined if it has not decided. */
  isKept(destination: string | undefined): boolean | undefined;
  /** The place of a trace that starts in `outside`; undefined if it is a trace of its own. */
  placeOf(outside: Frame, recorder: Recorder): RemotePlace | undefined;
}

/** The place of a trace that starts here, in a trace of another process. */
export interface RemotePlace {
  readonly traceId: string;
  /** The id of the span as which this trace is recorded in the other process's trace. */
  readonly spanId?: string | undefined;
  /** The record to hand over at its end; `error` is the reason if it failed. */
  handedOver(record: CapturedTrace, error: string | undefined): CapturedTrace | CapturedLateSpans;
  /** Changes a record of late spans, if they need another form. */
  late?(record: CapturedLateSpans): CapturedLateSpans;
}
