import { fields } from '../../calls/read-unknown.js';
import { setImmediate } from '../../common/real-time.js';

/*
 * If the stream of a model is aborted, the framework throws that to the reader and reports no end of the call. So the signal is
 * watched. It may be used for many calls, one after the other: it gets one listener, and forgets calls that are over.
 */

type Ended = (reason: unknown) => void;

const watched = new WeakMap<object, Set<Ended>>();

/** Calls `ended` a moment after the signal was aborted, when the framework has had time to report. @returns a function that ends the watch */
export function onAbort(signal: unknown, ended: Ended): () => void {
  const { aborted, addEventListener: listen } = fields(signal);
  if (aborted !== false || typeof listen !== 'function') return () => {};
  const target = signal as AbortSignal; // has what is used of it
  let waiting = watched.get(target);
  if (waiting === undefined) {
    const all = new Set<Ended>();
    waiting = all;
    watched.set(target, all);
    const tell = () => {
      for (const each of all) setImmediate(() => setImmediate(() => each(target.reason)));
    };
    target.addEventListener('abort', tell, { once: true });
  }
  waiting.add(ended);
  return () => watched.get(target)?.delete(ended);
}
