import { types } from '../common/builtins.js';
import { BatchWalk } from './batch-walk.js';
import { FlatRows } from './flat-rows.js';
import { itemAt } from './guarded-reads.js';

/** After this many attempts that found no row, a list is written as other plain data. */
const maxMisses = 2;
/** Shorter lists, such as messages, are as fast as other plain data. */
const leastRows = 32;
/** Most numbers that are written in one call. They are read before it is known whether they fit. */
const maxNumbers = 4096;

/**
 * Writes the items of a long list, many at a time:
 *
 * ```
 *  numbers, as of vectors  a copy         JSON.stringify of the copy          about as fast as JSON.stringify
 *  rows of short values    FlatRows       bytes, while they are read          the same
 *  other plain data        PlainCopies    JSON.stringify of copies            a third slower
 *  anything else           Single         piece by piece                      four times slower
 * ```
 */
export class RowsWalk extends BatchWalk {
  readonly #flat = new FlatRows();

  override write(items: readonly unknown[], length: number): number {
    let at = beginsWithNumber(items) ? this.#numbers(items, length) : 0;
    let misses = length < leastRows ? maxMisses : 0;
    try {
      while (at < length && !this.out.isFull) {
        if (misses === maxMisses) at = this.batch(items, at, length, itemAt(items, at));
        else {
          const next = this.#rows(items, at, length);
          if (next === at) misses += 1;
          at = this.#flat.isStopped ? this.#other(items, next, length) : next;
        }
      }
    } finally {
      this.#flat.end();
    }
    return at;
  }

  /** Writes the finite numbers that a list begins with, and perhaps a batch after them. @returns the index of the next item */
  #numbers(items: readonly unknown[], length: number): number {
    let at = 0;
    while (at < length && !this.out.isFull) {
      const numbers: number[] = [];
      const end = Math.min(length, at + maxNumbers);
      let next = at;
      let item: unknown;
      for (; next < end; next += 1) {
        item = itemAt(items, next);
        if (typeof item !== 'number' || !Number.isFinite(item)) break;
        numbers.push(item);
      }
      let lead = at === 0 ? '' : ',';
      if (numbers.length > 0 && !this.out.items(lead, JSON.stringify(numbers).slice(1, -1))) {
        for (const number of numbers) {
          this.single.value(lead, number);
          lead = ',';
        }
      }
      if (next < end) return this.batch(items, next, length, item);
      at = next;
    }
    return at;
  }

  /** Writes rows of short values, from index `at` on. @returns the index of the next item */
  #rows(items: readonly unknown[], at: number, length: number): number {
    const text = this.#flat.write(items, at, length, this.path, this.out.depth);
    const { next } = this.#flat;
    let lead = at === 0 ? '' : ',';
    if (next === at || this.out.items(lead, text)) return next;
    for (const row of JSON.parse(`[${text}]`)) {
      this.single.value(lead, row);
      lead = ',';
    }
    return next;
  }

  /** Writes the item that ended the rows, and perhaps a batch that begins with it. @returns the index of the next item */
  #other(items: readonly unknown[], at: number, length: number): number {
    const { last, taken, isForWalk } = this.#flat;
    const lead = at === 0 ? '' : ',';
    if (taken !== last && typeof taken === 'object' && taken !== null) {
      this.single.object(lead, taken, last as object, true); // only objects have getters
    } else if (taken === last && !isForWalk && !this.out.isFull) return this.batch(items, at, length, last);
    else this.single.value(lead, taken);
    return at + 1;
  }
}

/** Whether the first item is a number. Runs no getter, because the item is read again. */
function beginsWithNumber(items: readonly unknown[]): boolean {
  return !types.isProxy(items) && typeof Object.getOwnPropertyDescriptor(items, 0)?.value === 'number';
}
