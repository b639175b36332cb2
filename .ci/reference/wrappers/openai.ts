/**
 * Records the calls of OpenAI clients, from `pandaprobe-ts/wrappers/openai`.
 *
 * How to use it: [wrappers](../../wrappers.md).
 *
 * @module
 */
export * from '../../../lib/wrappers/openai.js';
