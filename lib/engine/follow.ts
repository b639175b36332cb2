import { types } from '../common/builtins.js';
import { isThenable, type Settling, watchPromise, watchThenable } from './follow-promise.js';
import {
  isAsyncIterable,
  isGenerator,
  isNodeStream,
  isWebStream,
  watchGenerator,
  watchIterable,
  watchNodeStream,
  watchWebStream,
} from './follow-stream.js';

/**
 * Told how a call goes. Exactly one of `returned`, `streamed` and `threw` is called last, once; what comes
 * after it is ignored by whoever implements this.
 */
export interface Watcher {
  /** The call is over, with a value. */
  returned(value: unknown): void;
  /** One item of a stream or generator. */
  chunk(value: unknown): void;
  /** A stream or generator is over: exhausted, returned from or broken off. `value` is what it returned. */
  streamed(value: unknown): void;
  /** The call is over, with an error. */
  threw(error: unknown): void;
  /** Runs one pull of a stream with the call's scope current. */
  pull<R>(fn: () => R): R;
}

/** A watcher of a whole call, from its start. */
export interface CallWatcher extends Watcher {
  /** Runs the call itself with its scope current. */
  start<Given, R>(fn: (given: Given) => R, given: Given): R;
}

/**
 * Has `watcher` start `fn` and tells it when the call is over: when its value is returned, its promise settles, its
 * generator or async iterable ends. The one place in this package that knows.
 *
 * The caller gets exactly what `fn` gave: the same value, error, promise, generator or stream object.
 */
export function follow<R>(fn: () => R, watcher: CallWatcher): R;
/** The same for a function that is given something: the hot path makes no closure for it. */
export function follow<Given, R>(fn: (given: Given) => R, watcher: CallWatcher, given: Given): R;
export function follow<R>(fn: (given: unknown) => R, watcher: CallWatcher, given?: unknown): R {
  let result: R;
  try {
    result = watcher.start(fn, given);
  } catch (error) {
    watcher.threw(error);
    throw error;
  }
  return followResult(result, watcher, types.isAsyncFunction(fn));
}

/** The same for a call that has been started and has given `result`. `isAsync` says that an async function did. */
export function followResult<R>(result: R, watcher: Watcher, isAsync: boolean): R {
  if (typeof result !== 'object' || result === null) {
    watcher.returned(result);
    return result;
  }
  // Not `instanceof`, which a hostile proxy answers with a fault of its own.
  if (types.isPromise(result)) {
    // Nobody else holds the promise of an async function, so it may be answered with another: that is the fastest way.
    if (isAsync) return answer(result, watcher) as R; // the same class with the same value
    if (!watchPromise(result, settling(watcher))) watcher.returned(result); // frozen
    return result;
  }
  if (isThenable(result)) {
    if (!watchThenable(result, settling(watcher))) watcher.returned(result); // frozen
    return result;
  }
  followValue(result, watcher);
  return result;
}

/** A settled value: over, unless it is a stream. */
function followValue(value: unknown, watcher: Watcher): void {
  if (!isWatched(value, watcher)) watcher.returned(value);
}

function isWatched(value: unknown, watcher: Watcher): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    if (isGenerator(value)) watchGenerator(value, watcher);
    else if (isWebStream(value)) watchWebStream(value, watcher);
    else if (isNodeStream(value)) watchNodeStream(value, watcher);
    else if (isAsyncIterable(value)) watchIterable(value, watcher);
    else return false;
    return true;
  } catch {
    return false; // a hostile or frozen object cannot be watched: the call counts as over
  }
}

function answer<T>(promise: Promise<T>, watcher: Watcher): Promise<T> {
  return promise.then(
    (value) => {
      followValue(value, watcher);
      return value;
    },
    (error: unknown) => {
      watcher.threw(error);
      throw error;
    },
  );
}

function settling(watcher: Watcher): Settling {
  return {
    fulfilled: (value) => followValue(value, watcher),
    rejected: (error) => watcher.threw(error),
  };
}
