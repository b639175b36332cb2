import { type CallObserver, followOthers } from '../../lib/engine/follow.js';
import { followOther } from '../../lib/engine/follow-others.js';

followOthers(followOther); // as a client does that records

/** A observer that writes down what it is told. */
export function listener(): CallObserver & { readonly told: string[] } {
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
