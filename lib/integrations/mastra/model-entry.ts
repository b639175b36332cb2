import { CallRecord } from '../../calls/call-record.js';
import type { ErrorFacts } from '../../calls/error-facts.js';
import { type Fields, fields, nonEmptyString, parsed } from '../../calls/read-unknown.js';
import type { Frame } from '../../engine/frame.js';
import { modelFrame } from '../../engine/integration/model-frame.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { FrameworkOptions } from '../adapter/options.js';
import type { Step } from '../adapter/step.js';
import { AgentEntry } from './agent-entry.js';
import { Entry, timeOf } from './entry.js';
import { GenerationEntry } from './generation-entry.js';
import { modelAdapter, replyMessage } from './model-call.js';
import { failureOf } from './step-entry.js';

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
  /** The text and the tool calls so far. */
  readonly #said: { text: string; readonly toolCalls: unknown[] } = { text: '', toolCalls: [] };
  /** The attributes of its span at its end. */
  #attributes: Fields = {};
  /** Whether the end of its span says that it was answered. */
  readonly #isWhole: boolean;
  /** Whether the call has ended without an answer, and waits for the end of its agent, which says why. */
  isWaiting = false;

  constructor(span: Fields, parent: Entry | undefined, outside: Frame, step: Step, options: FrameworkOptions) {
    super(span, parent, outside);
    // A classifier asks its model by itself, and reports its tokens only.
    const isModel = step.span.draft.kind === 'LLM' && span.type !== 'classifier_evaluation';
    this.#isWhole = !isModel;
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

  /** A part of the answer is whole: a text, or a tool call. */
  chunkEnded({ text, toolCallId, toolName, toolInput }: Fields): void {
    this.#said.text += nonEmptyString(text) ?? '';
    const input = parsed(toolInput);
    if (toolName !== undefined && input !== undefined) this.#said.toolCalls.push({ toolCallId, toolName, input });
  }

  endBy(at: number): void {
    if (at < this.#endedAt) this.#endedAt = at;
  }

  override end(span: Fields): void {
    this.#attributes = fields(span.attributes);
    const { finishReason, completionStartTime, model, responseModel } = this.#attributes;
    const { draft } = this.own;
    // Which facts Mastra reports at the start of a call depends on the spans that the program leaves out.
    if (draft.model === undefined) draft.name = nonEmptyString(model) ?? nonEmptyString(responseModel) ?? draft.name;
    this.endBy(timeOf(span.endTime));
    // The framework reports this time for every call of a run, but it is that of the first call. It is used if no chunk was reported.
    this.chunkStarted(timeOf(completionStartTime));
    if (span.output !== undefined) this.#generation?.answered(span.output);
    const failure = failureOf(span.errorInfo);
    const isCut = finishReason === 'error' || finishReason === 'aborted' || nonEmptyString(finishReason) === undefined;
    const isAnswered = this.#isWhole || !isCut;
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
    const { usage, responseModel, finishReason } = this.#attributes;
    const failure = known ?? (finishReason === 'error' ? unknownFailure : undefined);
    const partial = replyMessage(this.#generation?.partial);
    const output = partial === undefined ? this.#said : { text: partial.content };
    this.#call.replied({ output, attributes: { usage, responseModel } });
    this.#over(() => {
      if (isAborted || failure?.metadata.aborted === true) this.#call.unread({ aborted: true });
      else if (failure === undefined) this.#call.unread({ incomplete: true });
      else this.#call.failed(undefined, failure);
    });
  }

  #over(end: () => void): void {
    const { draft } = this.own;
    if (Number.isFinite(this.#endedAt)) this.#call.endedAt = this.#endedAt;
    const first = Math.min(this.#firstAt, this.#endedAt); // the times are from two clocks, up to 1 ms apart
    if (first >= draft.startedAt) draft.completionStartTime ??= first;
    end();
  }
}
