import { type Clock, createClock } from '../../common/clock.js';
import type { Log } from '../../common/log.js';
import type { EstimateCost, Settings } from '../../config/options.js';
import type { Recorder } from '../../engine/recorder.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { Capture } from '../../model/capture-values.js';
import type { CapturedLateSpans, CapturedSpan, CapturedTrace, ScoreRecord } from '../../model/records.js';
import type { withEstimatedCosts } from '../loading/estimated-cost.js';
import type { SinkGroup } from '../sinks/sink-group.js';
import { HeldRecords } from './held-records.js';
import { joinedOtelSpan } from './joined-otel-span.js';
import { namesOnly } from './names-only.js';

/** Most traces that may be open at once; beyond it the oldest is taken for abandoned. */
const maxOpen = 10_000;

/** A trace of the engine, or of another tracer. */
export type AnyTrace = Pick<TraceNode, 'traceId'> & Partial<TraceNode>;

/** What the recorders of one client share. */
interface OpenWork {
  /** The open traces by {@link keyOf}, oldest first. */
  readonly traces: Map<string, TraceNode>;
  readonly lateSpans: Set<SpanNode>;
  readonly unread: NonNullable<Recorder['unread']>;
  /** Captures values. */
  capture: Capture;
  /** Estimates costs; undefined until the package's second file is loaded. */
  withCosts: typeof withEstimatedCosts | undefined;
  /** Made by the first record that waits for its trace, and by the first trace that is left out. */
  held: HeldRecords | undefined;
}

function nothingOpen(capture: Capture): OpenWork {
  return { traces: new Map(), lateSpans: new Set(), unread: new Set(), capture, withCosts: undefined, held: undefined };
}

/** Decides whether a trace that has ended is handed on. */
interface Sampling {
  keeps(record: CapturedTrace): boolean;
}

/** Joins the engine to the sinks: captures values, knows the open traces, and passes finished ones to the sinks. */
export class ClientRecorder implements Recorder {
  readonly log: Log;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly destination: string;
  readonly maxValueBytes: number;
  readonly captureInput: boolean;
  readonly captureOutput: boolean;
  readonly isLeftOut: boolean;
  readonly joined: Recorder['joined'];
  readonly clock: Clock = createClock();
  readonly openLate: Set<SpanNode>;
  readonly unread: OpenWork['unread'];
  readonly #sinks: SinkGroup;
  readonly #estimateCost: EstimateCost | undefined;
  readonly #open: OpenWork;
  readonly #sampling: Sampling | undefined;

  /**
   * @param sampling - which of its traces are handed on @defaultValue all
   * @param other - another recorder of the same client, whose open traces it shares
   */
  constructor(settings: Settings, sinks: SinkGroup, log: Log, sampling?: Sampling, other?: ClientRecorder) {
    this.log = log;
    this.environment = settings.environment;
    this.release = settings.release;
    this.destination = `${settings.endpoint} ${settings.projectName}`;
    this.maxValueBytes = settings.maxValueBytes;
    this.captureInput = settings.captureInput;
    this.captureOutput = settings.captureOutput;
    this.joined = settings.joinOtel ? joinedOtelSpan : undefined;
    this.#sinks = sinks;
    this.#estimateCost = settings.estimateCost;
    this.#sampling = sampling;
    this.isLeftOut = sampling !== undefined;
    this.#open = other === undefined ? nothingOpen(namesOnly(settings.mask !== undefined)) : other.#open;
    this.openLate = this.#open.lateSpans;
    this.unread = this.#open.unread;
  }

  /** Takes what is in the package's second file, for all recorders of the client. */
  use(capture: Capture, withCosts: typeof withEstimatedCosts): void {
    this.#open.capture = capture;
    this.#open.withCosts = withCosts;
  }

  get capture(): Capture {
    return this.#open.capture;
  }

  get value(): Capture['value'] {
    return this.capture.value;
  }

  get captured(): Capture['captured'] {
    return this.capture.captured;
  }

  get text(): Capture['text'] {
    return this.capture.text;
  }

  opened(trace: TraceNode): void {
    const { traces } = this.#open;
    traces.set(keyOf(trace), trace);
    this.#sinks.opened(traces);
    if (traces.size <= maxOpen) return;
    const [oldest] = traces.values();
    if (oldest === undefined) return;
    this.log.warn('open traces', `more than ${maxOpen} traces are open; the oldest is sent as it is`);
    oldest.giveUp('never ended');
  }

  ended(trace: AnyTrace, record: CapturedTrace): boolean {
    const key = keyOf(trace);
    this.#open.traces.delete(key);
    if (this.#sampling?.keeps(record) === false) {
      this.leaveOut(trace);
      return false;
    }
    const waiting = this.#open.held?.release(key);
    const handed = trace.remote?.handedOver(record, trace.error) ?? record;
    if ('status' in handed) this.send(handed);
    else this.late(handed);
    for (const send of waiting ?? []) send();
    return true;
  }

  /**
   * Notes that neither the trace nor its scores are sent. Not if a trace with this id is open: this process has asked itself, and the
   * caller's trace may still end with an error.
   */
  leaveOut(trace: AnyTrace): void {
    if (!this.#open.traces.has(trace.traceId)) this.#held.leaveOut(trace);
  }

  score(record: ScoreRecord): void {
    this.#afterTrace(record.traceId, () => this.#sinks.score(record));
  }

  late(record: CapturedLateSpans): void {
    this.#afterTrace(record.traceId, () => this.#sinks.lateSpans(this.priced(record)));
  }

  /** Sends at once, or when the trace has ended; if the trace is left out, not at all. */
  #afterTrace(traceId: string, send: () => void): void {
    if (this.#open.traces.has(traceId)) this.#held.hold(traceId, send);
    else if (this.#open.held?.isLeftOut(traceId) !== true) send();
  }

  /** Hands a trace on to the sinks. */
  send(record: CapturedTrace): void {
    this.#sinks.trace(this.priced(record));
  }

  /** Whether a trace is open, or a span of one that has ended. */
  get isOpen(): boolean {
    return this.#open.traces.size + this.openLate.size > 0;
  }

  /** Ends the open traces as they are, because the process or client ends. */
  endOpen(what: 'process' | 'client'): void {
    for (const trace of [...this.#open.traces.values()]) trace.giveUp(`the ${what} ended before the trace did`);
    for (const span of this.openLate) span.trace.handOverOpen(span);
    this.openLate.clear();
  }

  get #held(): HeldRecords {
    this.#open.held ??= new HeldRecords();
    return this.#open.held;
  }

  priced<T extends { readonly spans: readonly CapturedSpan[] }>(record: T): T {
    const estimate = this.#estimateCost;
    // The estimate gets objects of its own realm; the second file may have been loaded in another one.
    return (estimate && this.#open.withCosts?.(record, estimate, this.log, JSON.parse)) ?? record;
  }
}

/** The id of an open trace; if it is recorded as a span of another process's trace, the id of that span. */
function keyOf({ remote, traceId }: AnyTrace): string {
  return remote?.spanId ?? traceId;
}
