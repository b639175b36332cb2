import { newId } from '../common/ids.js';
import { spanIdStart } from '../common/span-hex.js';
import type { CaptureField } from '../model/capture-values.js';
import type { TraceStatus } from '../model/kinds.js';
import { LaterObjects, mergeObjects } from '../model/merge-json.js';
import type { CapturedSpan, CapturedText, CapturedTrace, JsonText } from '../model/records.js';
import { thrownText } from '../model/thrown-text.js';
import { emptyFrame, type Frame } from './frame.js';
import type { TraceHandle } from './handles.js';
import { forget, live } from './history.js';
import type { Recorder } from './recorder.js';
import type { RemotePlace } from './remote-origin.js';
import { currentFrame, enter, openFrame, openPlaceIn } from './scope.js';
import { SpanNode, type SpanOpening } from './span-node.js';

/** Fields of a new trace. Every text is masked and clean. */
interface TraceOpening {
  readonly name: string;
  readonly isHandle: boolean;
  /** The frame that is current. */
  readonly outside: Frame;
  readonly sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly tags: readonly string[];
  /** The id of a trace that another process has started. That process ends it and reports it. */
  readonly remoteId?: string | undefined;
}

/** One trace: its spans in the order they were opened, and the fields of its record. */
export class TraceNode {
  readonly recorder: Recorder;
  readonly traceId: string;
  readonly name: string;
  readonly isHandle: boolean;
  /** The session. A framework may set it after the trace has started. */
  sessionId: string | undefined;
  readonly userId: string | undefined;
  readonly tags: readonly string[];
  readonly startedAt: number;
  /** The frame in which it started. It is current again when the trace has ended, without traces that have ended by then. */
  outer: Frame | undefined;
  input: CapturedText | undefined = undefined;
  output: CapturedText | undefined = undefined;
  metadata: JsonText | undefined = undefined;
  /** The status that the caller has set; an error takes precedence. */
  status: TraceStatus | undefined = undefined;
  error: string | undefined = undefined;
  failed = false;
  /** Whether a traced function inside this trace has started a separate trace. */
  hasSeparate = false;
  ended = false;
  /** Its place in a trace of another process, if it continues one. */
  readonly remote: RemotePlace | undefined;
  /** The user's handle, made at the first request. */
  handle: TraceHandle | undefined = undefined;
  /** While a stream is read: records its output so far, or ends the trace if nobody reads. Called before the trace is handed over. */
  partial: (() => void) | undefined = undefined;
  /** While a stream is read: returns its output so far, and changes nothing. */
  progress: (() => CapturedText | undefined) | undefined = undefined;
  /** Wall-clock time of the monotonic clock's zero, read once: setting the wall clock changes no duration in the trace. */
  readonly #anchor: number;
  /** All its spans in the order they were opened; emptied when the trace ends. */
  spans: SpanNode[] = [];
  #isKept = false;
  /** The first half of its spans' ids. */
  #idStart: string | undefined;
  /** Metadata to merge over `metadata` when the record is made. */
  moreMetadata: LaterObjects | undefined = undefined;

  constructor(recorder: Recorder, opening: TraceOpening) {
    this.recorder = recorder;
    const now = recorder.clock.now();
    this.#anchor = recorder.clock.anchorAt(now); // before the id is made: see `createClock`
    this.startedAt = this.#anchor + now;
    this.remote = opening.outside.ambient.remote?.placeOf(opening.outside, recorder);
    const known = opening.remoteId ?? this.remote?.traceId;
    const joined = known === undefined ? recorder.joined?.() : undefined;
    this.traceId = known ?? joined?.traceId ?? newId();
    this.metadata = joined?.metadata;
    this.name = opening.name;
    this.isHandle = opening.isHandle;
    this.sessionId = opening.sessionId;
    this.userId = opening.userId;
    this.tags = opening.tags;
    this.outer = openFrame(opening.outside);
    if (opening.remoteId !== undefined) return;
    recorder.opened(this);
    if (recorder.isLeftOut !== true) opening.outside.ambient.onTraceStarted?.(this.traceId);
  }

  get traceName(): string {
    return this.name;
  }

  /** Milliseconds since the epoch, with a fraction. */
  now(): number {
    return this.#anchor + this.recorder.clock.now();
  }

  /** The id of a new span. Its first half is derived from the trace id: `traceparent` has only the second half, eight bytes. */
  newSpanId(): string {
    this.#idStart ??= spanIdStart(this.traceId);
    return this.#idStart + newId().slice(this.#idStart.length);
  }

