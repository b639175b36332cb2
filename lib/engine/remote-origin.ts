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
   * That it reports to PandaProbe: a hash of where, or `any` where it does not say. Absent where the caller is not recorded by
   * PandaProbe, such as a browser or a gateway.
   */
  readonly reportsTo?: string;
  /** What other tracers have put into `tracestate`. */
  readonly tracestate?: string;
  /** The session that the caller has sent along. */
  readonly sessionId?: string;
  /** The user that the caller has sent along. */
  readonly userId?: string;
}

/** What another process has handed on with a request, a message or a job. */
export interface RemoteOrigin {
  readonly context: RemoteContext;
  /** Whether its traces are kept, where that process has decided for what reports to `destination`. */
  isKept(destination: string | undefined): boolean | undefined;
  /** The place of a trace that starts in `outside`; undefined if it is a trace of its own. */
  placeOf(outside: Frame, recorder: Recorder): RemotePlace | undefined;
}

/** The place of a trace that starts here in one that another process knows. */
export interface RemotePlace {
  readonly traceId: string;
  /** It is no trace but a span of one. */
  readonly spanId?: string | undefined;
  /** What is handed over at its end; `error` is what made it fail. */
  handedOver(record: CapturedTrace, error: string | undefined): CapturedTrace | CapturedLateSpans;
  /** The same for its late spans, where they change. */
  late?(record: CapturedLateSpans): CapturedLateSpans;
}
