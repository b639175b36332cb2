import type { FlushResult, SinkStats } from '../../model/sink.js';

/** Counts of items by outcome. */
export interface DeliveryStats extends SinkStats {
  /** Delivered items that the backend took only after something was cut or left out. */
  readonly repaired: number;
}

/** Watches the items recorded before a moment. */
export interface Watch {
  /** No watched item is pending any more. */
  readonly isFinal: boolean;
  /** A watched item, or one before them, was lost. */
  readonly hasLost: boolean;
  /** Items with this id or a lower one are watched. */
  readonly upTo: number;
}

interface CountedWatch extends Watch {
  isFinal: boolean;
  hasLost: boolean;
  /** Pending items that this watch has, and the watch before it has not. */
  left: number;
  readonly onSettled: () => void;
}

/**
 * Counts items. Invariant, at every moment: `created = delivered + failed + pending + dropped`; an item is
 * counted as settled once.
 *
 * ```
 *  ids      1 2 3 4 5 6 7 8 9 …
 *  watch 1  ────────┤                 each counts the pending ids after the watch before it, so an item that is settled
 *  watch 2          ├─────┤           changes one count; a watch is settled when it is the first and its count is 0
 *  watch 3                ├─┤
 * ```
 */
export class Stats {
  #lastId = 0;
  #created = 0;
  #delivered = 0;
  #failed = 0;
  #repaired = 0;
  #dropped = 0;
  readonly #droppedByReason = new Map<string, number>();
  /** Updates that are not settled. */
  readonly #uncounted = new Set<number>();
  /** Unsettled watches, by `upTo`. */
  readonly #watches: CountedWatch[] = [];
  /** The sum of their counts. */
  #watched = 0;

  get pending(): number {
    return this.#created - this.#delivered - this.#failed - this.#dropped;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** A new item; returns its id. */
  create(): number {
    this.#created += 1;
    this.#lastId += 1;
    return this.#lastId;
  }

  /** The id of an update: nothing counts it, and no watch waits for it. */
  createUncounted(): number {
    this.#lastId += 1;
    this.#uncounted.add(this.#lastId);
    return this.#lastId;
  }

  /** A later item replaces this one, which then counts as if it had never been created. */
  replace(id: number): void {
    if (this.#uncounted.delete(id)) return;
    this.#created -= 1;
    this.#settle(id, false);
  }

  deliver(id: number, isRepaired: boolean): void {
    if (this.#uncounted.delete(id)) return;
    this.#delivered += 1;
    if (isRepaired) this.#repaired += 1;
    this.#settle(id, false);
  }

  fail(id: number): void {
    if (this.#uncounted.delete(id)) return;
    this.#failed += 1;
    this.#settle(id, true);
  }

  drop(id: number, reason: string): void {
    if (this.#uncounted.delete(id)) return;
    this.#dropped += 1;
    this.#droppedByReason.set(reason, (this.#droppedByReason.get(reason) ?? 0) + 1);
    this.#settle(id, true);
  }

  /** Watches the items created so far; `onSettled` is called when the last pending one of them is settled. */
  watch(onSettled: () => void): Watch {
    const hasLost = this.#failed + this.#dropped > 0;
    const left = this.pending - this.#watched;
    const isFinal = this.pending === 0;
    const watch: CountedWatch = { upTo: this.#lastId, left, hasLost, isFinal, onSettled };
    if (isFinal) return watch;
    this.#watches.push(watch);
    this.#watched += left;
    return watch;
  }

  /** Ends a watch: it does not change any more, and `onSettled` is not called. */
  unwatch(watch: Watch): void {
    const at = this.#watches.indexOf(watch as CountedWatch);
    const [gone] = at < 0 ? [] : this.#watches.splice(at, 1);
    if (gone === undefined) return;
    const next = this.#watches[at];
    if (next === undefined) this.#watched -= gone.left;
    else {
      next.left += gone.left;
      next.hasLost ||= gone.hasLost;
    }
  }

  /** The counts as a flush gives them. */
  result(isOk: boolean): FlushResult {
    return {
      ok: isOk,
      delivered: this.#delivered,
      dropped: this.#dropped,
      failed: this.#failed,
      pending: this.pending,
    };
  }

  stats(pendingBytes: number): DeliveryStats {
    return {
      created: this.#created,
      delivered: this.#delivered,
      failed: this.#failed,
      pending: this.pending,
      dropped: this.#dropped,
      droppedByReason: Object.fromEntries(this.#droppedByReason),
      pendingBytes,
      repaired: this.#repaired,
    };
  }

  #settle(id: number, isLost: boolean): void {
    const watch = this.#watches[this.#indexFor(id)];
    if (watch === undefined) return;
    watch.left -= 1;
    watch.hasLost ||= isLost;
    this.#watched -= 1;
    for (let [first] = this.#watches; first?.left === 0; [first] = this.#watches) {
      this.#watches.shift();
      const [next] = this.#watches;
      if (next !== undefined) next.hasLost ||= first.hasLost;
      first.isFinal = true;
      first.onSettled();
    }
  }

  /** Index of the first watch that has the item. */
  #indexFor(id: number): number {
    let from = 0;
    let to = this.#watches.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      const { upTo } = this.#watches[middle] as CountedWatch; // in range
      if (upTo < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}
