/*
 * Options are read from what the caller has put there: a property that somebody has set on `Object.prototype` is no option, and
 * must not decide where a key is sent.
 */

/** A property that the object has itself. For places where a copy costs too much. */
export function own<T extends object, K extends keyof T>(given: T, name: K): T[K] | undefined {
  return Object.hasOwn(given, name) ? given[name] : undefined;
}

/** A copy with the object's own properties, each read once, and nothing behind them. */
export function ownOnly<T extends object>(given: T | null | undefined): T {
  return Object.assign(Object.create(null), given);
}
