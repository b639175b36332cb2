import type { CallWatcher } from '../../lib/engine/follow.js';

/** A watcher that writes down what it is told. */
export function listener(): CallWatcher & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    returned: (value) => void told.push(`returned ${String(value)}`),
    chunk: (value) => void told.push(`chunk ${String(value)}`),
    streamed: (value) => void told.push(`streamed ${String(value)}`),
    threw: (error) => void told.push(`threw ${String(error)}`),
    start: (fn, given) => fn(given),
    pull: (fn) => fn(),
  };
}
