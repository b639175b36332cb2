/** Most times the usual time that a request gets. */
const mostPatience = 4;
/** Most items that are remembered. Older ones start over with the usual time. */
const mostKnown = 1000;

/** Remembers items whose requests ran out of time: their next request gets twice as much, within a bound. */
export class TimeoutPatience {
  readonly #late = new Map<number, number>();

  /** How many times the usual time the item's next request may take. */
  for(id: number): number {
    return this.#late.get(id) ?? 1;
  }

  /** The item's request ran out of time. */
  late(id: number): void {
    const next = Math.min(this.for(id) * 2, mostPatience);
    this.#late.delete(id);
    this.#late.set(id, next);
    const [oldest] = this.#late.keys();
    if (this.#late.size > mostKnown && oldest !== undefined) this.#late.delete(oldest);
  }

  /** The item is settled. */
  forget(id: number): void {
    if (this.#late.size > 0) this.#late.delete(id);
  }
}
