import { types } from '../common/builtins.js';
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
 * The caller gets exactly what `fn` gave: the same value, error, generator or stream object. Only a plain
 * promise is answered with its own `then`'s promise: watching a promise handles its rejection, and a
 * rejection that the caller forgets must stay as unhandled as it was.
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
  if (typeof result !== 'object' || result === null) {
    watcher.returned(result);
    return result;
  }
  // Not `instanceof`, which a hostile proxy answers with a fault of its own.
  if (types.isPromise(result)) return followPromise(result, watcher) as R; // the same class with the same value
  if (isThenable(result)) {
    followThenable(result, watcher);
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

function followPromise<T>(promise: Promise<T>, watcher: Watcher): Promise<T> {
  if (Object.getPrototypeOf(promise) !== Promise.prototype) {
    // A promise class of a library's own (with `withResponse()` and the like), perhaps one that does work when
    // `then` is called: the caller gets the very object, and its own `then` is watched.
    followThenable(promise, watcher);
    return promise;
  }
  const watched = promise.then(
    (value) => {
      followValue(value, watcher);
      return value;
    },
    (error: unknown) => {
      watcher.threw(error);
      throw error;
    },
  );
  // Only string keys: under symbols Node itself keeps async state on promises.
  for (const key of Object.keys(promise)) {
    const property = Object.getOwnPropertyDescriptor(promise, key);
    if (property !== undefined) Object.defineProperty(watched, key, property);
  }
  return watched;
}

interface Thenable {
  // Methods of foreign objects: what they take and give is theirs.
  then(onValue?: unknown, onError?: unknown): unknown;
}

function isThenable(value: object): value is Thenable {
  try {
    return 'then' in value && typeof value.then === 'function';
  } catch {
    return false;
  }
}

/** Watches a thenable without calling its `then`: a lazy one (a query builder) starts its work there. */
function followThenable(thenable: Thenable, watcher: Watcher): void {
  try {
    const original = thenable.then;
    let isTold = false;
    const once = (tell: () => void) => {
      if (isTold) return;
      isTold = true;
      tell();
    };
    Object.defineProperty(thenable, 'then', {
      configurable: true,
      enumerable: false,
      writable: true,
      value(this: unknown, onValue?: unknown, onError?: unknown): unknown {
        const watchedValue = (value: unknown): unknown => {
          once(() => followValue(value, watcher));
          return typeof onValue === 'function' ? onValue(value) : value;
        };
        const watchedError = (error: unknown): unknown => {
          once(() => watcher.threw(error));
          if (typeof onError === 'function') return onError(error);
          throw error;
        };
        return original.call(this as Thenable, watchedValue, watchedError); // `this` is what the caller called it on
      },
    });
  } catch {
    watcher.returned(thenable); // frozen: it cannot be watched
  }
}
