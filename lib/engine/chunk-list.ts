import type { JsonText } from '../model/records.js';
import { maxBytesPerUnit } from '../model/text.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** Most chunks whose values are kept for a `reduce`; a longer stream is reduced from its beginning. */
const maxKept = 10_000;
/** Kept free for the brackets and the note that says how many chunks did not fit (at most 40 bytes). */
const noteBytes = 48;

/** The chunks of one stream: captured one by one as text, and kept as values if there is a `reduce`. */
export class ChunkList {
  /** Only filled if there is a `reduce`. */
  readonly values: unknown[] = [];
  readonly #keepsValues: boolean;
  readonly #texts: JsonText[] = [];
  /** The bytes of `#texts` with their commas; until they are measured, the most that they can be. */
  #bytes = 0;
  #isMeasured = false;
  /** How many chunks did not fit. */
  #left = 0;
  /** The first half of a surrogate pair whose second half is in the next chunk. */
  #half = '';

  constructor(keepsValues: boolean) {
    this.#keepsValues = keepsValues;
  }

  add(value: unknown, node: SpanNode | TraceNode): void {
    if (this.#keepsValues) {
      if (this.values.length < maxKept) this.values.push(value);
      return;
    }
    if (this.#left > 0) {
      this.#left += 1;
      return;
    }
    const text =
      node.capture(typeof value === 'string' ? this.#joined(value) : value, 'output') ?? ('null' as JsonText); // a constant
    if (this.#fits(text, node.recorder.maxValueBytes - noteBytes)) this.#texts.push(text);
    else this.#left = 1;
  }

  /** Whether one more text fits. Nothing is measured while all texts certainly fit. */
  #fits(text: JsonText, maxBytes: number): boolean {
    if (!this.#isMeasured) {
      const most = this.#bytes + text.length * maxBytesPerUnit + 1;
      if (most <= maxBytes) {
        this.#bytes = most;
        return true;
      }
      this.#bytes = this.#texts.reduce((sum, each) => sum + Buffer.byteLength(each) + 1, 0);
      this.#isMeasured = true;
    }
    this.#bytes += Buffer.byteLength(text) + 1;
    return this.#bytes <= maxBytes;
  }

  /** Joins a surrogate pair that was split between chunks: adds the previous chunk's last half, and keeps a half at this chunk's end for the next. */
  #joined(chunk: string): string {
    const text = this.#half + chunk;
    this.#half = /[\ud800-\udbff]$/.test(text) ? text.slice(-1) : '';
    return text;
  }

  /** All chunks as one JSON array. If some did not fit, the last item says how many. */
  text(): JsonText {
    const note = this.#left > 0 ? [`"[cut: ${this.#left} more chunks]"`] : [];
    return `[${[...this.#texts, ...note].join(',')}]` as JsonText; // every part is JSON text
  }
}
