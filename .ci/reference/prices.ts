/**
 * Costs of model calls, from `pandaprobe-ts/prices`.
 *
 * How to use it: [wrappers](../wrappers.md#cost).
 *
 * @module
 */
export * from '../../lib/prices/genai-prices.js';
