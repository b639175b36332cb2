import type { BoundedJson } from './bounded-json.js';
import { itemAt } from './guarded-reads.js';
import type { PlainCopies } from './plain-copies.js';
import { isSuspect } from './secrets.js';

/** Most items in one batch. A batch is read before it is known whether it fits. */
const maxBatchItems = 512;
/** A null character or a lone surrogate as JSON.stringify writes it, or a text that looks like one. */
const badEscape = /\\u(?:0000|d[89a-f])/;

/** How a walk writes one value. */
interface Single {
  value(lead: string, value: unknown): void;
  /** Writes an object in place of `source`. `isResult`: it was made from it, so its `toJSON` is not called again. */
  object(lead: string, value: object, source: object, isResult: boolean): void;
}

/** Writes the items of a long list, many at a time where they are plain data. */
export class BatchWalk {
  /** @param path - the objects that the walk is inside of */
  constructor(
    protected readonly out: BoundedJson,
    protected readonly path: readonly unknown[],
    protected readonly copies: PlainCopies,
    protected readonly single: Single,
  ) {}

  /** Writes items until the text is full. @returns the index of the first that is not written */
  write(items: readonly unknown[], length: number): number {
    let at = 0;
    while (at < length && !this.out.isFull) at = this.batch(items, at, length, itemAt(items, at));
    return at;
  }

  /**
   * Writes plain items from index `at` on, and the first item that is not plain.
   * @param first - the item at `at`
   * @returns the index of the next item
   */
  protected batch(items: readonly unknown[], at: number, length: number, first: unknown): number {
    const { copies } = this;
    copies.begin(this.path, this.out.depth);
    const batch: unknown[] = [];
    const next = copies.fill(items, at, Math.min(length, at + maxBatchItems), batch, first);
    const { isPlain, last } = copies;
    const plain = isPlain ? batch.length : batch.length - 1;
    let done = 0;
    let lead = at === 0 ? '' : ',';
    if (plain > 0) {
      const text = JSON.stringify(batch.slice(0, plain));
      const isClean = (!text.includes('\\u') || !badEscape.test(text)) && !(copies.isSuspect && isSuspect(text));
      if (isClean && this.out.items(lead, text.slice(1, -1))) {
        done = plain;
        lead = ',';
      }
    }
    for (; done < batch.length; done += 1) {
      const copy = batch[done];
      if (done < plain || copy === last || typeof copy !== 'object') this.single.value(lead, copy);
      else this.single.object(lead, copy as object, last as object, true); // what was read of an object
      lead = ',';
    }
    return next;
  }
}
