import { clearInterval, clearTimeout, setInterval, setTimeout, soon } from '../../common/real-time.js';
import type { Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import type { ItemRules } from '../queue/route.js';
import type { Stats } from '../report/stats.js';
import { Spool, type SpoolOptions } from './spool.js';

/** Memory is filled up from the disk to this many items and bytes: what is recorded meanwhile waits behind few. */
const fewItems = 200;
const fewBytes = 4 * 1_048_576;
/** How often to look for what other processes have left, and to show that this one is there, in milliseconds. */
const heartbeatMs = 20_000;
/** How often what cannot be read is tried again while somebody waits for a flush, in milliseconds. */
const waitedRetryMs = 50;

/**
 * Joins the spool to the queue: what is recorded goes to disk first, what finds no room in the queue comes to it later,
 * and so does what other processes have left.
 */
export class SpooledQueue {
  readonly #spool: Spool;
  readonly #queue: Queue;
  readonly #rules: ItemRules;
  readonly #stats: Stats;
  readonly #onWork: () => void;
  #timer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** When it goes off. */
  #timerAt = 0;
  #isClosed = false;
  /** Read, and too large for the room there is now. */
  #next: Item | undefined;
  #lastReadId = 0;

  /** @param onWork - there may be something to send */
  constructor(options: SpoolOptions, queue: Queue, rules: ItemRules, stats: Stats, onWork: () => void) {
    this.#queue = queue;
    this.#rules = rules;
    this.#stats = stats;
    this.#onWork = onWork;
    this.#spool = new Spool(options, (ids, foreign) => {
      for (const id of ids) stats.drop(id, 'spool_full');
      for (let i = 0; i < foreign; i += 1) stats.drop(stats.create(), 'spool_full');
    });
    // Not now, but soon, although nothing may be recorded for long.
    soon(onWork);
  }

  /** Puts an item with these bodies on disk. @returns whether it stays there, so that the queue must not have it */
  keep(item: Item, bodies: readonly string[]): boolean {
    return this.#spool.keep(item, bodies, this.#queue.hasRoomFor(item)) === 'onDisk';
  }

  /** Fills the queue up from the disk. @param isOwnOnly - leaves alone what other processes have left */
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

  /** Somebody waits: looks also for what could not be read, and has been left meanwhile. */
  look(): void {
    this.#spool.retryNow();
    this.refill();
  }

  /** Whether other processes have left items that are not read yet. */
  get isUnread(): boolean {
    return this.#spool.isUnread;
  }

  /** Id of the last item of another process that was read; 0 where there is none. */
  get lastReadId(): number {
    return this.#lastReadId;
  }

  /**
   * Sets the timer for the next try to read what could not be read.
   * @param isAwaited - somebody waits for a flush
   * @returns when that is; infinity where there is nothing to try
   */
  retry(now: number, isAwaited: boolean): number {
    const { retryAt } = this.#spool;
    if (retryAt === Number.POSITIVE_INFINITY || this.#isClosed) return Number.POSITIVE_INFINITY;
    const at = Math.ceil(isAwaited ? Math.min(retryAt, now + waitedRetryMs) : retryAt);
    if (this.#retryTimer !== undefined && this.#timerAt <= at) return this.#timerAt;
    clearTimeout(this.#retryTimer);
    this.#timerAt = at;
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

  /** Whether the item outlives the process. */
  isOnDisk(item: Item): boolean {
    return this.#spool.isOnDisk(item.id);
  }

  settle(item: Item): void {
    this.#spool.settle(item.id);
  }

  /** These are about to be sent: of those that must not be sent twice, the next process must know. */
  markInFlight(items: readonly Item[]): void {
    const marked = items.filter(({ kind }) => !this.#rules.isRepeatable(kind));
    for (const { id } of marked) this.#spool.markInFlight(id);
    if (marked.length > 0) this.#spool.flushJournal();
  }

  /** Makes what was settled certain. */
  flushJournal(): void {
    this.#spool.flushJournal();
  }

  /** Leaves what is not settled to the next process. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#retryTimer);
    this.#isClosed = true;
    this.#spool.close();
  }

  #startHeartbeat(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setInterval(() => {
      this.#spool.heartbeatAndAdopt();
      this.#onWork();
    }, heartbeatMs).unref();
    this.#spool.heartbeatAndAdopt();
  }

  #read(isOwnOnly: boolean): Item | undefined {
    const line = this.#spool.next(isOwnOnly);
    if (line === undefined) return undefined;
    const id = line.isForeign ? this.#stats.create() : line.id;
    if (line.isForeign) this.#lastReadId = id;
    const item = this.#queue.create(id, line.kind, line.traceId, line.bodies);
    item.isUncertain = line.isUncertain && !this.#rules.isRepeatable(line.kind);
    this.#spool.place(id, line);
    return item;
  }
}
