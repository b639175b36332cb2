/**
 * Records the runs of LangGraph graphs, from `pandaprobe-ts/integrations/langgraph`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/langgraph.js';
