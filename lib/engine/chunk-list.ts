import type { JsonText } from '../model/records.js';
import { maxBytesPerUnit } from '../model/text.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** Most chunks whose values are kept for a `reduce`; a longer stream is reduced from its beginning. */
const maxKept = 10_000;

/** The chunks of one stream: captured one by one as text, and kept as values if there is a `reduce`. */
export class ChunkList {
  /** Only filled if there is a `reduce`. */
  readonly values: unknown[] = [];
  readonly #keepsValues: boolean;
  readonly #texts: JsonText[] = [];
  #length = 0;
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
    // Certainly fits, so nothing has to be measured.
    if ((this.#length + text.length) * maxBytesPerUnit > node.recorder.maxValueBytes) this.#left = 1;
    else {
      this.#texts.push(text);
      this.#length += text.length + 1;
    }
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
