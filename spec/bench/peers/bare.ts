import type { Peer } from './peer.js';

/** The program without any tracing. */
export const bare: Peer = {
  title: 'bare program',
  packages: [],
  entries: [],
  start: async () => {},
  record: (_name, step) => async (input) => step(input),
  flush: async () => {},
  ways: {},
  wrappers: {},
};
