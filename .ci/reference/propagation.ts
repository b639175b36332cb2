/**
 * One run across services, queues, threads and processes, from `pandaprobe-ts/propagation`.
 *
 * How to use it: [Across processes](../across-processes.md).
 *
 * @module
 */
export * from '../../lib/propagation/propagation.js';
