/**
 * The platform's reads and evaluations, from `pandaprobe-ts/platform`.
 *
 * How to use it: [platform](../platform.md).
 *
 * @module
 */
export * from '../../lib/platform/platform-client.js';
