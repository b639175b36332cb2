import { readOptions } from '../calls/patch.js';
import type { FrameworkOptions } from './adapter/options.js';
import { RunHandler } from './langchain/handler.js';
import { patchManager, unpatchManager } from './langchain/instrument.js';
import type { Role } from './langchain/roles.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';
export type { RunHandler } from './langchain/handler.js';

const root = 'LangChain';
/** Names that only repeat the class. */
const classes: ReadonlySet<string> = new Set(['LangGraph', 'RunnableSequence']);

/**
 * Records what LangChain runs as one tree: agents, model calls, tools, retrievers and chains. Pass it to a run, a model or an
 * agent in `callbacks`; one handler can record any number of runs at the same time. A run inside a trace becomes a part of it;
 * any other becomes a trace of its own.
 *
 * If the handler itself fails, it prints one warning, and the run goes on.
 *
 * @example
 * ```ts
 * import { createAgent } from 'langchain';
 * import { LangChainCallbackHandler } from 'pandaprobe-ts/integrations/langchain';
 *
 * const agent = createAgent({ model: 'openai:gpt-5.4-mini', tools: [], name: 'weather' });
 * await agent.invoke({ messages: 'How warm is it in Lisbon?' }, { callbacks: [new LangChainCallbackHandler()] });
 * ```
 */
export class LangChainCallbackHandler extends RunHandler {
  /**
   * @param options - what is recorded, and by which client
   * @throws UsageError `ERR_USAGE` if the options are invalid
   */
  constructor(options: FrameworkOptions = {}) {
    super('LangChain', readOptions(options), { root, isUnnamed: (name) => classes.has(name) });
  }
}

/** The patched part of `@langchain/core/callbacks/manager`. */
export interface CallbackManagerModule {
  readonly CallbackManager: object;
}

/**
 * Records every run of LangChain, LangGraph and DeepAgents in the process, as {@link LangChainCallbackHandler} does, without any
 * `callbacks`. A run that already has a handler of this package is recorded by that handler. Instrumenting twice changes nothing.
 *
 * @param manager - the module of your own `@langchain/core`; its ES module and its CommonJS module are two different ones
 * @param options - what is recorded, and by which client
 * @returns true if this call has started the recording; false if runs are already recorded, or cannot be recorded, which is
 * logged
 * @throws UsageError `ERR_USAGE` if the module or the options are invalid
 * @example
 * ```ts
 * import * as manager from '@langchain/core/callbacks/manager';
 * import { instrumentLangChain } from 'pandaprobe-ts/integrations/langchain';
 *
 * instrumentLangChain(manager);
 * ```
 */
export function instrumentLangChain(manager: CallbackManagerModule, options: FrameworkOptions = {}): boolean {
  const isUnnamed = (name: string, role: Role) => classes.has(name) && role !== 'graph';
  const handler = (own: FrameworkOptions) => new RunHandler('LangChain', own, { root, isUnnamed });
  return patchManager(Object(manager).CallbackManager, options, handler);
}

/**
 * Undoes {@link instrumentLangChain}. Runs that have begun are recorded to their end.
 *
 * @param manager - the module that was given to it
 * @returns whether runs were recorded by it
 * @example
 * ```ts
 * import * as manager from '@langchain/core/callbacks/manager';
 * import { instrumentLangChain, uninstrumentLangChain } from 'pandaprobe-ts/integrations/langchain';
 *
 * instrumentLangChain(manager);
 * uninstrumentLangChain(manager);
 * ```
 */
export function uninstrumentLangChain(manager: CallbackManagerModule): boolean {
  return unpatchManager(Object(manager).CallbackManager);
}
