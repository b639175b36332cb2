/**
 * Records the runs of deep agents, from `pandaprobe-ts/integrations/deepagents`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/deepagents.js';
