/** Ids kept per generation. */
const size = 1000;

/**
 * Remembers the ids that were added last. There are two generations: when the newer one is full, it replaces the older one. So the
 * last 1,000 ids are always known, at most 2,000 are kept, and no operation walks them.
 */
export class RecentTraces {
  #newer = new Set<string>();
  #older = new Set<string>();

  add(traceId: string): void {
    this.#newer.add(traceId);
    if (this.#newer.size < size) return;
    this.#older = this.#newer;
    this.#newer = new Set();
  }

  has(traceId: string): boolean {
    return this.#newer.has(traceId) || this.#older.has(traceId);
  }

  delete(traceId: string): void {
    if (this.#newer.size === 0 && this.#older.size === 0) return;
    this.#newer.delete(traceId);
    this.#older.delete(traceId);
  }
}
