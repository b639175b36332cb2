import { types } from '../common/builtins.js';
import { type Settling, watchPromise } from './follow-promise.js';
import {
  isAsyncIterable,
  isGenerator,
  isWebStream,
  watchGenerator,
  watchIterable,
  watchWebStream,
} from './follow-stream.js';
import { currentFrame, within } from './scope.js';

/**
 * Observes one call of a function. The call ends with exactly one of `returned`, `streamed` and `threw`; implementations ignore what
 * comes after it.
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
  /**
   * Told of a value that may stay as it is for ever: it is recorded now, and `end` ends the call with its trace, once nothing
   * holds `holder` any more, or with a flush where that may be.
   */
  idle?(holder: object, end: (isFlush?: boolean) => void, value?: unknown): void;
  /** Whose method was called: one that gives back its own object is over. */
  readonly self?: unknown;
}

/** Watches a value where it is not over yet. */
export type IsWatched = (value: unknown, watcher: Watcher) => boolean;

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
  // Nobody else holds the promise of an async function, so it may be answered with another: that is the fastest way.
  if (isAsync && types.isPromise(result)) return answer(result, watcher) as R; // the same class with the same value
  followValue(result, watcher);
  return result;
}

function followValue(value: unknown, watcher: Watcher): void {
  if (!isWatched(value, watcher)) watcher.returned(value);
}

/** Watches a value that is not over yet. @returns false if it is over, or cannot be watched */
function isWatched(value: unknown, watcher: Watcher): boolean {
  if (typeof value !== 'object' || value === null) return false;
  try {
    // Not `instanceof`, which a hostile proxy answers with a fault of its own.
    if (types.isPromise(value))
      return watchPromise(value, settling(watcher), () => watchOther?.(value, watcher, tools) === true);
    if (isPlain(value)) return false;
    if (isGenerator(value)) watchGenerator(value, watcher);
    else if (isWebStream(value)) watchWebStream(value, watcher);
    else {
      const isWatchedOther = watchOther?.(value, watcher, tools);
      if (isWatchedOther !== undefined) return isWatchedOther;
      if (!isAsyncIterable(value)) return false;
      watchIterable(value, watcher);
    }
    return true;
  } catch {
    return false; // a hostile or frozen object cannot be watched: the call counts as over
  }
}

/** A quick check for what most functions return: a list, or an object without a class and with nothing to be followed. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return !('then' in value || 'statusCode' in value || 'bodyUsed' in value || Symbol.asyncIterator in value);
}

/** Parts of the engine for the code that watches other values. */
const tools = {
  isWatched,
  watchIterable,
  /** Runs functions with the scope current that is so now. */
  outside() {
    const frame = currentFrame();
    return <R>(fn: () => R): R => within(frame, fn);
  },
};
export type Tools = typeof tools;

let watchOther: ((value: object, watcher: Watcher, tools: Tools) => boolean | undefined) | undefined;

/** Has other values watched as well, from now on: queries, responses, emitters, observables. */
export function followOthers(watch: typeof watchOther): void {
  watchOther = watch;
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
