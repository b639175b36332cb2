import { withoutSecrets } from './secrets.js';

/** Longest message in a `[Throws: …]` note. */
const maxNoteChars = 200;

/** `[Throws: message]` for what a getter, `toJSON` or Proxy threw. */
export function throwsNote(thrown: unknown): string {
  try {
    const message = typeof thrown === 'object' && thrown !== null ? (thrown as { message?: unknown }).message : thrown;
    if (typeof message === 'string') return `[Throws: ${noteText(message)}]`;
    if (typeof message !== 'object' && typeof message !== 'function') return `[Throws: ${String(message)}]`;
  } catch {
    // The thrown value cannot be read either.
  }
  return '[Throws]';
}

/** The beginning of a message. It is masked before it is cut, because half a credential would not be recognized. */
function noteText(message: string): string {
  return withoutSecrets(message.slice(0, maxNoteChars * 2)).slice(0, maxNoteChars);
}

/** Reads a property; if that throws, returns a note of the error. */
export function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch (thrown) {
    return throwsNote(thrown);
  }
}

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
