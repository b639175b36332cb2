import { captureJson } from '../../lib/model/capture.js';

/** A limit that few values reach. */
export const roomy = { maxBytes: 1024 * 1024 };

/** What is captured of a value, read back. */
export function captured(value: unknown): unknown {
  return JSON.parse(captureJson(value, roomy));
}

/** Has a private field, and a getter that is not its own. */
export class Tool {
  readonly name = 'search';
  readonly limit = 3;
  #secret = 'hidden';
  get length(): number {
    return this.#secret.length;
  }
}

/** Counts how often it is asked for its JSON. */
export class Money {
  calls = 0;
  toJSON(): unknown {
    this.calls += 1;
    return { cents: 5, at: new Date(0) };
  }
}
