/**
 * Tests of agents, from `pandaprobe-ts/testing`.
 *
 * How to use it: [testing agents](../testing-agents.md).
 *
 * @module
 */
export * from '../../lib/testing/testing.js';
