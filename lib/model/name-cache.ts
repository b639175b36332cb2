/** Most names that are remembered. */
const maxNames = 512;
/** A longer name, in UTF-16 units, is not remembered. */
const maxNameUnits = 48;
/** How many further names pass before a full cache begins anew. */
const maxMissed = 10_000;

/**
 * A bounded cache of what is made of a name, such as its JSON text. Adding an entry takes longer than making that text. So a full
 * cache adds none of the next `maxMissed` names, which may be the keys of one large object, and then begins anew.
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
