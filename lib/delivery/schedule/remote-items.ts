import { doubled, type Timing } from '../pace/timing.js';
import type { Group, Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';

/** Share of the queue's bounds that may wait outside of the queue. */
const share = 1 / 8;
/** Most traces whose items are back in the queue at one time, to see whether the trace is stored by now. */
const mostAtOnce = 4;
/** Time between two requests after the backend has limited them, in milliseconds: a third of the limit. Source: backend-contract.md, *Rate limit*. */
const limitedGapMs = 1000;
/** After what time to try again if the queue had no room, in milliseconds. */
const roomRetryMs = 100;
/** Time between two tries at the end of delivery, in milliseconds. */
const endRetryMs = 200;

/** The items that wait for one trace, at least one. */
interface Waiting {
  readonly items: Item[];
  wakeAt: number;
}

/** The bounds of the queue. */
interface QueueBounds {
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
}

/** What `RemoteItems` must know of its delivery. */
interface RemoteOptions {
  /** Whether the backend has ever refused a request for a rate limit or a quota. */
  isLimited(): boolean;
  /** Whether the item outlives the process. */
  isOnDisk(item: Item): boolean;
  /** When a new trace, and so a placeholder, may be sent: 0 for at once. */
  newTraceAt(): number;
  /** Items are lost, because the queue is full. */
  drop(items: readonly Item[]): void;
  /** Delivery is ending already. */
  readonly isEnding: boolean;
}

/**
 * Late spans whose trace another process has not sent yet; that process may run for minutes. They wait outside of the queue, whose
 * order, bounds and pace are for items that can be sent.
 *
 * ```
 *  queue ──404──> waiting ──due, and the queue has nothing else for the route──> queue ──> sent, or 404 again
 *                    │                                                             ^
 *                    └─ waited too long, too many, or the end of delivery ──> orphaned: with a trace of their own
 * ```
 *
 * Invariants: items that are recorded while others of their trace wait here are put behind those; the bounds hold after every
 * call. Times are passed in, in milliseconds.
 */
export class RemoteItems {
  readonly #queue: Queue;
  readonly #timing: Timing;
  readonly #options: RemoteOptions;
  readonly #bounds: QueueBounds;
  /** By trace, longest without a try first. */
  readonly #waiting = new Map<string, Waiting>();
  /** Traces whose items are back in the queue, which asks the backend whether it has the trace by now. */
  readonly #asked = new Set<string>();
  #items = 0;
  #bytes = 0;
  #nextWakeAt = Number.POSITIVE_INFINITY;
  #nextAskAt = 0;
  #isEnding: boolean;

  constructor(queue: Queue, timing: Timing, bounds: QueueBounds, options: RemoteOptions) {
    this.#bounds = bounds;
    this.#queue = queue;
    this.#timing = timing;
    this.#options = options;
    this.#isEnding = options.isEnding;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether delivery is ending, so that nothing waits for another process any more. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** When items of the next trace may go back into the queue; infinity if nothing waits. */
  get nextAt(): number {
    return this.#isHeld ? Number.POSITIVE_INFINITY : Math.max(this.#nextWakeAt, this.#nextAskAt);
  }

  /** Whether items wait that may go back into the queue only after an item in flight has come back. */
  get hasBlocked(): boolean {
    return this.#waiting.size > 0 && this.#isHeld;
  }

  /** Takes the late spans and scores of a group out of the queue, because their trace is not stored yet. */
  add(group: Group, now: number): void {
    const { traceId } = group;
    const first = group.items[0] as Item; // a group has an item
    this.#asked.delete(traceId);
    if (first.notFoundCount > 0) first.absentMs += now - first.notFoundAt;
    const waitMs = doubled(this.#timing.absentMs, first.notFoundCount, this.#timing.maxAbsentMs);
    first.notFoundCount += 1;
    first.notFoundAt = now;
    const wakeAt = this.#isEnding ? this.#wakeAtEnd(first, now) : now + waitMs;
    if (first.absentMs >= this.#timing.remoteMs) first.isOrphaned = true;
    const items = this.#queue.takeOut(group);
    // Other items of the trace may be waiting already, because the spool fills the queue a few items at a time.
    const before = this.#waiting.get(traceId)?.items ?? [];
    this.#waiting.delete(traceId);
    this.#waiting.set(traceId, { items: [...before, ...items], wakeAt });
    for (const item of items) this.#count(item, 1);
    this.#nextWakeAt = Math.min(this.#nextWakeAt, wakeAt);
    this.#keepBounds();
  }

  /** Puts an item behind the waiting items of its trace. @returns false if no item of the trace waits */
  join(item: Item): boolean {
    const waiting = item.kind === 'trace' ? undefined : this.#waiting.get(item.traceId);
    if (waiting === undefined) return false;
    waiting.items.push(item);
    this.#count(item, 1);
    this.#keepBounds();
    return true;
  }

  /** Puts items that are due back into the queue. */
  refill(now: number): void {
    if (this.#waiting.size === 0) return;
    this.#keepBounds();
    for (const traceId of this.#asked) if (!this.#queue.has(traceId)) this.#asked.delete(traceId);
    if (now < this.nextAt) return;
    this.#nextWakeAt = Number.POSITIVE_INFINITY;
    for (const [traceId, waiting] of this.#waiting) {
      const dueAt = this.#dueAt(waiting);
      const isNext = dueAt <= now && (this.#isEnding || this.#isFree(now));
      const isRoom = isNext && this.#hasRoomFor(waiting.items);
      if (isNext && !isRoom) this.#nextAskAt = now + roomRetryMs;
      if (isRoom) this.#putBack(traceId, waiting, now);
      else this.#nextWakeAt = Math.min(this.#nextWakeAt, dueAt);
    }
  }

  /** Makes waiting items due: a flush is waiting, or the trace was recorded in this process after all. */
  hurry(now: number, traceId?: string): void {
    for (const [of, waiting] of this.#waiting) if (traceId === undefined || of === traceId) waiting.wakeAt = now;
    if (this.#waiting.size > 0) this.#nextWakeAt = Math.min(this.#nextWakeAt, now);
  }

  /** Delivery ends: everything that waits may be tried once more. */
  hurryToEnd(now: number): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#nextAskAt = 0;
    this.hurry(now);
  }

  /** Releases all waiting items. @returns the items that are lost, because they are not on disk */
  end(): readonly Item[] {
    const items = [...this.#waiting.values()].flatMap((waiting) => waiting.items);
    this.#waiting.clear();
    this.#nextWakeAt = Number.POSITIVE_INFINITY;
    for (const item of items) {
      this.#count(item, -1);
      this.#queue.discard(item);
    }
    return items.filter((item) => !this.#options.isOnDisk(item));
  }

  /** When items may be tried again. Orphaned ones need a placeholder. */
  #dueAt({ items, wakeAt }: Waiting): number {
    return (items[0] as Item).isOrphaned ? Math.max(wakeAt, this.#options.newTraceAt()) : wakeAt; // at least one
  }

  /** Whether items of another trace may go back into the queue: items that can certainly be stored go first. */
  #isFree(now: number): boolean {
    return this.#asked.size < mostAtOnce && now >= this.#nextAskAt && this.#queue.next('other') === undefined;
  }

  get #isHeld(): boolean {
    return !this.#isEnding && (this.#asked.size >= mostAtOnce || this.#queue.next('other') !== undefined);
  }

  /** Whether the queue has room for all of these items, without dropping another one. */
  #hasRoomFor(items: readonly Item[]): boolean {
    const bytes = items.reduce((sum, item) => sum + item.bytes, this.#queue.bytes);
    return this.#isWithin(1, this.#queue.items + items.length, bytes);
  }

  /** Whether so much is within a share of the queue's bounds. */
  #isWithin(part: number, items: number, bytes: number): boolean {
    const { maxQueueSize, maxQueueBytes } = this.#bounds;
    return items <= Math.ceil(maxQueueSize * part) && bytes <= Math.ceil(maxQueueBytes * part);
  }

  #putBack(traceId: string, { items }: Waiting, now: number): void {
    this.#takeAway(traceId, items);
    this.#asked.add(traceId);
    if (!this.#isEnding && this.#options.isLimited()) this.#nextAskAt = now + limitedGapMs;
    this.#queue.readmit(items);
  }

  #takeAway(traceId: string, items: readonly Item[]): void {
    this.#waiting.delete(traceId);
    for (const item of items) this.#count(item, -1);
  }

  /**
   * Sends the items that wait longest with a placeholder. If the queue is full, they take the place of its oldest trace. If that was
   * tried, and the backend takes no new trace now, they stay here as long as the queue has that much room.
   */
  #keepBounds(): void {
    for (const [traceId, waiting] of this.#waiting) {
      if (this.#isWithin(share, this.#items, this.#bytes)) return;
      const first = waiting.items[0] as Item; // at least one
      if (first.isOrphaned) {
        const { items, bytes } = this.#queue;
        if (this.#isWithin(1, items + this.#items, bytes + this.#bytes)) return;
        this.#takeAway(traceId, waiting.items);
        this.#options.drop(waiting.items);
        for (const item of waiting.items) this.#queue.discard(item);
      } else {
        first.isOrphaned = true;
        this.#putBack(traceId, waiting, 0);
      }
    }
  }

  /** At the end of delivery: when to try again. The next try uses a placeholder, because the item is orphaned from here on. */
  #wakeAtEnd(first: Item, now: number): number {
    if (this.#options.isOnDisk(first)) return Number.POSITIVE_INFINITY; // the next process sends it
    const waitMs = first.isOrphaned ? endRetryMs : this.#timing.remoteEndMs;
    first.isOrphaned = true;
    return now + waitMs;
  }

  #count(item: Item, sign: 1 | -1): void {
    this.#items += sign;
    this.#bytes += sign * item.bytes;
  }
}
