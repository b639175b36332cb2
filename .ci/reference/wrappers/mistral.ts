/**
 * Records the calls of Mistral clients, from `pandaprobe-ts/wrappers/mistral`.
 *
 * How to use it: [wrappers](../../wrappers.md).
 *
 * @module
 */
export * from '../../../lib/wrappers/mistral.js';
