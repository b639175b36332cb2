import { throwsNote } from './entries.js';

/**
 * A copy of an object of which a getter threw. It is not known which one, and none may be read again, so each getter is replaced
 * by the note.
 */
export function copyOfFailed(value: object, thrown: unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const item: unknown = property?.get === undefined ? property?.value : throwsNote(thrown);
    Object.defineProperty(copy, key, { value: item, configurable: true, enumerable: true, writable: true });
  }
  return copy;
}

/** The length of a list; undefined if it is a Proxy that throws or returns no number. */
export function lengthOf(items: readonly unknown[]): number | undefined {
  try {
    const length: unknown = items.length;
    return typeof length === 'number' ? length : undefined;
  } catch {
    return undefined;
  }
}

/** Reads an item of a list. Never throws. */
export function itemAt(items: readonly unknown[], at: number): unknown {
  try {
    return items[at];
  } catch (thrown) {
    return throwsNote(thrown);
  }
}
