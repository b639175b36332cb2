import { hasPlainThen } from '../common/thenable.js';

/*
 * Promises are followed in place: the caller keeps the very object, with its class, its own methods and its rejection, which
 * stays as unhandled as it was.
 *
 * Observing a rejection handles it. So the rejection is passed on by a promise of our own, the echo, which stays unhandled unless
 * somebody uses the followed promise:
 *
 *     p ──our then──> echo, rejects like p      nobody used p: the process reports it once, from the echo
 *     p ◄─ await, then, catch, finally, Promise.all, resolve(p)      somebody did: the echo is silenced
 *
 * By the language's rules all of these read `p.constructor`, whatever they are called through. A prototype between p and its
 * class sees that; a property on p itself would make every promise of the process slower.
 *
 * Nothing tells whether p was used before it was followed: the function that made it may have handled its rejection, so that nobody
 * needs to await it. Where that may be, the echo is silent: to hide a rejection is better than to end a program that would go on.
 */

/** The functions to call when a promise settles. They may be called more than once; only the first call counts. */
export interface Settling {
  fulfilled(value: unknown): void;
  /** @returns whether the rejection may have been handled before the promise was followed */
  rejected(error: unknown): boolean;
}

const { then } = Promise.prototype;
/** The echo of a followed promise. */
interface Echo {
  /** Somebody uses the followed promise, and is responsible for its rejection. */
  isUsed: boolean;
  /** How many calls follow the promise, each inside the next. Only the last one passes the rejection on. */
  calls: number;
  /** Rejected like the followed promise, and perhaps about to be found unhandled. */
  failed: Promise<unknown> | undefined;
}

const echoes = new WeakMap<object, Echo>();
/** The prototypes of followed promises, by those they stand before. */
const following = new WeakMap<object, object>();
const nothing = () => {};
/**
 * Set while this file reads `constructor` itself. Its own promise must not be of the user's class, whose constructor might do
 * anything.
 */
let isOurs = false;

/**
 * Follows a promise, also one of another realm or of a subclass.
 * @param followMethods - follows its other methods, and its own `then` if it has one
 * @returns false if the promise cannot be followed
 */
export function followPromise(promise: Promise<unknown>, settling: Settling, followMethods: () => boolean): boolean {
  try {
    const prototype = Object.getPrototypeOf(promise) as object; // what has the methods of a promise has one
    if (hasPlainThen(promise)) {
      if (!Object.isExtensible(promise)) return false;
      if (!isPlain(prototype) || hasMore(promise)) followMethods();
      return listen(promise, settling);
    }
    // An overridden `then` may start the work when it is called, and settle in its own way. But `await` does not call `then` on a
    // promise of the native class.
    if (!followMethods()) return false;
    return prototype.constructor !== Promise || listen(promise, settling);
  } catch {
    return false; // a hostile one
  }
}

/** Whether it is the prototype of native promises, or the one before it. */
function isPlain(prototype: object): boolean {
  return prototype === Promise.prototype || prototype === following.get(Promise.prototype);
}

/** Whether a native promise has properties of its own, as those of Got and Execa have. Node's own are symbols. */
function hasMore(promise: object): boolean {
  return Symbol.asyncIterator in promise || Object.getOwnPropertyNames(promise).length > 0;
}

/** Observes how the promise settles, and creates its echo. @returns true */
function listen(promise: Promise<unknown>, settling: Settling): true {
  const echo: Echo = echoes.get(promise) ?? { isUsed: false, calls: 0, failed: undefined };
  silence(echo);
  echo.calls += 1;
  const { calls } = echo;
  Object.setPrototypeOf(promise, prototypeBefore(Object.getPrototypeOf(promise) as object));
  echoes.set(promise, echo);
  isOurs = true;
  try {
    const passedOn: Promise<unknown> = then.call(
      promise,
      (value) => settling.fulfilled(value),
      (error) => {
        if (settling.rejected(error)) echo.isUsed = true;
        if (echo.isUsed || calls < echo.calls) return;
        echo.failed = passedOn;
        throw error;
      },
    );
  } finally {
    isOurs = false;
  }
  return true;
}

function prototypeBefore(prototype: object): object {
  const known = following.get(prototype);
  if (known !== undefined) return known;
  const made: object = Object.create(prototype, {
    constructor: {
      configurable: true,
      get(this: object): unknown {
        if (isOurs) return Promise;
        const echo = echoes.get(this);
        if (echo !== undefined) {
          echo.isUsed = true;
          silence(echo);
        }
        return Reflect.get(prototype, 'constructor', this);
      },
      set(this: object, value: unknown) {
        Object.defineProperty(this, 'constructor', { configurable: true, enumerable: true, writable: true, value });
      },
    },
  });
  following.set(prototype, made);
  following.set(made, made);
  return made;
}

function silence(echo: Echo): void {
  if (echo.failed !== undefined) then.call(echo.failed, undefined, nothing);
  echo.failed = undefined;
}
