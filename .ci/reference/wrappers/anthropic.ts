/**
 * Records the calls of Anthropic clients, from `pandaprobe-ts/wrappers/anthropic`.
 *
 * How to use it: [wrappers](../../wrappers.md).
 *
 * @module
 */
export * from '../../../lib/wrappers/anthropic.js';
