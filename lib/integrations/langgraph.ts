import { readOptions } from '../calls/patch.js';
import type { FrameworkOptions } from './adapter/options.js';
import { RunHandler } from './langchain/handler.js';

export type { AdapterOptions, FrameworkOptions } from './adapter/options.js';
export type { RunHandler } from './langchain/handler.js';

/**
 * Records the runs of a LangGraph graph as one tree: the graph, its nodes and subgraphs, the model calls, tools and retrievers
 * in them. Give it to a run as one of its `callbacks`; one handler serves any number of runs at once. The run's `thread_id` is
 * the session of its trace: an interrupted run and the one that resumes it are two traces of one session.
 *
 * Whatever fails inside it costs one warning, and the run goes on.
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
   * @param options - what is recorded, and by whom
   * @throws UsageError `ERR_USAGE` when the options cannot be used
   */
  constructor(options: FrameworkOptions = {}) {
    super('LangGraph', readOptions(options), { root: 'LangGraph', isUnnamed: () => false });
  }
}
