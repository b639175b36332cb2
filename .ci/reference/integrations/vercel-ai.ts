/**
 * Records the runs of the Vercel AI SDK, from `pandaprobe-ts/integrations/vercel-ai`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/vercel-ai.js';
