import { CallRecord } from '../../calls/call-record.js';
import { type ErrorFacts, errorFacts } from '../../calls/error-facts.js';
import { type Fields, fields, nonEmptyString } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { innerFrame } from '../../engine/integration/inner-frame.js';
import { modelFrame } from '../../engine/integration/model-frame.js';
import { toolFrame } from '../../engine/integration/tool-span.js';
import type { SpanNode } from '../../engine/span-node.js';
import { lastAssistantMessage, lastUserMessage } from '../../model/messages.js';
import type { FrameworkOptions } from '../adapter/options.js';
import type { Step } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { askedMessages, modelAdapter, replyMessage, turn } from './model-call.js';

/** Milliseconds since the epoch, of a date or its text; NaN for anything else. */
export const timeOf = (at: unknown): number => (at instanceof Date ? at.getTime() : Date.parse(`${at}`));

/** An open span of Mastra. A merged one has no span here: its children go to the span above it. */
export class Entry {
  readonly type: unknown;
  readonly parent: Entry | undefined;
  /** The program's frame. Changes for a model call or a tool are made in frames derived from it. */
  readonly outside: Frame;

  constructor({ type }: Fields, parent: Entry | undefined, outside: Frame) {
    this.type = type;
    this.parent = parent;
    this.outside = parent === undefined ? outside : { ...outside, ambient: parent.outside.ambient };
  }

  /** Our span for it; undefined for a merged one. */
  get own(): SpanNode | undefined {
    return undefined;
  }

  /** The parent of its children. */
  get span(): SpanNode | undefined {
    return this.own ?? this.parent?.span;
  }

  /** The frame for the program's code in this span, including code that decides how a workflow goes on. */
  get frame(): Frame | undefined {
    const span = this.own ?? (`${this.type}`.startsWith('workflow_') ? this.span : undefined);
    return span && innerFrame(span, this.outside);
  }

  /** The nearest entry of this class: itself, or one above it. */
  nearest<E extends Entry>(kind: abstract new (...args: never[]) => E): E | undefined {
    return this instanceof kind ? this : this.parent?.nearest(kind);
  }

  /** @param span - the span at its end; `{}` if its end was not reported */
  end(_span: Fields): void {}
}

/** One loop of model calls. Mastra reports its messages only for the first call. */
export class GenerationEntry extends Entry {
  readonly #messages: unknown[];
  readonly #results = new Map<unknown, unknown>();
  /** The part that had arrived when it was aborted. */
  partial: unknown;
  /** Whether its model calls are reported; the program may have filtered them out. */
  hasCalls = false;

  constructor(span: Fields, parent: Entry | undefined, outside: Frame) {
    super(span, parent, outside);
    this.#messages = [...askedMessages(span.input)];
  }

  get input(): unknown {
    return this.#messages.length === 0 ? undefined : { messages: [...this.#messages] };
  }

  answered(output: unknown): void {
    this.#messages.push(...turn(output, this.#results));
  }

  /** A tool's own result; the result for the model, if it differs, comes later. */
  toolGave(id: unknown, result: unknown): void {
    this.#results.set(id, result);
  }

  override end({ output }: Fields): void {
    this.partial = output;
  }
}

/** The conversion of a tool's result to the form for the model: `{ type: 'text', value }`. */
export class MappingEntry extends Entry {
  override end({ attributes, output }: Fields): void {
    const { toolCallId } = fields(attributes);
    const { value } = fields(output);
    if (toolCallId !== undefined && value !== undefined) this.nearest(GenerationEntry)?.toolGave(toolCallId, value);
  }
}

/** An agent, a workflow, a tool or whatever else has a span. */
export class StepEntry extends Entry {
  readonly record: StepRecord;
  readonly #hasInput: boolean;

  constructor(span: Fields, parent: Entry | undefined, outside: Frame, step: Step, options: FrameworkOptions) {
    super(span, parent, outside);
    this.record = new StepRecord(step, options);
    this.#hasInput = span.input !== undefined;
    this.started(span);
  }

