import { readOptions } from '../calls/patch.js';
import type { FrameworkOptions } from './adapter/options.js';
import { RunHandler } from './langchain/handler.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';
export type { RunHandler } from './langchain/handler.js';

/**
 * Records the runs of a deep agent as one tree: the agent, its model calls and tools, and each sub-agent below the `task` that it
 * works on. Pass it to a run in `callbacks`; one handler can record any number of runs at the same time.
 *
 * If the handler itself fails, it prints one warning, and the run goes on.
 *
 * @example
 * ```ts
 * import { createDeepAgent } from 'deepagents';
 * import { DeepAgentsCallbackHandler } from 'pandaprobe-ts/integrations/deepagents';
 *
 * const agent = createDeepAgent({ model: 'openai:gpt-5.4-mini' });
 * await agent.invoke({ messages: 'Find out.' }, { callbacks: [new DeepAgentsCallbackHandler()] });
 * ```
 */
export class DeepAgentsCallbackHandler extends RunHandler {
  /**
   * @param options - what is recorded, and by which client
   * @throws UsageError `ERR_USAGE` if the options are invalid
   */
  constructor(options: FrameworkOptions = {}) {
    super('DeepAgents', readOptions(options), { root: 'DeepAgents', isUnnamed: (name) => name === 'LangGraph' });
  }
}
