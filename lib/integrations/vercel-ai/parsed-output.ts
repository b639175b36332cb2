import { fields } from '../../calls/read-unknown.js';

/*
 * `generateText` reports its end before it reads its answer as the `output` that the user asked for:
 *
 *     onEnd ──> output.parseCompleteOutput(text, { response }) ──> the caller has the object
 *                                                              └─> onError, the caller has the error
 *
 * It reports nothing if that succeeds, so the user's output object is watched. Many calls may share one output object: they are told
 * apart by the `response`.
 */

/** What to do when the SDK reads the answer of a run, by the run's last response. */
const waiting = new WeakMap<object, (read: PromiseLike<unknown>) => void>();
const watched = new WeakSet<object>();

/**
 * Calls `then` when `output` begins to read the answer with this response. `then` gets the promise of what it reads.
 *
 * @returns whether it can be watched
 */
export function whenRead(output: unknown, response: unknown, then: (read: PromiseLike<unknown>) => void): boolean {
  if (!isObject(output) || !isObject(response) || !watch(output)) return false;
  waiting.set(response, then);
  return true;
}

function watch(output: object): boolean {
  if (watched.has(output)) return true;
  const { parseCompleteOutput: parse } = fields(output);
  if (typeof parse !== 'function') return false;
  const watching = function (this: unknown, ...given: readonly unknown[]): unknown {
    const read = Reflect.apply(parse, this, given);
    const { response } = fields(given[1]);
    const then = isObject(response) ? waiting.get(response) : undefined;
    if (then !== undefined && isObject(read) && 'then' in read) then(Promise.resolve(read));
    return read;
  };
  if (!Reflect.set(output, 'parseCompleteOutput', watching)) return false;
  watched.add(output);
  return true;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
