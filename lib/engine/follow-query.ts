import { hasPlainThen } from '../common/thenable.js';
import type { ResultObserver, TryFollow } from './follow.js';
import { isCrowded, type Lead, patchHidden } from './in-place.js';

/*
 * An object with its own `then` (such as a query builder) may start its work only when `then` or another method is called. So this
 * package calls none of them. It patches the methods, and the first one that the program calls shows when the work ends.
 *
 * A native promise may have such methods, too: `json()` of Got 15 gives the body, while the promise gives the response. Its `then`,
 * `catch` and `finally` stay as they are, because `followPromise` follows its settling.
 *
 * The patches of inherited methods are in a prototype made for the object, because some clients copy own properties from promise to promise.
 */

/**
 * The methods that start queries, requests and runs.
 * Source: the documentation of Prisma, Drizzle, Knex, Mongoose, Got, Superagent, Execa, OpenAI, Anthropic and
 * Bluebird.
 */
const ways =
  'exec execute run all get values sync json text buffer blob arrayBuffer bytes formData end asCallback stream pipe cursor parse asResponse done runUntilDone toPromise requestTransaction spread map mapSeries each filter reduce tap timeout delay reflect'.split(
    ' ',
  );
/** The methods of every promise. */
const promiseWays = ['then', 'catch', 'finally'];
/** Of these methods, those that take a callback: `(error)`, or `(error, value)`. */
const callbacks = /^(?:catch|end|exec|asCallback)$/;
/** Of these methods, those that return the rows themselves if the driver is synchronous. Source: Drizzle's documentation of SQLite. */
const rows = /^(?:run|all|get|values|sync)$/;

/**
 * Follows a query. The result of the method that starts it is followed with `tryFollow`.
 * @returns false if the query cannot be followed
 */
export function followQuery(query: object, observer: ResultObserver, lead: Lead, tryFollow: TryFollow): boolean {
  if (isCrowded(query)) return false;
  try {
    let made: object | undefined;
    const prototype = () => {
      made ??= prototypeFor(query);
      return made;
    };
    for (const way of hasPlainThen(query) ? ways : [...promiseWays, ...ways]) {
      const original: unknown = Reflect.get(query, way);
      if (typeof original !== 'function') continue;
      patchHidden(
        Object.hasOwn(query, way) ? query : prototype(),
        way,
        function (this: unknown, ...args: unknown[]): unknown {
          if (lead.isTaken) return Reflect.apply(original, this, args);
          lead.isTaken = true; // also if the method calls other methods of the object
          observer.tieTo?.(); // it runs now, even if nobody holds the object
          const hasCallback = observeCallbacks(way, args, observer, tryFollow);
          const given = started(() => Reflect.apply(original, this, args), observer);
          if (way === 'then' || (given !== query && tryFollow(given, observer)) || hasCallback) return given;
          // Other objects have a `get` for headers or conditions.
          if (given !== query && rows.test(way) && 'getSQL' in query) observer.returned(given);
          else lead.isTaken = false;
          return given;
        },
      );
    }
    observer.tieTo?.(query);
    return true;
  } catch {
    return false; // frozen or hostile
  }
}

/** Puts a prototype of its own before the object's. */
function prototypeFor(query: object): object {
  const prototype: object = Object.create(Object.getPrototypeOf(query));
  Object.setPrototypeOf(query, prototype);
  return prototype;
}

/** Returns what `start` returns. If it throws, the query is over. */
function started(start: () => unknown, observer: ResultObserver): unknown {
  try {
    return start();
  } catch (error) {
    observer.threw(error);
    throw error;
  }
}

/** Makes the callbacks in `args` report to the observer first. @returns whether there are any */
function observeCallbacks(way: string, args: unknown[], observer: ResultObserver, tryFollow: TryFollow): boolean {
  const fulfilled = (value: unknown) => {
    if (!tryFollow(value, observer)) observer.returned(value);
  };
  const [first, second] = args;
  if (way === 'then') {
    args[0] = (value: unknown): unknown => {
      fulfilled(value);
      return typeof first === 'function' ? first(value) : value;
    };
    args[1] = (error: unknown): unknown => {
      observer.threw(error);
      if (typeof second === 'function') return second(error);
      throw error;
    };
    return true;
  }
  if (typeof first !== 'function' || !callbacks.test(way)) return false;
  args[0] = function (this: unknown, ...given: unknown[]): unknown {
    const [error, value] = given;
    if (way === 'catch' || error) observer.threw(error);
    else fulfilled(value);
    return Reflect.apply(first, this, given);
  };
  return true;
}
