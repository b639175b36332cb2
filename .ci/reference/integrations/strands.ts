/**
 * Records runs of Strands agents, from `pandaprobe-ts/integrations/strands`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/strands.js';
