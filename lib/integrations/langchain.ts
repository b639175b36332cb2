import { readOptions } from '../calls/patch.js';
import type { FrameworkOptions } from './adapter/options.js';
import { RunHandler } from './langchain/handler.js';
import { patchManager, unpatchManager } from './langchain/instrument.js';
import type { Role } from './langchain/roles.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';
export type { RunHandler } from './langchain/handler.js';

const root = 'LangChain';
/** Names that say no more than what class it is. */
const classes: ReadonlySet<string> = new Set(['LangGraph', 'RunnableSequence']);

/**
 * Records what LangChain runs as one tree: agents, model calls, tools, retrievers and chains. Give it to a run, a model or an
 * agent as one of its `callbacks`; one handler serves any number of runs at once. A run inside a trace becomes a part of it;
 * any other becomes a trace of its own.
 *
 * Whatever fails inside it costs one warning, and the run goes on.
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
   * @param options - what is recorded, and by whom
   * @throws UsageError `ERR_USAGE` when the options cannot be used
   */
  constructor(options: FrameworkOptions = {}) {
    super('LangChain', readOptions(options), { root, isUnnamed: (name) => classes.has(name) });
  }
}

/** What of `@langchain/core/callbacks/manager` is patched. */
export interface CallbackManagerModule {
  readonly CallbackManager: object;
}

/**
 * Records every run of LangChain, LangGraph and DeepAgents in the process, as {@link LangChainCallbackHandler} does, with no
 * `callbacks` anywhere. A run that has a handler of this package already is recorded by that one. Instrumenting twice changes
 * nothing.
 *
 * @param manager - the module of your own `@langchain/core`: an ES module and a CommonJS one of it are two
 * @param options - what is recorded, and by whom
 * @returns whether this call has made runs be recorded: `false` if they are recorded already, or cannot be, which is logged
 * @throws UsageError `ERR_USAGE` when it is given another module, or options that cannot be used
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
