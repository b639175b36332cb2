import { fields, list, nonEmptyString, parsed } from '../../calls/read-unknown.js';
import { guarded } from '../adapter/guarded.js';
import type { FrameworkOptions } from '../adapter/options.js';
import { recordInput, recordOutput } from './chain-values.js';
import type { ModelRequest } from './chat-adapter.js';
import type { Naming } from './naming.js';
import { plain } from './plain.js';
import { endLeftCalls, type RunStart, Runs, takeRun } from './runs.js';
import { tokenOf } from './stream-event.js';
import { toolResult } from './tool-result.js';

/** The name by which handlers of this package are recognized. */
export const handlerName = 'pandaprobe';

/**
 * Turns the runs that the framework reports into spans. It has the methods of a handler but extends no class of the framework, so
 * it works with every copy of it. The parameters are in the order in which the framework passes them, which its declarations do
 * not always show.
 */
export class RunHandler {
  readonly name = handlerName;
  /** Makes the framework wait for each event, so that spans have exact times and are current in the code of their run. */
  readonly awaitHandlers = true;
  readonly raiseError = false;
  readonly ignoreLLM = false;
  readonly ignoreChain = false;
  readonly ignoreAgent = false;
  readonly ignoreRetriever = false;
  readonly #framework: string;
  readonly #runs: Runs;

  /** @internal */
  constructor(framework: string, options: FrameworkOptions, naming: Naming) {
    this.#framework = framework;
    this.#runs = new Runs(options, naming);
  }

  /** Called when a chain, an agent, a graph or a node starts. */
  handleChainStart(chain: unknown, inputs: unknown, runId: string, ...rest: unknown[]): void {
    this.#guard('the start of a chain', () => {
      // The first order is the real one, the second the declared one.
      const [parentId, tags, metadata, , name] = isId(rest[0]) || !isId(rest[4]) ? rest : reordered(rest);
      this.#runs.chain({ id: runId, parentId, name, className: classOf(chain), tags, metadata }, inputs);
    });
  }

  /** Called when it has ended. */
  handleChainEnd(outputs: unknown, runId: string, ...rest: unknown[]): void {
    this.#guard('the end of a chain', () => {
      const run = takeRun(runId);
      if (run?.step === undefined) return;
      const { inputs } = fields(rest[2]); // the inputs of a stream are known only now
      if (inputs !== undefined) recordInput(run.step, inputs);
      recordOutput(run.step, outputs);
      endLeftCalls(run);
      run.end();
    });
  }

  /** Called when it has ended with an error, also if it was aborted or waits for its user. */
  handleChainError(error: unknown, runId: string): void {
    this.#failed('a failing chain', error, runId);
  }

  /** Called when a chat model is called. */
  handleChatModelStart(model: unknown, messages: unknown, runId: string, ...rest: unknown[]): void {
    this.#model(model, runId, rest, { messages: list(messages)[0] });
  }

  /** Called when a completion model is called. */
  handleLLMStart(model: unknown, prompts: unknown, runId: string, ...rest: unknown[]): void {
    this.#model(model, runId, rest, { prompt: list(prompts)[0] });
  }

  /** Called for each chunk of a streamed reply. */
  handleLLMNewToken(token: string, index: unknown, runId: string, ...rest: unknown[]): void {
    this.#guard('a piece of a reply', () => {
      const { completion } = fields(index);
      const at = typeof completion === 'number' && completion >= 0 ? completion : 0;
      this.#runs.token(runId, { token, completion: at, chunk: fields(rest[2]).chunk });
    });
  }

  /** Called instead for each event of a reply that is streamed as events. */
  handleChatModelStreamEvent(event: unknown, runId: string): void {
    this.#guard('a piece of a reply', () => {
      const piece = tokenOf(event);
      if (piece !== undefined) this.#runs.token(runId, piece);
    });
  }

  /** Called when the reply is complete. */
  handleLLMEnd(output: unknown, runId: string, ...rest: unknown[]): void {
    this.#guard('the end of a model call', () => {
      const call = takeRun(runId)?.call;
      call?.replied({ output, isCached: fields(rest[2]).cached === true });
      call?.finished();
    });
  }

  /** Called when the call has failed, or was aborted. */
  handleLLMError(error: unknown, runId: string): void {
    this.#failed('a failing model call', error, runId);
  }

  /** Called when a tool starts. */
  handleToolStart(tool: unknown, input: string, runId: string, ...rest: unknown[]): void {
    this.#guard('the start of a tool', () => {
      this.#runs.tool(startOf(tool, runId, rest), 'TOOL', parsed(input), nonEmptyString(rest[4]));
    });
  }

  /** Called when it has answered. */
  handleToolEnd(output: unknown, runId: string): void {
    this.#guard('the end of a tool', () => {
      const step = takeRun(runId)?.step;
      if (step === undefined) return;
      const { value, error } = toolResult(output);
      if (step.recordsOutput) step.output(plain(value));
      if (error !== undefined) step.fail(error);
      step.end();
    });
  }

  /** Called when it has thrown. */
  handleToolError(error: unknown, runId: string): void {
    this.#failed('a failing tool', error, runId);
  }

  /** Called when a retriever starts. */
  handleRetrieverStart(retriever: unknown, query: string, runId: string, ...rest: unknown[]): void {
    this.#guard('the start of a retriever', () => {
      this.#runs.tool(startOf(retriever, runId, rest), 'RETRIEVER', query, undefined);
    });
  }

  /** Called when it has answered. */
  handleRetrieverEnd(documents: unknown, runId: string): void {
    this.#guard('the end of a retriever', () => {
      const step = takeRun(runId)?.step;
      if (step?.recordsOutput === true) step.output(plain(documents));
      step?.end();
    });
  }

  /** Called when it has thrown. */
  handleRetrieverError(error: unknown, runId: string): void {
    this.#failed('a failing retriever', error, runId);
  }

  /** @param rest - the parent's id, further parameters, tags, metadata, name */
  #model(
    model: unknown,
    runId: string,
    [parentId, extra, ...rest]: readonly unknown[],
    asked: Pick<ModelRequest, 'messages' | 'prompt'>,
  ): void {
    this.#guard('the start of a model call', () => {
      const start = startOf(model, runId, [parentId, ...rest]);
      const { invocation_params: invocationParams } = fields(extra);
      this.#runs.model(start, { ...asked, invocationParams, metadata: start.metadata }, Object(extra));
    });
  }

  #failed(what: string, error: unknown, runId: string): void {
    this.#guard(what, () => this.#runs.failed(runId, error));
  }

  #guard(what: string, record: () => void): void {
    guarded(this.#framework, what, record);
  }
}

const id = /^[0-9a-f]{8}-[0-9a-f]{4}-/i;

function isId(value: unknown): boolean {
  return typeof value === 'string' && id.test(value);
}

function reordered([runType, tags, metadata, name, parentId, extra]: readonly unknown[]): readonly unknown[] {
  return [parentId, tags, metadata, runType, name, extra];
}

/** @param rest - the parent's id, tags, metadata, name */
function startOf(runs: unknown, id: string, [parentId, tags, metadata, name]: readonly unknown[]): RunStart {
  return { id, parentId, name, className: classOf(runs), tags, metadata };
}

/** The class of a run, from the framework's serialized form. */
function classOf(serialized: unknown): unknown {
  const { id: path, name } = fields(serialized);
  return list(path).at(-1) ?? name;
}
