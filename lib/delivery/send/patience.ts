/** Most times the time for a request that one may take. */
const mostPatience = 4;
/** Most items that are remembered: those beyond are few, and start over. */
const mostKnown = 1000;

/** Which items took too long, so that the next try gets more time: twice as much each time, within a bound. */
export class Patience {
  readonly #late = new Map<number, number>();

  /** How many times the time for a request the item's next one may take. */
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
