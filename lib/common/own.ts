/*
 * Options are read only from an object's own properties. A property that somebody has set on `Object.prototype` is no option, and
 * must not decide where a key is sent.
 */

/** Reads an own property. For code in which the copy of `ownOnly` costs too much. */
export function own<T extends object, K extends keyof T>(given: T, name: K): T[K] | undefined {
  return Object.hasOwn(given, name) ? given[name] : undefined;
}

/** A copy with only the object's own properties, each read once. */
export function ownOnly<T extends object>(given: T | null | undefined): T {
  return Object.assign(Object.create(null), given);
}
