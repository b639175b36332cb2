import { types } from '../common/builtins.js';
import { followPromise, type Settling } from './follow-promise.js';
import {
  followGenerator,
  followIterable,
  followWebStream,
  isAsyncIterable,
  isGenerator,
  isWebStream,
} from './follow-stream.js';
import { isCrowded, type Lead } from './in-place.js';
import { currentFrame, within } from './scope.js';

/**
 * Observes one call of a function. The call ends with exactly one of `returned`, `streamed` and `threw`; implementations ignore
 * what comes after it.
 */
export interface ResultObserver {
  /** The call is over, with a value. */
  returned(value: unknown): void;
  /** One item of a stream or generator. */
  chunk(value: unknown): void;
  /** A stream or generator is over: exhausted, returned from or broken off. `value` is what it returned. */
  streamed(value: unknown): void;
  /** The call is over, with an error. */
  threw(error: unknown): void;
  /** Runs one pull of a stream in the call's frame. */
  pull<R>(fn: () => R): R;
  /**
   * Called if the result may stay open for ever (a socket, a child process): records `value` now, and has `end` called when the trace
   * ends, when `holder` is garbage-collected, and, with `true`, at a flush. `end` ends the call, and must not lead to `holder`.
   */
  mayStayOpen?(holder: object, end: (isFlush?: boolean) => void, value?: unknown): void;
  /**
   * Ends a trace when `holder` is garbage-collected, since nobody can read the call's result any more. Replaces the holder of before;
   * without a holder, the call ends otherwise. Nothing that the observer references may lead to `holder`.
   */
  tieTo?(holder?: object): void;
  /** The object whose method was called. A call that returns this object is over at once. */
  readonly self?: unknown;
  /** Whether the function may have handled the rejection of the promise that it returns. */
  readonly mayHandleRejection?: boolean;
}

/** Follows a value that is not over yet. @returns false if it is over, or cannot be followed */
export type TryFollow = (value: unknown, observer: ResultObserver) => boolean;

/** Observes a call from its start, not only its result. */
export interface CallObserver extends ResultObserver {
  /** Runs the call itself in its frame. */
  start<Given, R>(fn: (given: Given) => R, given: Given): R;
}

/**
 * Starts `fn` through `observer` and reports to it when the call is over: when its value is returned, its promise settles, its
 * generator or async iterable ends. No other code decides when a call is over.
 *
 * The caller gets exactly what `fn` returns or throws: the same value, error, promise, generator or stream object.
 */
export function follow<R>(fn: () => R, observer: CallObserver): R;
/** Follows `fn(given)`. The argument saves a closure on the hot path. */
export function follow<Given, R>(fn: (given: Given) => R, observer: CallObserver, given: Given): R;
export function follow<R>(fn: (given: unknown) => R, observer: CallObserver, given?: unknown): R {
  let result: R;
  try {
    result = observer.start(fn, given);
  } catch (error) {
    observer.threw(error);
    throw error;
  }
  return followResult(result, observer, types.isAsyncFunction(fn));
}

/** Follows a call that has already returned `result`. `isAsync` tells that the function is async. */
export function followResult<R>(result: R, observer: ResultObserver, isAsync: boolean): R {
  if (typeof result !== 'object' || result === null) {
    observer.returned(result);
    return result;
  }
  // Nobody else holds the promise of an async function, so the caller may get another promise, which is faster.
  if (isAsync && types.isPromise(result)) return followAsync(result, observer) as R; // the same class with the same value
  followValue(result, observer);
  return result;
}

function followValue(value: unknown, observer: ResultObserver): void {
  if (!tryFollow(value, observer)) observer.returned(value);
}

/** Follows a value that is not over yet. @returns false if it is over, or cannot be followed */
function tryFollow(value: unknown, observer: ResultObserver): boolean {
  if (typeof value !== 'object' || value === null || value === observer.self) return false;
  try {
    // Not `instanceof`: a hostile proxy could throw there.
    if (types.isPromise(value)) {
      const lead: Lead = { isTaken: false };
      const followMethods = () => followOther?.(value, observer, tools, lead) === true;
      return followPromise(value, observePromise(observer, lead), followMethods);
    }
    if (isPlain(value)) return false;
    if (isGenerator(value)) {
      if (isCrowded(value)) return false;
      followGenerator(value, observer);
    } else if (isWebStream(value)) {
      // Somebody reads a locked stream already, by a reader that cannot be found.
      if (value.locked) return false;
      followWebStream(value, observer);
    } else {
      const isFollowed = followOther?.(value, observer, tools);
      if (isFollowed !== undefined) return isFollowed;
      if (!isAsyncIterable(value)) return false;
      followIterable(value, observer);
    }
    observer.tieTo?.(value);
    return true;
  } catch {
    return false; // a hostile or frozen object cannot be followed: the call counts as over
  }
}

/** A quick check for what most functions return: an array, or a plain object that cannot be followed. */
function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  if (Object.getPrototypeOf(value) !== Object.prototype) return false;
  return !('then' in value || 'statusCode' in value || 'bodyUsed' in value || Symbol.asyncIterator in value);
}

/** The parts of the engine that `followOther` needs. */
const tools = {
  tryFollow,
  followIterable,
  /** Returns a function that runs callbacks in the frame that is current now. */
  outside() {
    const frame = currentFrame();
    return <R>(fn: () => R): R => within(frame, fn);
  },
};
export type Tools = typeof tools;

let followOther:
  | ((value: object, observer: ResultObserver, tools: Tools, lead?: Lead) => boolean | undefined)
  | undefined;

/** Sets the implementation that follows queries, responses, emitters and observables from now on. */
export function followOthers(implementation: typeof followOther): void {
  followOther = implementation;
}

function followAsync<T>(promise: Promise<T>, observer: ResultObserver): Promise<T> {
  return promise.then(
    (value) => {
      followValue(value, observer);
      return value;
    },
    (error: unknown) => {
      observer.threw(error);
      throw error;
    },
  );
}

/** @param lead - taken when another method of the promise is called; the call then ends with the result of that method */
function observePromise(observer: ResultObserver, lead: Lead): Settling {
  return {
    fulfilled: (value) => {
      if (!lead.isTaken) followValue(value, observer);
    },
    rejected: (error) => {
      if (!lead.isTaken) observer.threw(error);
      return observer.mayHandleRejection === true;
    },
  };
}
