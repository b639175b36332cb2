/**
 * Records runs of Mastra's agents and workflows, from `pandaprobe-ts/integrations/mastra`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/mastra.js';
