import type { CapturedLateSpans, CapturedTrace } from '../model/records.js';
import type { Frame } from './frame.js';
import type { Recorder } from './recorder.js';

/** What another process has sent along, as plain JSON. */
export interface RemoteContext {
  /** Its trace. */
  readonly traceId: string;
  /** The span there below which what happens here belongs; the trace itself where it is absent. */
  readonly spanId?: string;
  /** Whether its trace is kept there. */
  readonly isSampled: boolean;
  /**
   * Where the caller reports to PandaProbe: a hash of endpoint and project, or `any` if it is not said. Absent if the caller is not
   * recorded by PandaProbe, such as a browser or a gateway.
   */
  readonly reportsTo?: string;
  /** The entries of other tracers in `tracestate`. */
  readonly tracestate?: string;
  /** The session that the caller has sent along. */
  readonly sessionId?: string;
  /** The user that the caller has sent along. */
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

/** The place of a trace that starts here in one that another process knows. */
export interface RemotePlace {
  readonly traceId: string;
  /** Here the trace is recorded as a span of the other process's trace. */
  readonly spanId?: string | undefined;
  /** The record to hand over at its end; `error` is the reason if it failed. */
  handedOver(record: CapturedTrace, error: string | undefined): CapturedTrace | CapturedLateSpans;
  /** The same for its late spans, where they change. */
  late?(record: CapturedLateSpans): CapturedLateSpans;
}
