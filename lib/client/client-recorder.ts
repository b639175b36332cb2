import { type Clock, createClock } from '../common/clock.js';
import { type Log, silentLog } from '../common/log.js';
import type { Settings } from '../config/options.js';
import type { Recorder } from '../engine/recorder.js';
import type { TraceNode } from '../engine/trace-node.js';
import { type Capture, type CaptureField, createCapture } from '../model/capture-values.js';
import type { SpanKind } from '../model/kinds.js';
import type { JsonText, LateSpansRecord, TraceRecord } from '../model/records.js';
import type { FanOut } from './fan-out.js';

/** Most traces that may be open at once; beyond it the oldest is taken for abandoned and sent as it is. */
const maxOpen = 10_000;

/** Joins the engine to the sinks: captures values, keeps track of open traces, hands on what has ended. */
export class ClientRecorder implements Recorder {
  readonly log: Log;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly maxValueBytes: number;
  readonly captureInput: boolean;
  readonly captureOutput: boolean;
  readonly now: Clock = createClock();
  readonly capture: Capture;
  readonly #sinks: FanOut;
  readonly #open = new Set<TraceNode>();

  constructor(settings: Settings, sinks: FanOut, log: Log) {
    this.log = log;
    this.environment = settings.environment;
    this.release = settings.release;
    this.maxValueBytes = settings.maxValueBytes;
    this.captureInput = settings.captureInput;
    this.captureOutput = settings.captureOutput;
    this.capture = createCapture({ maxValueBytes: settings.maxValueBytes, mask: settings.mask, log });
    this.#sinks = sinks;
  }

  value(value: unknown, field: CaptureField, trace: string, span?: string, kind?: SpanKind): JsonText | undefined {
    return this.capture.value(value, field, trace, span, kind);
  }

  text(value: string, field: CaptureField, trace: string, span?: string, kind?: SpanKind): string {
    return this.capture.text(value, field, trace, span, kind);
  }

  opened(trace: TraceNode): void {
    this.#open.add(trace);
    if (this.#open.size <= maxOpen) return;
    const [oldest] = this.#open;
    if (oldest === undefined) return;
    this.log.warn('open traces', `more than ${maxOpen} traces are open; the oldest is sent as it is`);
    closeAs(oldest, 'never ended');
  }

  ended(trace: TraceNode, record: TraceRecord): boolean {
    this.#open.delete(trace);
    this.#sinks.each((sink) => sink.trace(record));
    return true;
  }

  /** The trace is over and will not be sent. */
  forget(trace: TraceNode): void {
    this.#open.delete(trace);
  }

  late(record: LateSpansRecord): void {
    this.#sinks.each((sink) => sink.lateSpans?.(record));
  }

  /** Ends what is still open, as the process ends. */
  endOpen(): void {
    for (const trace of [...this.#open]) closeAs(trace, 'the process ended before the trace did');
  }
}

function closeAs(trace: TraceNode, why: string): void {
  trace.fail(why);
  trace.end();
}

/** Records nothing: for traces the sampling has left out. Their spans still belong to them and not to an outer trace. */
export function createMutedRecorder(): Recorder {
  return {
    log: silentLog,
    environment: undefined,
    release: undefined,
    maxValueBytes: 0,
    captureInput: false,
    captureOutput: false,
    now: () => 0,
    value: () => undefined,
    text: () => '',
    opened() {},
    ended: () => false,
    late() {},
  };
}

/** Keeps only traces that went wrong: for traces the sampling has left out with `alwaysKeepErrors`. */
export function createErrorsOnlyRecorder(recorder: ClientRecorder, onDrop: () => void): Recorder {
  return {
    log: recorder.log,
    environment: recorder.environment,
    release: recorder.release,
    maxValueBytes: recorder.maxValueBytes,
    captureInput: recorder.captureInput,
    captureOutput: recorder.captureOutput,
    now: recorder.now,
    value: (...args) => recorder.value(...args),
    text: (...args) => recorder.text(...args),
    opened: (trace) => recorder.opened(trace),
    ended(trace, record) {
      if (record.status === 'ERROR') return recorder.ended(trace, record);
      recorder.forget(trace);
      onDrop();
      return false;
    },
    late: (record) => recorder.late(record),
  };
}
