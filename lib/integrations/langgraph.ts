import { readOptions } from '../calls/patch.js';
import type { FrameworkOptions } from './adapter/options.js';
import { RunHandler } from './langchain/handler.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';
export type { RunHandler } from './langchain/handler.js';

/**
 * Records the runs of a LangGraph graph as one tree: the graph, its nodes and subgraphs, the model calls, tools and retrievers in
 * them. Pass it to a run in `callbacks`; one handler can record any number of runs at the same time. The run's `thread_id` is the
 * session of its trace: an interrupted run and the one that resumes it are two traces of one session.
 *
 * If the handler itself fails, it prints one warning, and the run goes on.
 *
 * @example
 * ```ts
 * import { MessagesAnnotation, StateGraph } from '@langchain/langgraph';
 * import { LangGraphCallbackHandler } from 'pandaprobe-ts/integrations/langgraph';
 *
 * const graph = new StateGraph(MessagesAnnotation)
 *   .addNode('echo', ({ messages }) => ({ messages }))
 *   .addEdge('__start__', 'echo')
 *   .compile();
 * await graph.invoke({ messages: [] }, { callbacks: [new LangGraphCallbackHandler()] });
 * ```
 */
export class LangGraphCallbackHandler extends RunHandler {
  /**
   * @param options - what is recorded, and by which client
   * @throws UsageError `ERR_USAGE` if the options are invalid
   */
  constructor(options: FrameworkOptions = {}) {
    super('LangGraph', readOptions(options), { root: 'LangGraph', isUnnamed: () => false });
  }
}
