/** Longest message in a `[Throws: …]` note. */
const maxNoteChars = 200;

/** Keys and values to be written as one JSON object, already read from their source. */
export class Entries {
  readonly keys: string[] = [];
  readonly values: unknown[] = [];
  add(key: string, value: unknown): this {
    this.keys.push(key);
    this.values.push(value);
    return this;
  }
}

/** `[Throws: message]` for what a getter, `toJSON` or Proxy threw. */
export function throwsNote(thrown: unknown): string {
  try {
    const message = typeof thrown === 'object' && thrown !== null ? (thrown as { message?: unknown }).message : thrown;
    if (typeof message === 'string') return `[Throws: ${message.slice(0, maxNoteChars)}]`;
    if (typeof message !== 'object' && typeof message !== 'function') return `[Throws: ${String(message)}]`;
  } catch {
    // The thrown value cannot be read either.
  }
  return '[Throws]';
}

/** Reads a property; if that throws, returns a note of the error. */
export function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch (thrown) {
    return throwsNote(thrown);
  }
}