  override get own(): SpanNode {
    return this.record.span;
  }

  protected started({ input }: Fields): void {
    this.record.input(input);
  }

  override end(span: Fields): void {
    const { record } = this;
    if (!this.#hasInput) record.input(span.input);
    record.output(span.output);
    this.over(span);
  }

  protected over({ errorInfo, endTime }: Fields, isAborted = false): void {
    const { record } = this;
    const failure = failureOf(errorInfo);
    if (isAborted || failure?.metadata.aborted === true) record.metadata({ aborted: true });
    else if (failure !== undefined) record.failWith(failure);
    else if (endTime === undefined) record.metadata({ incomplete: true });
    record.end(timeOf(endTime));
  }
}

export class ToolEntry extends StepEntry {
  override get frame(): Frame {
    return toolFrame(this.own, this.outside);
  }

  protected override started(span: Fields): void {
    const { attributes, metadata } = span;
    // A tool that runs outside of this process has its arguments in the metadata.
    this.record.input(span.input ?? fields(metadata).args);
    this.record.metadata({ tool_call_id: nonEmptyString(fields(attributes).toolCallId) });
    this.parent?.nearest(AgentEntry)?.toolStarted(this.parent, this.own.draft.startedAt);
  }

  override end(span: Fields): void {
    const { attributes, output, errorInfo } = span;
    this.nearest(GenerationEntry)?.toolGave(fields(attributes).toolCallId, output ?? fields(errorInfo).message);
    super.end(errorInfo === undefined && fields(attributes).success === false ? refused(span) : span);
  }
}

/** The error of a tool that got invalid arguments and did not run. It quotes them below the first line. */
function refused(span: Fields): Fields {
  const [message] = `${nonEmptyString(fields(span.output).message) ?? 'the tool gave no result'}`.split('\n');
  return { ...span, errorInfo: { message } };
}

/** A run of an agent. Only its end says why a model call in it failed or was aborted. */
export class AgentEntry extends StepEntry {
  /** The model calls that are running, or have ended without an answer. */
  readonly #calls = new Set<ModelEntry>();

