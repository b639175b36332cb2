import type { CallAdapter } from '../../calls/call-adapter.js';
import { errorFacts } from '../../calls/error-facts.js';
import { type Fields, isFields, nonEmptyString } from '../../calls/read-unknown.js';
import { clearTimeout, setTimeout } from '../../common/real-time.js';
import { currentFrame } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { SpanKind } from '../../model/kinds.js';
import { lastUserMessage } from '../../model/messages.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { openStep } from '../adapter/step.js';
import { StepRecord } from '../adapter/step-record.js';
import { languageModel } from './language-model.js';
import { requestMessages } from './messages.js';
import { ModelStep } from './model-step.js';
import { whenRead } from './parsed-output.js';
import { asksUser, outputOf } from './result.js';
import { singleCalls } from './single-calls.js';

/** How long a run waits for the SDK to read its answer, in milliseconds: another version of the SDK may not read it. */
const waitMs = 10_000;

/** The kind of the span of each operation of the SDK that is more than one call of a model. */
const kinds: Readonly<Record<string, SpanKind>> = {
  'ai.generateText': 'AGENT',
  'ai.streamText': 'AGENT',
  'ai.harness': 'AGENT',
  'ai.generateObject': 'CHAIN',
  'ai.streamObject': 'CHAIN',
  'ai.rerank': 'RETRIEVER',
};

/** The facts of an operation that begins. */
interface RunStart {
  readonly operationId: string;
  /** The user's name for it. */
  readonly functionId: string | undefined;
  readonly hasTools: boolean;
  /** The operation's input, in the form of the SDK's event. */
  readonly event: Fields;
  readonly options: FrameworkOptions;
}

/** One operation of the SDK: `generateText` with all its steps, `embed`, and so on. Only the first ending counts. */
export class Run {
  /** Undefined for an operation that is itself the model call, such as an embedding. */
  readonly #record: StepRecord | undefined;
  readonly #options: FrameworkOptions;
  /** The running model call, or the last one. */
  model: ModelStep | undefined;
  /** The running step, if steps are shown. */
  step: StepRecord | undefined;
  /** The ids of the tool calls that have a span. */
  readonly #toolCalls = new Set<string>();
  #onEnd: (() => void) | undefined;
  /** The option `output` of `generateText`: how the SDK reads the answer as an object. */
  #output: unknown;

  private constructor(
    record: StepRecord | undefined,
    model: ModelStep | undefined,
    options: FrameworkOptions,
    onEnd: () => void,
  ) {
    this.#record = record;
    this.model = model;
    this.#options = options;
    this.#onEnd = onEnd;
  }

  /** Opens an operation below the current span. Undefined if nothing is recorded. */
  static open({ operationId, functionId, hasTools, event, options }: RunStart, onEnd: () => void): Run | undefined {
    const single = singleCalls.get(operationId);
    const known = single?.kind ?? (Object.hasOwn(kinds, operationId) ? kinds[operationId] : undefined);
    const kind = known === 'AGENT' && !hasTools ? 'CHAIN' : (known ?? 'OTHER');
    const step = openStep(functionId ?? operationId, kind, options, currentFrame());
    if (step === undefined) return undefined;
    if (single !== undefined) {
      const model = new ModelStep(step, single, options);
      model.request(event);
      return new Run(undefined, model, options, onEnd);
    }
    const record = new StepRecord(step, options);
    const { provider, modelId, query, documents, text } = event;
    if (known === undefined || kind === 'RETRIEVER') {
      record.metadata({ provider, model: modelId });
      record.input(kind === 'RETRIEVER' ? { query, documents } : text);
    } else {
      const { messages, prompt, instructions, system } = event;
      const asked = requestMessages(messages ?? prompt, instructions ?? system);
      record.input(asked, lastUserMessage(asked) ?? asked);
    }
    const run = new Run(record, undefined, options, onEnd);
    if (operationId === 'ai.generateText') run.#output = event.output;
    return run;
  }

  /** The parent of its steps. */
  get span(): SpanNode | undefined {
    return this.step?.span ?? this.#record?.span ?? this.model?.span;
  }

