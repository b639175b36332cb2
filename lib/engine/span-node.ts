import { errorText } from '../common/error-text.js';
import type { CaptureField } from '../model/capture-values.js';
import { exceptionMetadata } from '../model/error-details.js';
import type { SpanKind } from '../model/kinds.js';
import { LaterObjects } from '../model/merge-json.js';
import type { FoldedSpan, FoldedText, JsonText } from '../model/records.js';
import type { Frame } from './frame.js';
import type { SpanHandle } from './handles.js';
import { live, type Mark } from './history.js';
import { type Guesses, link, noteEnd, settle } from './placement.js';
import type { Recorder } from './recorder.js';
import { currentFrame, enter, parentIn } from './scope.js';
import { currentSegment } from './segment.js';
import type { TraceNode } from './trace-node.js';

/** How a span is opened. */
export interface SpanOpening {
  readonly name: string;
  readonly kind: SpanKind;
  /** A handle stays current in the flow that opened it; a body is current only while it runs. */
  readonly isHandle: boolean;
  /** The parent was named (`s.span()`), so it is never asked about. */
  readonly isFixed: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
/** What a span holds for its record, so far. */
type SpanDraft = Mutable<FoldedSpan>;

/**
 * One span of the engine: its place in the tree and its draft. Holds text and numbers, never a value of
 * the caller's. Handles are thin views of it.
 */
export class SpanNode {
  readonly trace: TraceNode;
  readonly isHandle: boolean;
  /** The parent is certain: never ask. */
  isFixed: boolean;
  /** The parent is a handle that runs a body (`s.run`), and this span was opened in it. */
  isInBody: boolean;
  /** Only compared between a handle and what is linked to it; -1 where nobody will ask. */
  readonly segment: number;
  readonly draft: SpanDraft;
  /** The parent, unless there is a guess. */
  certain: SpanNode | undefined;
  /** With what else its link to a handle may still be wrong (see placement). */
  guess: Guesses | undefined = undefined;
  /** What may be wrong of the links to this handle. */
  linked: Guesses | undefined = undefined;
  /** Where it stands in histories, as long as they may be asked for it. */
  mark: Mark | undefined = undefined;
  /** The history of the flow that closed this handle, where it may still be asked. */
  closedWith: Mark | undefined = undefined;
  /** To be merged over the draft's before it is handed over. */
  moreMetadata: LaterObjects | undefined = undefined;
  ended = false;
  /** What was current before this handle, which was opened after its trace had ended. */
  before: Frame | undefined = undefined;
  /** The trace was handed over while this span was open: it will be sent again with its true end. */
  wasUnfinished = false;
  /** The view users hold, once somebody asked for it. */
  handle: SpanHandle | undefined = undefined;
  /** While a value is read: notes what has come of it so far, or ends what only waited for its reader. */
  partial: ((isFlush?: boolean) => void) | undefined = undefined;
  /** While a stream is read: the output so far. Changes nothing. */
  progress: (() => FoldedText | undefined) | undefined = undefined;

  constructor(trace: TraceNode, parent: SpanNode | undefined, opening: SpanOpening) {
    this.trace = trace;
    this.isHandle = opening.isHandle;
    this.isInBody = parent?.isHandle === true && currentFrame().body === parent;
    this.isFixed = opening.isFixed || this.isInBody;
    this.segment = opening.isHandle || (parent?.isHandle === true && !this.isFixed) ? currentSegment() : -1;
    this.certain = undefined;
    link(this, parent);
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
    return this.guess === undefined ? this.certain : this.guess.owner;
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

  /** A value of the caller's as text, captured now. */
  capture(value: unknown, field: CaptureField): JsonText | undefined {
    return this.recorder.value(value, field, this);
  }

  /** The same for an input or output, whose long strings need not be quoted yet. */
  captureFolded(value: unknown, field: 'input' | 'output'): FoldedText | undefined {
    return this.recorder.folded(value, field, this);
  }

  /** A text of the caller's, masked and clean. */
  text(value: string, field: CaptureField): string {
    return this.recorder.text(value, field, this);
  }

  setInputText(text: FoldedText | undefined): void {
    this.draft.input = text;
  }

  setOutput(value: unknown): void {
    this.draft.output = this.captureFolded(value, 'output');
  }

  setOutputText(text: JsonText): void {
    this.draft.output = text;
  }

  /** Merges metadata over what is there. */
  addMetadata(text: JsonText | undefined): void {
    if (text === undefined) return;
    if (this.draft.metadata === undefined) this.draft.metadata = text;
    else {
      this.moreMetadata ??= new LaterObjects();
      this.moreMetadata.add(text);
    }
  }

  /** Notes what went wrong; the span is then ERROR. */
  fail(error: unknown): void {
    this.draft.status = 'ERROR';
    this.draft.error = this.text(errorText(error), 'error');
    this.addMetadata(exceptionMetadata(this, error));
  }

  /** The first content of a streamed answer has come. */
  firstChunk(): void {
    if (this.draft.kind === 'LLM') this.draft.completionStartTime ??= this.trace.now();
  }

  /**
   * Ends the span and makes its parent current again where it was current. Once; later calls do nothing.
   *
   * @param at - milliseconds since the epoch @defaultValue now
   */
  end(at?: number): void {
    if (this.ended) return;
    // A body is current only while it runs: nothing to look up.
    const flow = this.isHandle ? currentFrame() : undefined;
    const isCurrent = flow?.trace === this.trace && parentIn(flow) === this;
    if (flow !== undefined) settle(this, flow);
    this.ended = true;
    const { draft } = this;
    if (draft.status === 'UNSET') draft.status = 'OK';
    draft.endedAt = at ?? this.trace.now();
    noteEnd(this);
    if (flow !== undefined && isCurrent) enter(this.#frameOutside(flow));
    this.trace.spanEnded(this);
  }

  /** The frame to go on with after the end, with what `setSession` and `setUser` have set since. */
  #frameOutside({ trace, who, body, history }: Frame): Frame {
    const span = parentIn({ span: this, body });
    const isOut = span === undefined && this.before !== undefined;
    const outside = isOut ? this.before : { trace, span, body };
    return { trace: outside?.trace, span: outside?.span, body: outside?.body, who, history: live(history) };
  }
}
