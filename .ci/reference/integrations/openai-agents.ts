/**
 * Records runs of the OpenAI Agents SDK, from `pandaprobe-ts/integrations/openai-agents`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/openai-agents.js';
