import type { ResultObserver } from './follow.js';

/*
 * What is followed in place: the caller keeps the very object, its class and its other methods, and only the methods that tell
 * how it goes on are covered on the instance.
 */

/** Taken by the way in which an object is read first: that one says how it ends. */
export interface Lead {
  isTaken: boolean;
}

/** Covers a method on this one object, invisible to `Object.keys`. */
export function cover(target: object, name: PropertyKey, value: (...args: never[]) => unknown): void {
  Object.defineProperty(target, name, { configurable: true, enumerable: false, writable: true, value });
}

/** Most calls that may follow one object: one that every call gives back outlives them all. */
const maxObservers = 8;
const observers = new WeakMap<object, number>();

/** Notes one more call that follows the object. @returns whether it is one too many */
export function isCrowded(target: object): boolean {
  const count = (observers.get(target) ?? 0) + 1;
  observers.set(target, count);
  return count > maxObservers;
}

/** Ends a call whose value may stay as it is for ever. Holds nothing of the value. @param lead - taken once somebody reads it */
export function endOf(observer: ResultObserver, lead: Lead): (isFlush?: boolean) => void {
  return (isFlush) => {
    if (isFlush !== true || !lead.isTaken) observer.streamed(undefined);
  };
}
