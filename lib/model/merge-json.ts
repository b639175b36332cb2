import type { JsonText } from './records.js';

/**
 * Two JSON objects as one, shallowly; what the second has wins. Text that is not an object (a mask may have
 * put a string in its place) counts as absent.
 */
export function mergeObjects(first: JsonText | undefined, second: JsonText | undefined): JsonText | undefined {
  const before = objectOf(first);
  const after = objectOf(second);
  if (before === undefined) return after === undefined ? undefined : second;
  if (after === undefined) return first;
  return JSON.stringify({ ...before, ...after }) as JsonText; // both were clean JSON text
}

function objectOf(text: JsonText | undefined): object | undefined {
  if (text === undefined || text === '{}' || text.charCodeAt(0) !== 123 /* { */) return undefined;
  return JSON.parse(text) as object; // JsonText is valid by its invariant, and starts like an object
}