  modelCalled(call: ModelEntry): void {
    for (const before of this.#calls) if (before.isWaiting) this.#endWaiting(before);
    this.#calls.add(call);
  }

  modelAnswered(call: ModelEntry): void {
    this.#calls.delete(call);
  }

  /** Ends the model call that asked for the tool, although the framework reports its end later. */
  toolStarted(step: Entry | undefined, at: number): void {
    const running = [...this.#calls];
    (running.find(({ parent }) => parent === step) ?? running.at(-1))?.endBy(at);
  }

  protected override started({ input }: Fields): void {
    const messages = askedMessages(input);
    if (messages.length > 0) this.record.input({ messages }, lastUserMessage({ messages }));
    else this.record.input(input);
  }

  override end(span: Fields): void {
    const { record } = this;
    const { status, object, tripwire } = fields(span.output);
    const isAborted = status === 'aborted';
    const message = replyMessage(span.output);
    const said = message && { messages: [message] };
    record.metadata({ tools: fields(span.attributes).availableTools });
    record.output(object ?? said, object ?? (said && lastAssistantMessage(said)));
    record.metadata({ status: isAborted ? undefined : nonEmptyString(status), tripwire });
    for (const call of this.#calls) call.unanswered(failureOf(span.errorInfo), isAborted);
    this.over(span, isAborted);
  }

  /** Ends a failed call, because another one follows: a fallback model, or a retry. */
  #endWaiting(call: ModelEntry): void {
    this.#calls.delete(call);
    call.unanswered(undefined, false);
  }
}

/** The error text if the framework gives none. */
const unknownFailure: ErrorFacts = { text: 'the model call failed', metadata: {} };

/** One call of a model. */
export class ModelEntry extends Entry {
  readonly #call: CallRecord;
  readonly #agent: AgentEntry | undefined;
  readonly #generation: GenerationEntry | undefined;
  /** The end of its reply or the start of its first tool, whichever is earlier. */
  #endedAt = Number.POSITIVE_INFINITY;
  #firstAt = Number.NaN;
  #hasFailed = false;
  /** Whether it has ended without an answer. The agent's end will say why. */
  isWaiting = false;

  constructor(span: Fields, parent: Entry | undefined, outside: Frame, step: Step, options: FrameworkOptions) {
    super(span, parent, outside);
    const isModel = step.span.draft.kind === 'LLM';
    this.#agent = isModel ? parent?.nearest(AgentEntry) : undefined;
    this.#generation = isModel ? parent?.nearest(GenerationEntry) : undefined;
    this.#call = new CallRecord(step.span, step.trace, modelAdapter(isModel ? 'LLM' : 'EMBEDDING'), options);
    this.#call.request({ input: isModel ? this.#generation?.input : span.input, attributes: span.attributes });
    if (this.#generation !== undefined) this.#generation.hasCalls = true;
    this.#agent?.modelCalled(this);
  }

  override get own(): SpanNode {
    return this.#call.span;
  }

  override get frame(): Frame {
    return modelFrame(this.own, this.outside);
  }

  /** A part of the answer has begun. */
  chunkStarted(at: number): void {
    if (Number.isNaN(this.#firstAt)) this.#firstAt = at;
  }

  endBy(at: number): void {
    if (at < this.#endedAt) this.#endedAt = at;
  }

  override end(span: Fields): void {
    const { finishReason, completionStartTime, model, responseModel } = fields(span.attributes);
    const { draft } = this.own;
    // Which facts Mastra reports at the start of a call depends on the spans that the program leaves out.
    if (draft.model === undefined) draft.name = nonEmptyString(model) ?? nonEmptyString(responseModel) ?? draft.name;
    this.endBy(timeOf(span.endTime));
    // For every call in a run, the framework reports when the first call began to answer.
    this.chunkStarted(timeOf(completionStartTime));
    if (span.output !== undefined) this.#generation?.answered(span.output);
    const failure = failureOf(span.errorInfo);
    this.#hasFailed = finishReason === 'error';
    const isCut = this.#hasFailed || finishReason === 'aborted' || nonEmptyString(finishReason) === undefined;
    const isAnswered = draft.kind === 'EMBEDDING' || !isCut;
    this.isWaiting = !isAnswered && failure === undefined && span.endTime !== undefined && this.#agent !== undefined;
    if (this.isWaiting) return;
    this.#agent?.modelAnswered(this);
    if (failure !== undefined || !isAnswered) {
      this.unanswered(failure, false);
      return;
    }
    this.#call.replied(span);
    this.#over(() => this.#call.finished());
  }

  /** Ends the call without an answer. */
  unanswered(known: ErrorFacts | undefined, isAborted: boolean): void {
    const failure = known ?? (this.#hasFailed ? unknownFailure : undefined);
    const partial = replyMessage(this.#generation?.partial);
    if (partial !== undefined) this.#call.replied({ output: { text: partial.content } });
    this.#over(() => {
      if (isAborted || failure?.metadata.aborted === true) this.#call.unread({ aborted: true });
      else if (failure === undefined) this.#call.unread({ incomplete: true });
      else this.#call.failed(undefined, failure);
    });
  }

  #over(end: () => void): void {
    const { draft } = this.own;
    if (Number.isFinite(this.#endedAt)) this.#call.endedAt = this.#endedAt;
    const first = Math.min(this.#firstAt, this.#endedAt); // of clocks that may be a millisecond apart
    if (first >= draft.startedAt) draft.completionStartTime ??= first;
    end();
  }
}

/** Why a span failed, without its `details`, which quote the request. */
function failureOf(errorInfo: unknown): ErrorFacts | undefined {
  const { name, message } = fields(errorInfo);
  if (nonEmptyString(message) === undefined && nonEmptyString(name) === undefined) return undefined;
  return errorFacts({ name: nonEmptyString(name) ?? 'Error', message });
}
