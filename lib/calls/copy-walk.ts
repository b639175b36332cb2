/** The copies of the first so many objects are not remembered, because most values have no more. Each later object is copied only once. */
const maxUnremembered = 64;

/** The note for an object inside itself, the same as for captured values. */
const circular = '[Circular]';

/** One walk that copies one value. An object inside itself is replaced by a note, so the walk ends. */
export abstract class CopyWalk {
  /** The objects that contain the current one. */
  readonly #around: object[] = [];
  #entered = 0;
  #done: Map<object, unknown> | undefined;

  /** @param key - the name under which the object stands, or the list that it is in */
  protected abstract copy(value: object, key: string, depth: number): unknown;

  /** Forgets the copied value, so that the walk keeps none of its objects. */
  end(): void {
    this.#entered = 0;
    this.#done = undefined;
  }

  /** The copy of an object: a note if the object is inside itself, the first copy if the object was copied before. */
  protected copyOf(value: object, key: string, depth: number): unknown {
    if (this.#around.includes(value)) return circular;
    if (this.#done?.has(value) === true) return this.#done.get(value);
    this.#around.push(value);
    let result: unknown;
    try {
      result = this.copy(value, key, depth);
    } finally {
      this.#around.pop();
    }
    this.#entered += 1;
    if (this.#entered > maxUnremembered) {
      this.#done ??= new Map();
      this.#done.set(value, result);
    }
    return result;
  }
}