  open(parent: SpanNode | undefined, opening: SpanOpening): SpanNode {
    const span = new SpanNode(this, parent, opening);
    if (!this.ended) this.spans.push(span);
    else if (this.#isKept) keepLate(span, this.recorder);
    return span;
  }

  /** Whether it has ended and its record is made. */
  get isHandedOver(): boolean {
    return this.ended && this.spans.length === 0;
  }

  capture(value: unknown, field: CaptureField): JsonText | undefined {
    return this.recorder.value(value, field, this);
  }

  captureText(value: unknown, field: 'input' | 'output'): CapturedText | undefined {
    return this.recorder.captured(value, field, this);
  }

  text(value: string, field: CaptureField): string {
    return this.recorder.text(value, field, this);
  }

  setInputText(text: CapturedText | undefined): void {
    this.input = text;
  }

  setOutput(value: unknown): void {
    this.output = this.captureText(value, 'output');
  }

  setOutputText(text: JsonText): void {
    this.output = text;
  }

  /** Merges metadata over the existing metadata. */
  addMetadata(text: JsonText | undefined): void {
    if (text === undefined) return;
    if (this.metadata === undefined) this.metadata = text;
    else {
      this.moreMetadata ??= new LaterObjects();
      this.moreMetadata.add(text);
    }
  }

  /** Records an error; the trace's status is then ERROR. */
  fail(error: unknown): void {
    this.failed = true;
    this.error = thrownText(this, error);
    // If the error came through a span, the span has the details.
    if (!this.spans.some(({ draft }) => draft.error === this.error))
      this.addMetadata(this.recorder.capture?.exception?.(this, error));
  }

  /** A trace has no time to first token. */
  firstChunk(): void {}

  /** Ends the trace and gives its record to the recorder; spans that are still open are marked. Later calls do nothing. */
  end(): void {
    if (this.ended) return;
    // A callback's trace is current only while the callback runs.
    const flow = this.isHandle ? currentFrame() : undefined;
    const isCurrent = flow !== undefined && openPlaceIn(flow)?.trace === this;
    this.ended = true;
    // Drops ended traces from the chain of outer frames, so that overlapping traces do not make it grow for ever.
    if (this.outer !== undefined) this.outer = openFrame(this.outer);
    if (flow !== undefined && isCurrent) enter(this.#frameOutside(flow));
    this.partial?.();
    const endedAt = this.now();
    const spans = this.spans.map((span) => span.handOver(endedAt));
    this.spans = [];
    if (this.hasSeparate && spans.length === 0) {
      this.recorder.log.debug(
        `the trace ${this.name} has no spans: what ran in it is a trace of its own; nested: 'span' makes it a span`,
      );
    }
    this.#isKept = this.recorder.ended(this, this.#record(endedAt, spans));
  }

  /** Ends the trace with an error, because nobody else does. */
  giveUp(why: string): void {
    this.partial?.();
    if (this.ended) return;
    this.fail(why);
    // Nobody ends its open handles any more. Their marks would keep the trace in memory as long as its flow has further traces.
    this.spans.forEach(forget);
    this.end();
    this.outer = undefined;
  }

  /** Called at the end of each span. After the trace's end, the span is sent on its own. */
  spanEnded(span: SpanNode): void {
    if (this.#isKept) {
      this.recorder.openLate?.delete(span);
      this.late([span.lateRecord()]);
    } else if (this.recorder.isMuted) this.spans.splice(this.spans.lastIndexOf(span), 1);
  }

  /** Sends a span that was opened after the trace's end and is still open, in its present state. */
  handOverOpen(span: SpanNode): void {
    this.late([span.handOver(this.now())]);
  }

  protected late(spans: readonly CapturedSpan[]): void {
    const record = { traceId: this.traceId, spans };
    this.recorder.late(this.remote?.late?.(record) ?? record);
  }

  #record(endedAt: number, spans: readonly CapturedSpan[]): CapturedTrace {
    if (this.moreMetadata !== undefined) this.metadata = this.moreMetadata.mergedInto(this.metadata);
    return {
      traceId: this.traceId,
      name: this.name,
      status: this.failed ? 'ERROR' : (this.status ?? 'COMPLETED'),
      startedAt: this.startedAt,
      endedAt,
      input: this.input,
      output: this.output,
      metadata: withError(this.error, this.metadata),
      sessionId: this.sessionId,
      userId: this.userId,
      tags: this.tags,
      environment: this.recorder.environment,
      release: this.recorder.release,
      spans,
    };
  }

  /** The frame that is current after the end: the outer one. It keeps what `setSession` and `setUser` have set meanwhile. */
  #frameOutside({ ambient, history }: Frame): Frame {
    const outside = this.outer ?? emptyFrame;
    return {
      trace: outside.trace,
      span: outside.span,
      callbackSpan: outside.callbackSpan,
      ambient,
      history: history && live(history),
    };
  }
}

/** Adds the error to a trace's metadata: the backend's trace has no field for it. */
export function withError(error: string | undefined, metadata: JsonText | undefined): JsonText | undefined {
  // The text was captured, so it has nothing that the backend cannot store.
  return error === undefined ? metadata : mergeObjects(`{"error":${JSON.stringify(error)}}` as JsonText, metadata);
}

/** Most open late spans. Of more, the oldest is taken for abandoned if it is a handle; a callback runs on, and ends its span itself. */
const maxOpenLate = 10_000;

/** Remembers an open late span, which is sent at the process's end if it never ends. */
export function keepLate(span: SpanNode, { openLate }: Recorder): void {
  if (openLate === undefined) return;
  openLate.add(span);
  const [oldest] = openLate;
  if (openLate.size <= maxOpenLate || oldest === undefined) return;
  openLate.delete(oldest);
  if (!oldest.isHandle) return;
  oldest.fail('never ended');
  oldest.end();
  oldest.letGo();
}
