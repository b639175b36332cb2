/**
 * Records queries of the Claude Agent SDK, from `pandaprobe-ts/integrations/claude-agent-sdk`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/claude-agent-sdk.js';
