/**
 * Records LangChain runs, from `pandaprobe-ts/integrations/langchain`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/langchain.js';
