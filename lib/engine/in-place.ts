import type { ResultObserver } from './follow.js';

/*
 * Objects are followed in place: the caller keeps the same object with its class and other methods. Only the methods that show its
 * progress are replaced, on the instance.
 */

/** For an object that can be read in several ways: the first one that is used sets `isTaken`, and the call ends with it. */
export interface Lead {
  isTaken: boolean;
}

/** Replaces a method of one object; the new property is not enumerable. */
export function patchHidden(target: object, name: PropertyKey, value: (...args: never[]) => unknown): void {
  Object.defineProperty(target, name, { configurable: true, enumerable: false, writable: true, value });
}

/**
 * Most calls that may follow one object: more than calls are nested, each of which returns what the inner one did. A shared object
 * that every call returns would collect patches without end.
 */
const maxObservers = 32;
const observers = new WeakMap<object, number>();

/** Counts one more call that follows the object. @returns whether there are too many */
export function isCrowded(target: object): boolean {
  const count = (observers.get(target) ?? 0) + 1;
  observers.set(target, count);
  return count > maxObservers;
}

/**
 * Returns a function that ends a call whose value may never end by itself; a flush does so only until somebody reads the value. It
 * holds no reference to the value.
 * @param lead - `isTaken` once somebody reads the value
 */
export function endOf(observer: ResultObserver, lead: Lead): (isFlush?: boolean) => void {
  return (isFlush) => {
    if (isFlush !== true || !lead.isTaken) observer.streamed(undefined);
  };
}
