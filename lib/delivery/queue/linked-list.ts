/**
 * A doubly linked ring with a sentinel: the `next` of the sentinel is the first link, its `prev` the last.
 *
 * ```
 *      ┌─────────────────────────────────────────────┐
 *      └─> sentinel <──> first <──> … <──> last <───┘
 * ```
 *
 * Invariants: a link is in at most one list. From the sentinel, both `next` and `prev` lead back to it. A link outside of lists
 * points at itself. So a link can be removed without knowing its list, and every operation is O(1).
 */
export class Link<T> {
  readonly value: T | undefined;
  next: Link<T> = this;
  prev: Link<T> = this;

  constructor(value: T | undefined) {
    this.value = value;
  }

  /** Removes the link from its list, if it is in one. */
  unlink(): void {
    this.prev.next = this.next;
    this.next.prev = this.prev;
    this.next = this;
    this.prev = this;
  }
}

/** See {@link Link}. */
export class LinkedList<T> {
  readonly #sentinel = new Link<T>(undefined);

  get first(): T | undefined {
    return this.#sentinel.next.value;
  }

  /** Moves `link` to the end of this list, from any other list. */
  append(link: Link<T>): void {
    this.#insertAfter(this.#sentinel.prev, link);
  }

  /** Moves `link` to the front of this list, from any other list. */
  prepend(link: Link<T>): void {
    this.#insertAfter(this.#sentinel, link);
  }

  /** The values from first to last. The current one may be unlinked while iterating. */
  *[Symbol.iterator](): Generator<T> {
    let link = this.#sentinel.next;
    while (link !== this.#sentinel) {
      const next = link.next;
      if (link.value !== undefined) yield link.value;
      link = next;
    }
  }

  #insertAfter(before: Link<T>, link: Link<T>): void {
    if (before === link) return;
    link.unlink();
    link.prev = before;
    link.next = before.next;
    before.next.prev = link;
    before.next = link;
  }
}