  /** Makes the run an AGENT, because it turned out to have tools. */
  becomeAgent(): void {
    if (this.#record?.span.draft.kind === 'CHAIN') this.#record.span.draft.kind = 'AGENT';
  }

  metadata(metadata: Fields): void {
    if (this.#record === undefined) this.model?.metadata(metadata);
    else this.#record.metadata(metadata);
  }

  /** The model call that begins now; after a failure, the previous call again. */
  openModel(request: Fields, adapter: CallAdapter = languageModel): ModelStep | undefined {
    if (this.model?.mayBeRetried === true) return this.model;
    this.model?.streamed();
    this.model = undefined;
    const step = openStep(nonEmptyString(request.modelId) ?? 'model', 'LLM', this.#options, currentFrame(), {
      parent: this.span,
    });
    if (step === undefined) return undefined;
    this.model = new ModelStep(step, adapter, this.#options, () => this.aborted());
    this.model.request(request);
    return this.model;
  }

  openTool(id: string, name: string, input: unknown): StepRecord | undefined {
    this.#toolCalls.add(id);
    this.becomeAgent(); // a harness runs tools that the program has not given it
    const step = openStep(name, 'TOOL', this.#options, currentFrame(), { parent: this.span });
    if (step === undefined) return undefined;
    const tool = new StepRecord(step, this.#options);
    tool.input(input);
    return tool;
  }

  /** Records a call of an unknown tool, or with invalid arguments: the SDK runs no tool, and sends the error to the model. */
  recordInvalid({ toolCallId, toolName, input, error }: Fields): void {
    const id = String(toolCallId);
    if (this.#toolCalls.has(id)) return;
    const tool = this.openTool(id, nonEmptyString(toolName) ?? 'tool', input);
    tool?.fail(error ?? 'the tool call is invalid');
    tool?.end();
  }

  beginStep(name: string): void {
    this.endStep();
    const step = openStep(name, 'CHAIN', this.#options, currentFrame(), { parent: this.span });
    this.step = step && new StepRecord(step, this.#options);
  }

  endStep(error?: unknown): void {
    const { step } = this;
    this.step = undefined;
    if (error !== undefined) step?.fail(error);
    step?.end();
  }

  /**
   * The run has its answer: ends it now, or, if the SDK is about to read the answer as an object, when that is done. (The SDK calls
   * the user's `onEnd` before it reads.)
   *
   * @param result - the run's result, in the form of the SDK's event
   */
  answered(result: Fields): void {
    const end = () => guarded('AI SDK', 'the end of an operation', () => this.ended(result));
    const { finishReason, text, response } = result;
    const isRead = finishReason === 'stop' || (finishReason !== 'tool-calls' && text !== '');
    let timer: NodeJS.Timeout | undefined;
    const waits =
      isRead &&
      whenRead(this.#output, response, (read) => {
        clearTimeout(timer);
        read.then(end, (error: unknown) => guarded('AI SDK', 'an error', () => this.failed(error)));
      });
    const span = this.#record?.span;
    if (!waits || span === undefined) {
      end();
      return;
    }
    timer = setTimeout(end, waitMs).unref();
    span.partial = end;
  }

  /** Ends the run. @param result - its result, in the form of the SDK's event */
  ended(result: Fields): void {
    this.#end(() => {
      if (this.#record === undefined) this.model?.returned(result);
      else this.model?.streamed();
      this.endStep();
      this.#record?.output(outputOf(result));
      if (asksUser(result)) this.#record?.interrupted();
      const error = this.model?.reported;
      if (error !== undefined) this.#record?.fail(error);
    });
  }

  /** Ends the run with an error; an abort is no error. */
  failed(error: unknown): void {
    if (isAbort(error)) this.aborted();
    this.#end(() => {
      this.model?.failed(error);
      this.endStep(error);
      this.#record?.fail(error);
    });
  }

  /** Ends the run with the output so far: it was aborted, or nobody can read its result any more. */
  aborted(): void {
    this.#end(() => {
      this.model?.aborted();
      this.step?.metadata({ aborted: true });
      this.endStep();
      if (this.model !== undefined) this.#record?.outputOf(this.model.span);
      this.#record?.metadata({ aborted: true });
    });
  }

  /** Ends the run's own trace, because too many runs are open. */
  end(): void {
    if (this.#onEnd === undefined) return;
    this.#onEnd();
    this.#onEnd = undefined;
    if (this.#record === undefined) this.model?.abandoned();
    else this.#record.step.trace?.end();
  }

  #end(write: () => void): void {
    if (this.#onEnd === undefined) return;
    this.#onEnd();
    this.#onEnd = undefined;
    write();
    if (this.#record !== undefined) this.#record.span.partial = undefined;
    this.#record?.end();
  }
}

function isAbort(error: unknown): boolean {
  return errorFacts(error).metadata.aborted === true;
}

/** Whether an object of tools, by their names, has any. */
export function hasTools(tools: unknown): boolean {
  return isFields(tools) ? Object.keys(tools).length > 0 : Array.isArray(tools) && tools.length > 0;
}
