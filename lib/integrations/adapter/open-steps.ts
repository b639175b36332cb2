/** A run that never ends costs the memory of its entry until as many others have begun. */
const maxOpen = 10_000;

/** A step that is open. */
interface Endable {
  end(): void;
}

/**
 * The steps of a framework that have begun and not ended, by the framework's ids. Some never end, because the framework says
 * nothing when its user breaks off: with more than 10,000 the oldest is ended as it is. What is open when the client shuts
 * down, or the process ends, is ended with its trace.
 */
export class OpenSteps<Key, S extends Endable> {
  readonly #steps = new Map<Key, S>();
  readonly #max: number;

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

  /** Removes the step, which is over. */
  take(key: Key): S | undefined {
    const step = this.#steps.get(key);
    this.#steps.delete(key);
    return step;
  }

  values(): Iterable<S> {
    return this.#steps.values();
  }
}

const collected =
  typeof FinalizationRegistry === 'undefined' ? undefined : new FinalizationRegistry<() => void>((end) => end());

/**
 * Calls `end` when `holder`, such as a stream that the user got, was garbage-collected. `end` must not
 * hold it.
 */
export function whenCollected(holder: object, end: () => void): void {
  collected?.register(holder, end);
}
