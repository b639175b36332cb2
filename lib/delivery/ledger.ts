import type { FlushResult, SinkStats } from '../model/sink.js';

/** What was recorded and what became of it, plus how much had to be changed to get it accepted. */
export interface DeliveryStats extends SinkStats {
  /** Delivered items the backend took only without some piece, or cut. */
  readonly mended: number;
}

/** Somebody waiting for the items recorded before a moment. */
interface Watch {
  /** Items with this id or a lower one are watched. */
  readonly upTo: number;
  left: number;
  hasLost: boolean;
  readonly settled: () => void;
}

/**
 * Counts items. Invariant, at every moment: `created = delivered + failed + pending + the sum of dropped`; an item is
 * counted as settled once.
 */
export class Ledger {
  #created = 0;
  #delivered = 0;
  #failed = 0;
  #mended = 0;
  #droppedTotal = 0;
  readonly #dropped = new Map<string, number>();
  readonly #watches = new Set<Watch>();

  get pending(): number {
    return this.#created - this.#delivered - this.#failed - this.#droppedTotal;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** A new item; returns its id. */
  create(): number {
    this.#created += 1;
    return this.#created;
  }

  deliver(id: number, isMended: boolean): void {
    this.#delivered += 1;
    if (isMended) this.#mended += 1;
    this.#settle(id, false);
  }

  fail(id: number): void {
    this.#failed += 1;
    this.#settle(id, true);
  }

  drop(id: number, reason: string): void {
    this.#droppedTotal += 1;
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
    this.#settle(id, true);
  }

  /** Watches the items created so far; calls `settled` when the last pending one of them is settled. */
  watch(settled: () => void): {
    readonly isSettled: () => boolean;
    /** Whether all of them were delivered. */
    readonly isOk: () => boolean;
    readonly stop: () => void;
  } {
    const hasLost = this.#failed + this.#droppedTotal > 0;
    const watch: Watch = { upTo: this.#created, left: this.pending, hasLost, settled };
    this.#watches.add(watch);
    return {
      isSettled: () => watch.left === 0,
      isOk: () => watch.left === 0 && !watch.hasLost,
      stop: () => this.#watches.delete(watch),
    };
  }

  /** The counts as a flush gives them. */
  result(isOk: boolean): FlushResult {
    return {
      ok: isOk,
      delivered: this.#delivered,
      dropped: this.#droppedTotal,
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
      dropped: Object.fromEntries(this.#dropped),
      pendingBytes,
      mended: this.#mended,
    };
  }

  #settle(id: number, isLost: boolean): void {
    for (const watch of this.#watches) {
      if (id > watch.upTo) continue;
      watch.left -= 1;
      if (isLost) watch.hasLost = true;
      if (watch.left === 0) watch.settled();
    }
  }
}
