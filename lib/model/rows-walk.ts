import type { BoundedJson } from './bounded-json.js';
import { FlatRows } from './flat-rows.js';
import { itemAt } from './guarded-reads.js';
import { PlainCopies } from './plain-copies.js';
import { isSuspect } from './secrets.js';

/** Most items in one batch. A batch is read before it is known whether it fits. */
const maxBatchItems = 512;
/** A list in which so many batches of rows were empty is not one of rows. */
const maxMisses = 2;
/** A shorter list, of messages, say, takes no longer as other plain data. */
const leastFlat = 32;
/** A null character or a lone surrogate as JSON.stringify writes it, or a text that looks so. */
const badEscape = /\\u(?:0000|d[89a-f])/;

/** How a walk writes one value. */
interface Single {
  value(lead: string, value: unknown): void;
  /** As `value`, of an object that stands for `source`. `isResult`: it was read from it, and is not asked for its JSON form again. */
  object(lead: string, value: object, source: object, isResult: boolean): void;
}

/**
 * Writes the items of a long list, many at a time:
 *
 * ```
 *  rows of short values    FlatRows       bytes, while they are read          as fast as JSON.stringify
 *  other plain data        PlainCopies    JSON.stringify of copies            a third slower
 *  anything else           Single         piece by piece                      four times slower
 * ```
 */
export class RowsWalk {
  readonly #out: BoundedJson;
  /** The objects the walk is inside of. */
  readonly #path: readonly unknown[];
  readonly #single: Single;
  readonly #flat = new FlatRows();
  readonly #copies = new PlainCopies();

  constructor(out: BoundedJson, path: readonly unknown[], single: Single) {
    this.#out = out;
    this.#path = path;
    this.#single = single;
  }

  /** The original of a copy that was made here; `value` itself if it is none. */
  sourceOf(value: object): object {
    return this.#copies.sourceOf(value);
  }

  /** Releases everything. */
  end(): void {
    this.#flat.end();
    this.#copies.end();
  }

  /** Writes items until nothing more is kept. @returns the index of the first that is not written */
  write(items: readonly unknown[], length: number): number {
    let at = 0;
    let misses = length < leastFlat ? maxMisses : 0;
    while (at < length && !this.#out.isFull) {
      if (misses === maxMisses) at = this.#plain(items, at, length, itemAt(items, at));
      else {
        const next = this.#rows(items, at, length);
        if (next === at) misses += 1;
        at = this.#flat.isStopped ? this.#other(items, next, length) : next;
      }
    }
    return at;
  }

  /** Writes rows of short values from `at` on. Gives the index of the next item. */
  #rows(items: readonly unknown[], at: number, length: number): number {
    const text = this.#flat.write(items, at, length, this.#path, this.#out.depth);
    const { next } = this.#flat;
    if (next === at || this.#out.items(at === 0 ? text : `,${text}`)) return next;
    let lead = at === 0 ? '' : ',';
    for (const row of JSON.parse(`[${text}]`)) {
      this.#single.value(lead, row);
      lead = ',';
    }
    return next;
  }

  /** Writes the item that ended the rows, and perhaps a batch from it on. Gives the index of the next item. */
  #other(items: readonly unknown[], at: number, length: number): number {
    const { last, taken, isForWalk } = this.#flat;
    const lead = at === 0 ? '' : ',';
    if (taken !== last && typeof taken === 'object' && taken !== null) {
      this.#single.object(lead, taken, last as object, true); // only objects have getters
    } else if (taken === last && !isForWalk && !this.#out.isFull) return this.#plain(items, at, length, last);
    else this.#single.value(lead, taken);
    return at + 1;
  }

  /** Writes a batch of items from `at` on, of which `first` is the first: plain ones, and one that is not. Gives the index of the next. */
  #plain(items: readonly unknown[], at: number, length: number, first: unknown): number {
    const copies = this.#copies;
    copies.begin(this.#path, this.#out.depth);
    const batch: unknown[] = [];
    const next = copies.fill(items, at, Math.min(length, at + maxBatchItems), batch, first);
    const { isPlain, last } = copies;
    let done = 0;
    if (isPlain || batch.length > 1) {
      const text = JSON.stringify(isPlain ? batch : batch.slice(0, -1));
      const isClean = (!text.includes('\\u') || !badEscape.test(text)) && !(copies.isSuspect && isSuspect(text));
      const lead = at === 0 ? '' : ',';
      if (isClean && this.#out.items(lead + text.slice(1, -1))) done = isPlain ? batch.length : batch.length - 1;
    }
    for (; done < batch.length; done += 1) {
      const lead = at + done === 0 ? '' : ',';
      const copy = batch[done];
      if (isPlain || done < batch.length - 1 || typeof copy !== 'object' || copy === null)
        this.#single.value(lead, copy);
      else this.#single.object(lead, copy, last as object, copy !== last); // only objects are copied to objects
    }
    return next;
  }
}
