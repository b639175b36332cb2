import type { Options } from '../../lib/index.js';

/** The options of a client that sends to `endpoint`, from this thread. */
export function sendingTo(endpoint: string): Options {
  return { apiKey: 'sk_pp_key', projectName: 'specs', endpoint, worker: 'inline' };
}
