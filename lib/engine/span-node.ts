import type { CaptureField } from '../model/capture-values.js';
import type { SpanKind } from '../model/kinds.js';
import { LaterObjects, mergeObjects } from '../model/merge-json.js';
import type { CapturedSpan, CapturedText, JsonText } from '../model/records.js';
import { thrownText } from '../model/thrown-text.js';
import type { Frame } from './frame.js';
import type { SpanHandle } from './handles.js';
import { live, type Mark } from './history.js';
import { type Guesses, linkTentatively, resolveEnded, resolveParents } from './parent-resolution.js';
import type { Recorder } from './recorder.js';
import { currentFrame, enter, nearestOpen, parentIn } from './scope.js';
import { currentSyncTurn } from './sync-turn.js';
import type { TraceNode } from './trace-node.js';

/** How a span is opened. */
export interface SpanOpening {
  readonly name: string;
  readonly kind: SpanKind;
  /** A handle stays current in the flow that opened it; a callback's span only while the callback runs. */
  readonly isHandle: boolean;
  /** The caller named the parent (`s.span()`), so it never changes. */
  readonly hasExplicitParent: boolean;
}

/** The metadata key that marks an unfinished span. */
const unfinishedKey = 'pandaprobe.unfinished';
const unfinished = `{"${unfinishedKey}":true}` as JsonText; // constant JSON text
const finished = `{"${unfinishedKey}":false}` as JsonText; // constant JSON text

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** The fields of a span's record, so far. */
type SpanDraft = Mutable<CapturedSpan>;

/**
 * One span: its place in the tree, and the draft of its record. Holds text and numbers, never a value of the caller. Handles are
 * thin views of it.
 */
export class SpanNode {
  readonly trace: TraceNode;
  readonly isHandle: boolean;
  /** The parent is certain and never changes. */
  hasExplicitParent: boolean;
  /** The parent is a handle that runs a callback (`s.run`), and this span was opened in that callback. */
  openedInCallback: boolean;
  /** The synchronous turn in which it was opened; -1 if it is not needed. It is compared with that of a handle above or below. */
  readonly syncTurn: number;
  readonly draft: SpanDraft;
  /** The parent if it is decided, so that there is no `guess`. */
  decidedParent: SpanNode | undefined;
  /** The spans whose parent may still change together with this one's (see `parent-resolution.ts`). */
  guess: Guesses | undefined = undefined;
  /** For an open handle: the spans below it whose parent may still change. */
  guessesBelow: Guesses | undefined = undefined;
  /** Its newest mark in a history, while its parent may change or it is an open handle. */
  mark: Mark | undefined = undefined;
  /** The history of the flow that closed this handle, if spans below it are still open. */
  closedWith: Mark | undefined = undefined;
  /** Metadata to merge over the draft's when the record is made. */
  moreMetadata: LaterObjects | undefined = undefined;
  ended = false;
  /** The frame before this handle, if the handle was opened after its trace had ended. */
  before: Frame | undefined = undefined;
  /** Whether the trace was sent while this span was open. If so, the span is sent again when it ends. */
  sentWhileOpen = false;
  /** The user's handle, made at the first request. */
  handle: SpanHandle | undefined = undefined;
  /** While a stream is read: records its output so far, or ends the span if nobody reads. Called before the span is handed over. */
  partial: (() => void) | undefined = undefined;
  /** While a stream is read: returns its output so far, and changes nothing. */
  progress: (() => CapturedText | undefined) | undefined = undefined;

  constructor(trace: TraceNode, parent: SpanNode | undefined, opening: SpanOpening) {
    this.trace = trace;
    this.isHandle = opening.isHandle;
    this.openedInCallback = parent?.isHandle === true && currentFrame().callbackSpan === parent;
    this.hasExplicitParent = opening.hasExplicitParent || this.openedInCallback;
    this.syncTurn = opening.isHandle || (parent?.isHandle === true && !this.hasExplicitParent) ? currentSyncTurn() : -1;
    this.decidedParent = undefined;
    linkTentatively(this, parent);
    this.draft = {
      spanId: trace.newSpanId(),
      parentSpanId: undefined,
      name: opening.name,
      kind: opening.kind,
      status: 'UNSET',
      startedAt: trace.now(),
      endedAt: undefined,
      completionStartTime: undefined,
      model: undefined,
      error: undefined,
      input: undefined,
      output: undefined,
      metadata: undefined,
      modelParameters: undefined,
      tokenUsage: undefined,
      cost: undefined,
    };
  }

  get parent(): SpanNode | undefined {
    return this.guess === undefined ? this.decidedParent : this.guess.owner;
  }

