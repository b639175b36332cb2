import { clearInterval, clearTimeout, setInterval, setTimeout, soon } from '../../common/real-time.js';
import type { Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import type { ItemRules } from '../queue/route.js';
import type { Stats } from '../report/stats.js';
import type { SpoolOptions } from './options.js';
import type { ReadLine } from './reader.js';
import { Spool } from './spool.js';

/** The queue is filled from disk until it has this many items or bytes. Not more, because new items wait behind these. */
const fewItems = 200;
const fewBytes = 4 * 1_048_576;
/** How often to look for folders of other processes, and to show that this one runs, in milliseconds. */
const heartbeatMs = 20_000;
/** How often an unreadable file is read again while somebody waits for a flush, in milliseconds. */
const waitedRetryMs = 50;

/** Events of the spool. */
interface SpoolEvents {
  /** There may be something to send. */
  onWork(): void;
  /** Unsent items were deleted from the disk. @param items - how many */
  onDropped(items: number): void;
}

/**
 * Connects the spool with the queue.
 *
 * ```
 *  recorded item ──> disk ──> queue, if it has room
 *                     └─────── refill ──────> queue, later      items that had no room, then those of ended processes
 * ```
 */
export class SpooledQueue {
  readonly #spool: Spool;
  readonly #queue: Queue;
  readonly #rules: ItemRules;
  readonly #stats: Stats;
  readonly #onWork: () => void;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** When `#retryTimer` fires. */
  #retryTimerAt = 0;
  #isClosed = false;
  /** An item that was read, but does not fit into the queue now. */
  #next: Item | undefined;
  /** A line that was read, but there is no memory for its item now. */
  #unplaced: ReadLine | undefined;
  #lastReadId = 0;

  constructor(options: SpoolOptions, queue: Queue, rules: ItemRules, stats: Stats, events: SpoolEvents) {
    this.#queue = queue;
    this.#rules = rules;
    this.#stats = stats;
    this.#onWork = events.onWork;
    this.#spool = new Spool(options, (ids, foreign) => {
      for (const id of ids) stats.drop(id, 'spool_full');
      for (let i = 0; i < foreign; i += 1) stats.drop(stats.create(), 'spool_full');
      if (ids.length + foreign > 0) events.onDropped(ids.length + foreign);
    });
    // Soon, because the application may record nothing for a long time; not now, because the caller is not ready.
    soon(events.onWork);
  }

  /** Writes an item to disk. @returns whether it stays on disk only, so that it must not be pushed to the queue */
  keep(item: Item, bodies: readonly string[]): boolean {
    return this.#spool.keep(item, bodies, !this.isBehind && this.#queue.hasRoomFor(item)) === 'onDisk';
  }

  /** Whether new items stay on disk only for now: behind items that are there, or that were read and wait for room. */
  get isBehind(): boolean {
    return this.#spool.isBehind || this.#next !== undefined || this.#unplaced !== undefined;
  }

  /** Fills the queue up from disk. @param isOwnOnly - leaves items of other processes alone */
  refill(isOwnOnly = false): void {
    if (!isOwnOnly) this.#startHeartbeat();
    let isMore = false;
    while (this.#queue.items < fewItems && this.#queue.bytes < fewBytes) {
      const item = this.#next ?? this.#read(isOwnOnly);
      this.#next = undefined;
      if (item === undefined) break;
      if (this.#queue.items > 0 && !this.#queue.hasRoomFor(item)) {
        this.#next = item;
        break;
      }
      this.#queue.push(item);
      isMore = true;
    }
    if (isMore) this.#queue.release();
  }

  /** Called at the start of a flush: reads unreadable files again, then fills the queue from disk. */
  loadFromDisk(): void {
    this.#spool.retryNow();
    this.refill();
  }

  /** Whether there are items of other processes that were not read yet. */
  get isUnread(): boolean {
    return this.#unplaced?.isForeign === true || this.#spool.isUnread;
  }

  /** Id of the last item of another process that was read; 0 if there is none. */
  get lastReadId(): number {
    return this.#lastReadId;
  }

  /**
   * Sets the timer for reading unreadable files again.
   * @param isAwaited - a flush is waiting
   * @returns when it fires; infinity if there are no such files
   */
  scheduleRetry(now: number, isAwaited: boolean): number {
    const { retryAt } = this.#spool;
    if (retryAt === Number.POSITIVE_INFINITY || this.#isClosed) return Number.POSITIVE_INFINITY;
    const at = Math.ceil(isAwaited ? Math.min(retryAt, now + waitedRetryMs) : retryAt);
    if (this.#retryTimer !== undefined && this.#retryTimerAt <= at) return this.#retryTimerAt;
    clearTimeout(this.#retryTimer);
    this.#retryTimerAt = at;
    this.#retryTimer = setTimeout(
      () => {
        this.#retryTimer = undefined;
        this.#spool.retryNow();
        this.#onWork();
      },
      Math.max(0, at - now),
    ).unref();
    return at;
  }

  /** Whether the item survives the process. */
  isOnDisk(item: Item): boolean {
    return this.#spool.isOnDisk(item.id);
  }

  /** Memory has no room for an item. @returns whether it is on disk, from where it is read again */
  leave(item: Item): boolean {
    return this.#spool.leave(item.id);
  }

  settle(item: Item): void {
    this.#spool.settle(item.id);
  }

  /** These items are about to be sent. The journal says so for items that must not be sent twice. */
  markInFlight(items: readonly Item[]): void {
    const marked = items.filter(({ kind }) => !this.#rules.isRepeatable(kind));
    for (const { id } of marked) this.#spool.markInFlight(id);
    if (marked.length > 0) this.#spool.flushJournal();
  }

  /** Writes the journals. */
  flushJournal(): void {
    this.#spool.flushJournal();
  }

  /** Leaves unsettled items to the next process. */
  close(): void {
    clearInterval(this.#heartbeatTimer);
    clearTimeout(this.#retryTimer);
    this.#isClosed = true;
    this.#spool.close();
  }

  #startHeartbeat(): void {
    if (this.#heartbeatTimer !== undefined || this.#isClosed) return;
    this.#heartbeatTimer = setInterval(() => {
      this.#spool.heartbeatAndAdopt();
      this.#onWork();
    }, heartbeatMs).unref();
    this.#spool.heartbeatAndAdopt();
  }

  #read(isOwnOnly: boolean): Item | undefined {
    const line = this.#unplaced ?? this.#spool.next(isOwnOnly);
    if (line === undefined) return undefined;
    this.#unplaced = line;
    let item: Item;
    try {
      item = this.#queue.create(line.id, line.kind, line.traceId, line.bodies);
    } catch {
      return undefined; // the next tick tries again
    }
    this.#unplaced = undefined;
    const id = line.isForeign ? this.#stats.create() : line.id;
    item.id = id;
    if (line.isForeign) this.#lastReadId = id;
    item.isUpdate = line.isUpdate;
    item.isRemote = line.isRemote;
    item.isUncertain = line.isUncertain || (line.wasInFlight && !this.#rules.isRepeatable(line.kind));
    this.#spool.place(id, line);
    return item;
  }
}
