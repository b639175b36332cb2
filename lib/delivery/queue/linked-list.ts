/**
 * A doubly linked ring with a fixed sentinel: the head's `next` is the first link, its `prev` the last.
 *
 * ```
 *      ┌────────────────────────────────────────┐
 *      └─> sentinel <──> first <──> … <──> last <───┘
 * ```
 *
 * Invariants: a link is in at most one chain; following `next` or `prev` from the sentinel comes back to it;
 * an unlinked link points at itself. So taking a link out needs no chain, and every operation is O(1).
 */
export class Link<T> {
  readonly value: T | undefined;
  next: Link<T> = this;
  prev: Link<T> = this;

  constructor(value: T | undefined) {
    this.value = value;
  }

  /** Takes the link out of the chain it is in, if any. */
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

  /** Moves `link` to the end, out of wherever it was. */
  append(link: Link<T>): void {
    this.#insertAfter(this.#sentinel.prev, link);
  }

  /** Moves `link` to the front, out of wherever it was. */
  prepend(link: Link<T>): void {
    this.#insertAfter(this.#sentinel, link);
  }

  /** The values from first to last. The one just given out may be unlinked while iterating. */
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
