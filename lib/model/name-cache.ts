/** Most names that are remembered. */
const maxNames = 512;
/** A longer name, in UTF-16 units, is not remembered. */
const maxNameUnits = 48;
/** How many further names pass before a full cache begins anew. */
const maxMissed = 10_000;

/**
 * What was made of names, for the next time. Remembering a name takes longer than most of what is made of one, so a full cache stays
 * as it is for a while: the keys of a large object may all differ.
 */
export class NameCache<T> {
  readonly #made = new Map<string, T>();
  #missed = 0;

  get(name: string): T | undefined {
    return this.#made.get(name);
  }

  /** @returns `made` */
  set(name: string, made: T): T {
    if (name.length > maxNameUnits) return made;
    if (this.#made.size >= maxNames) {
      this.#missed += 1;
      if (this.#missed < maxMissed) return made;
      this.#missed = 0;
      this.#made.clear();
    }
    this.#made.set(name, made);
    return made;
  }
}
