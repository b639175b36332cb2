/*
 * Promises are followed in place: the caller keeps the very object, with its class, its own methods and its rejection, which
 * stays as unhandled as it was.
 *
 * To hear of a rejection is to handle it. So what is heard is passed on by a promise of our own, and that one is left to be
 * found unhandled unless somebody has turned to the followed promise:
 *
 *     p ──our then──> echo, rejects like p      nobody turned to p: the process hears of it once, from the echo
 *     p ◄─ await, then, catch, finally, Promise.all, resolve(p)      somebody did: the echo is silenced
 *
 * By the language's rules all of these read `p.constructor`, whatever they are called through. A prototype between p and its
 * class sees that; a property on p itself would make every promise of the process slower.
 */

/** Told how a promise has settled, perhaps more than once: the first counts. */
export interface Settling {
  fulfilled(value: unknown): void;
  rejected(error: unknown): void;
}

const { then } = Promise.prototype;
/** Who passes on how a followed promise has settled. */
interface Echo {
  /** Somebody has turned to the followed promise: whether they handle its rejection is theirs to say. */
  isMuted: boolean;
  /** Rejected like the followed promise, and perhaps about to be found unhandled. */
  failed: Promise<unknown> | undefined;
}

const echoes = new WeakMap<object, Echo>();
/** The prototypes of followed promises, by those they stand before. */
const following = new WeakMap<object, object>();
const nothing = () => {};
/** It is we who read `constructor`: our own promise is none of the class's, which might do anything when it is made. */
let isOurs = false;

/**
 * Follows a promise, also one of another realm or of a class of its own.
 * @param followLazy - follows one that has a `then` of its own
 * @returns false where that cannot be done
 */
export function followPromise(promise: Promise<unknown>, settling: Settling, followLazy: () => boolean): boolean {
  try {
    const prototype = Object.getPrototypeOf(promise) as object; // what has the methods of a promise has one
    if (hasPlainThen(promise)) return Object.isExtensible(promise) && listen(promise, prototype, settling);
    // One that is overridden may do its work only when it is called, and know better how it ends. But `await` does not call
    // it on a promise of the language's own class.
    if (!followLazy()) return false;
    return prototype.constructor !== Promise || listen(promise, Object.getPrototypeOf(promise) as object, settling);
  } catch {
    return false; // a hostile one
  }
}

/** @returns true, when all is set */
function listen(promise: Promise<unknown>, prototype: object, settling: Settling): true {
  silence(promise); // a call inside follows it, too: one echo is enough
  Object.setPrototypeOf(promise, prototypeBefore(prototype));
  const echo: Echo = { isMuted: false, failed: undefined };
  echoes.set(promise, echo);
  isOurs = true;
  try {
    const passedOn: Promise<unknown> = then.call(
      promise,
      (value) => settling.fulfilled(value),
      (error) => {
        settling.rejected(error);
        if (echo.isMuted) return;
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
        silence(this);
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

function silence(promise: object): void {
  const echo = echoes.get(promise);
  if (echo === undefined) return;
  echo.isMuted = true;
  echoes.delete(promise);
  if (echo.failed !== undefined) then.call(echo.failed, undefined, nothing);
}

/** Whether `then` is the language's own, of this realm or another. */
function hasPlainThen(promise: Promise<unknown>): boolean {
  const own: unknown = promise.then;
  return own === then || (typeof own === 'function' && native.test(Function.prototype.toString.call(own)));
}

const native = /^function then\(\) \{\s*\[native code\]/;
