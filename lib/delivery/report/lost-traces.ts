/** Ids kept per generation. */
const size = 1000;

/**
 * The traces that were lost last, so that their late spans and scores do not wait for a trace that never comes.
 * Two generations: when the newer one is full it becomes the older, which is forgotten. So the last 1,000 are
 * always known, 2,000 at most are held, and nothing is walked.
 */
export class LostTraces {
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

  /** The trace was recorded again. */
  delete(traceId: string): void {
    if (this.#newer.size === 0 && this.#older.size === 0) return;
    this.#newer.delete(traceId);
    this.#older.delete(traceId);
  }
}
