/** Most open steps. */
const maxOpen = 10_000;

/** An open step. */
interface Endable {
  end(): void;
}

/**
 * The open steps of a framework, by the framework's ids. Some never end, because the framework reports nothing when a run is left
 * early. So beyond the limit, the oldest one is ended. Steps that are open when the client shuts down, or the process ends, are
 * ended with their trace.
 */
export class OpenSteps<Key, S extends Endable> {
  readonly #steps = new Map<Key, S>();
  readonly #max: number;

  /** @param max - most open steps */
  constructor(max = maxOpen) {
    this.#max = max;
  }

  get size(): number {
    return this.#steps.size;
  }

  add(key: Key, step: S): void {
    this.#steps.set(key, step);
    if (this.#steps.size <= this.#max) return;
    for (const [oldest, abandoned] of this.#steps) {
      this.#steps.delete(oldest);
      abandoned.end();
      return;
    }
  }

  get(key: Key): S | undefined {
    return this.#steps.get(key);
  }

  /** Removes and returns a step that is over. */
  take(key: Key): S | undefined {
    const step = this.#steps.get(key);
    this.#steps.delete(key);
    return step;
  }

  values(): Iterable<S> {
    return this.#steps.values();
  }
}
