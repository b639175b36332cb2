import type { CallRecord } from '../../calls/call-record.js';
import { type Fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { AmbientAttributes, Frame } from '../../engine/frame.js';
import { innerFrame } from '../../engine/integration/inner-frame.js';
import { modelFrame } from '../../engine/integration/model-frame.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import { canEnter, enter } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { tokenUsageJson } from '../../model/usage.js';
import type { StepRecord } from '../adapter/step-record.js';
import type { RunFailure } from './failure.js';
import { isAnswered, isWithheld, type ModelData, toolsAskedFor, toolValue, turnUsage } from './model-calls.js';
import { detailsOf } from './shown-as.js';

/** The types of a run's outermost spans. */
export const ofRuns: ReadonlySet<unknown> = new Set(['task', 'agent']);

/** The input and output of a span. Those of an agent or a run come from the model calls below it. */
interface Exchanged {
  readonly input?: unknown;
  readonly output?: unknown;
  /** Whether the answer was streamed and left early: an abort looks the same. */
  readonly isLeft?: boolean;
}

/** An open span of the framework. A merged one has no record, and its children go to the span above it. */
export class SpanEntry {
  readonly record: StepRecord | undefined;
  readonly data: Fields;
  readonly parent: SpanEntry | undefined;
  /** The ambient attributes of the program that started the run. Changes for a model call or a tool are made in copies. */
  protected readonly ambient: AmbientAttributes;
  protected readonly outside: Frame;
  #exchanged: Exchanged = {};
  /** The model calls directly below it that have ended. */
  readonly #calls: SpanNode[] = [];
  /** Whether agents have run in this span, called by a tool. */
  #hasRun = false;
  /** Whether its last model call was left early. */
  #isLeft = false;
  /** Of a turn: how many tools its model call asks for, and how many of them have run. */
  #asked = 0;
  #ran = 0;
  /** Whether a tool in it waits for the approval of the user. The framework does not report that: the tool just does not run. */
  #isWaiting = false;

  constructor(record: StepRecord | undefined, data: Fields, parent: SpanEntry | undefined, outside: Frame) {
    this.record = record;
    this.data = data;
    this.parent = parent;
    this.ambient = parent?.ambient ?? outside.ambient;
    this.outside = { ...outside, ambient: this.ambient };
    if (data.type === 'task') parent?.runsAgents();
    if (parent === undefined) return;
    if (data.type === 'turn') parent.#isWaiting = false;
    if (data.type === 'function') parent.#ran += 1;
    // After a hand-off, other tools are not run.
    if (data.type === 'handoff') parent.#ran = Number.POSITIVE_INFINITY;
  }

  get span(): SpanNode | undefined {
    return this.record?.span ?? this.parent?.span;
  }

  get name(): string | undefined {
    return nonEmptyString(this.data.name);
  }

  /** Whether the span is a run's outermost span or below one. Spans that the user has opened outside of runs are not. */
  get isInRun(): boolean {
    return ofRuns.has(this.data.type) || this.parent?.isInRun === true;
  }

  /** Whether it is a root of the framework's trace, so that its input and output are those of the whole run. */
  get isOfRun(): boolean {
    return this.parent === undefined;
  }

  /** Makes the span current for the user's code in it: tools, guardrails and whatever else the framework calls. */
  enter(): void {
    const span = this.record?.span;
    if (span === undefined || !canEnter()) return;
    enter(span.draft.kind === 'TOOL' ? toolFrame(span, this.outside) : innerFrame(span, this.outside));
  }

  /** Takes over the input and output of a model call below it, which has ended. */
  heard(exchanged: Exchanged): void {
    if (this.data.type === 'function') return; // its input and output are its own
    const before = this.#exchanged;
    this.#exchanged = { input: before.input ?? exchanged.input, output: exchanged.output ?? before.output };
    this.#isLeft = exchanged.isLeft === true;
    const { record } = this;
    if (record !== undefined && before.input === undefined) record.input(exchanged.input);
    if (record !== undefined) record.span.partial = () => record.output(this.#exchanged.output);
    this.parent?.heard(exchanged);
  }

  /** Whether the run has ended because it waits for its user. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** A model call directly below it has ended. @param asked - how many tools it asks for */
  called(call: SpanNode, asked: number): void {
    this.#calls.push(call);
    this.#asked = asked;
  }

  end(failure: RunFailure | undefined, endedAt: number | undefined): Exchanged {
    const { record, data } = this;
    if (data.type === 'turn') {
      this.#count(data.usage);
      this.#isWaiting ||= this.#asked > this.#ran;
    }
    this.#isWaiting &&= failure === undefined && endedAt !== undefined;
    if (this.#isWaiting && this.parent !== undefined) this.parent.#isWaiting = true;
    const exchanged = this.#exchanged;
    if (record === undefined) return exchanged;
    record.span.partial = undefined;
    record.metadata(detailsOf(data));
    if (data.type === 'function') {
      record.input(toolValue(data.input));
      record.output(toolValue(data.output));
    } else record.output(exchanged.output);
    if (this.#isWaiting) record.interrupted();
    if (failure === undefined ? this.#isLeft : failure.isAborted) record.metadata({ aborted: true });
    else if (failure !== undefined) record.failWith(failure);
    record.end(endedAt);
    return exchanged;
  }

  /** Notes that agents run in this span, called by a tool. */
  runsAgents(): void {
    this.#hasRun = true;
    this.parent?.runsAgents();
  }

  /**
   * Gives the model call the tokens of its turn. The call has no counts of its own if the framework withholds its messages. But if
   * a tool in the turn has run agents, the turn's tokens may include theirs, so the call's are unknown.
   */
  #count(usage: unknown): void {
    const call = this.#calls.at(-1);
    const counts = turnUsage(usage);
    if (call === undefined || counts === undefined || this.#hasRun) return;
    if (this.#calls.some(({ draft }) => draft.tokenUsage !== undefined)) return;
    call.draft.tokenUsage = tokenUsageJson(counts, call.recorder.log);
  }
}

/** A model call. Its request and reply are known only at its end. */
export class ModelCallEntry extends SpanEntry {
  readonly #call: CallRecord;
  readonly #read: ModelData;

  constructor(call: CallRecord, read: ModelData, data: Fields, parent: SpanEntry | undefined, outside: Frame) {
    super(undefined, data, parent, outside);
    this.#call = call;
    this.#read = read;
  }

  override get span(): SpanNode {
    return this.#call.span;
  }

  override enter(): void {
    if (canEnter()) enter(modelFrame(this.span, this.outside));
  }

  override end(failure: RunFailure | undefined): Exchanged {
    const call = this.#call;
    const { data } = this;
    const { draft } = this.span;
    const isReply = isAnswered(data);
    const isLeft = failure === undefined && !isReply && !isWithheld(data);
    call.request(data);
    // A call may fail although the model has answered; the tokens of the answer count.
    if (isReply || data.usage !== undefined) call.replied(data);
    draft.name = draft.model ?? draft.name;
    if (failure === undefined && isReply) call.finished();
    else if (failure === undefined) call.unread(isLeft ? { stream_incomplete: true, aborted: true } : {});
    else if (failure.isAborted) call.unread({ aborted: true });
    else call.failed(undefined, failure);
    const { input, output } = this.#read;
    this.parent?.heard({ input, output, isLeft });
    this.parent?.called(this.span, toolsAskedFor(output));
    return { input, output };
  }
}