  get traceName(): string {
    return this.trace.name;
  }

  get spanName(): string {
    return this.draft.name;
  }

  get kind(): SpanKind {
    return this.draft.kind;
  }

  get recorder(): Recorder {
    return this.trace.recorder;
  }

  /** Captures a caller's value as JSON text. */
  capture(value: unknown, field: CaptureField): JsonText | undefined {
    return this.recorder.value(value, field, this);
  }

  /** Captures an input or output; its long strings are quoted later. */
  captureText(value: unknown, field: 'input' | 'output'): CapturedText | undefined {
    return this.recorder.captured(value, field, this);
  }

  /** Masks a caller's text and removes what the backend cannot store. */
  text(value: string, field: CaptureField): string {
    return this.recorder.text(value, field, this);
  }

  setInputText(text: CapturedText | undefined): void {
    this.draft.input = text;
  }

  setOutput(value: unknown): void {
    this.draft.output = this.captureText(value, 'output');
  }

  setOutputText(text: JsonText): void {
    this.draft.output = text;
  }

  /** Merges metadata over the existing metadata. */
  addMetadata(text: JsonText | undefined): void {
    if (text === undefined) return;
    if (this.draft.metadata === undefined) this.draft.metadata = text;
    else {
      this.moreMetadata ??= new LaterObjects();
      this.moreMetadata.add(text);
    }
  }

  /** Records an error; the span's status is then ERROR. */
  fail(error: unknown): void {
    this.draft.status = 'ERROR';
    this.draft.error = thrownText(this, error);
    this.addMetadata(this.recorder.capture?.exception?.(this, error));
  }

  /** Records the time of the first content of a streamed answer. */
  firstChunk(): void {
    if (this.draft.kind === 'LLM') this.draft.completionStartTime ??= this.trace.now();
  }

  /**
   * Ends the span. If it was current, its parent becomes current again. Later calls do nothing.
   *
   * @param at - milliseconds since the epoch
   * @defaultValue now
   */
  end(at?: number): void {
    if (this.ended) return;
    // A callback's span is current only while the callback runs, so its children need no resolving.
    const flow = this.isHandle ? currentFrame() : undefined;
    const isCurrent = flow?.trace === this.trace && parentIn(flow) === this;
    if (flow !== undefined) resolveParents(this, flow);
    this.ended = true;
    const { draft } = this;
    if (draft.status === 'UNSET') draft.status = 'OK';
    draft.endedAt = at ?? this.trace.now();
    resolveEnded(this);
    if (flow !== undefined && isCurrent) enter(this.#frameOutside(flow));
    this.trace.spanEnded(this);
    if (!this.isHandle && this.trace.isHandedOver) this.letGo();
  }

  /**
   * Lets go of the ended spans above; call it when the span's record is made. If each span starts in the one before, as those of a
   * method that schedules itself again do, all of them would stay in memory.
   */
  letGo(): void {
    this.decidedParent = nearestOpen(this.parent);
    this.before = undefined;
  }

  /** The record for the trace that ends now. A span that is still open is marked; it is sent again when it ends. */
  handOver(endedAt: number): CapturedSpan {
    this.partial?.();
    const record = this.#record();
    if (this.ended) return record;
    this.sentWhileOpen = true;
    return { ...record, endedAt, metadata: mergeObjects(record.metadata, unfinished) };
  }

  /** The record of a span that has ended after its trace. If it was sent while open, its mark `unfinished` is set to false. */
  lateRecord(): CapturedSpan {
    const record = this.#record();
    return { ...record, metadata: this.sentWhileOpen ? mergeObjects(record.metadata, finished) : record.metadata };
  }

  /** The record so far, with the parent as it is decided now. */
  #record(): CapturedSpan {
    const { draft, moreMetadata } = this;
    draft.parentSpanId = this.parent?.draft.spanId;
    if (moreMetadata !== undefined) {
      draft.metadata = moreMetadata.mergedInto(draft.metadata);
      this.moreMetadata = undefined;
    }
    return draft;
  }

  /** The frame that is current after the end. It keeps what `setSession` and `setUser` have set meanwhile. */
  #frameOutside({ trace, ambient, callbackSpan, history }: Frame): Frame {
    const span = parentIn({ span: this, callbackSpan });
    const outside = (span === undefined && this.before) || { trace, span, callbackSpan };
    // Written out: V8 takes 1 µs to spread a place.
    return {
      trace: outside.trace,
      span: outside.span,
      callbackSpan: outside.callbackSpan,
      ambient,
      history: live(history),
    };
  }
}
