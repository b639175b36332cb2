/**
 * Records the calls of Amazon Bedrock clients, from `pandaprobe-ts/wrappers/bedrock`.
 *
 * How to use it: [wrappers](../../wrappers.md).
 *
 * @module
 */
export * from '../../../lib/wrappers/bedrock.js';
