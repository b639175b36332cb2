/**
 * Records runs of Google's Agent Development Kit, from `pandaprobe-ts/integrations/google-adk`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/google-adk.js';
