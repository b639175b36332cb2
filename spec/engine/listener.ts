import { type CallWatcher, followOthers } from '../../lib/engine/follow.js';
import { watchOther } from '../../lib/engine/follow-others.js';

followOthers(watchOther); // as a client does that records

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
