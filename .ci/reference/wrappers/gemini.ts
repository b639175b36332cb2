/**
 * Records the calls of Gemini clients, from `pandaprobe-ts/wrappers/gemini`.
 *
 * How to use it: [wrappers](../../wrappers.md).
 *
 * @module
 */
export * from '../../../lib/wrappers/gemini.js';
