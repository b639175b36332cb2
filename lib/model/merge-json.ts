import type { JsonText } from './records.js';

/**
 * Merges two JSON objects, shallowly; the second one takes precedence. Text that is not an object (a mask may have
 * put a string in its place) counts as absent.
 */
export function mergeObjects(first: JsonText | undefined, second: JsonText | undefined): JsonText | undefined {
  if (!isObject(first)) return isObject(second) ? second : undefined;
  return isObject(second) ? mergeAll([first, second]) : first;
}

/** Up to this length in characters, objects are merged only when the result is needed. */
const leastMerged = 16_384;

/**
 * JSON objects to be merged into one, in the order in which they were added. They are merged when the result is needed, or when
 * their text has become twice as long as after the last merge. So adding to a large object costs no more than adding to a small
 * one.
 */
export class LaterObjects {
  #texts: JsonText[] = [];
  #length = 0;
  #limit = leastMerged;

  add(text: JsonText): void {
    this.#texts.push(text);
    this.#length += text.length;
    if (this.#length > this.#limit) this.#merge();
  }

  /** All added objects, merged over `first`. */
  mergedInto(first: JsonText | undefined): JsonText | undefined {
    return mergeObjects(first, this.#merge());
  }

  #merge(): JsonText | undefined {
    const objects = this.#texts.filter(isObject);
    const merged = objects.length < 2 ? objects[0] : mergeAll(objects);
    this.#texts = merged === undefined ? [] : [merged];
    this.#length = merged?.length ?? 0;
    this.#limit = 2 * this.#length + leastMerged;
    return merged;
  }
}

/** Merges by a Map, in which `__proto__` is a key like any other, and visits each object once. */
function mergeAll(texts: readonly JsonText[]): JsonText {
  const merged = new Map<string, unknown>();
  for (const text of texts) {
    for (const [key, value] of Object.entries(JSON.parse(text) as object)) merged.set(key, value); // it starts like one
  }
  return JSON.stringify(Object.fromEntries(merged)) as JsonText; // all were clean JSON text
}

function isObject(text: JsonText | undefined): text is JsonText {
  return text !== undefined && text !== '{}' && text.charCodeAt(0) === 123 /* { */; // JsonText is valid by its invariant
}
