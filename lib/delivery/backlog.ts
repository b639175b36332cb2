import { clearInterval, clearTimeout, setInterval, setTimeout, soon } from '../common/real-time.js';
import type { Item } from './item.js';
import type { Ledger } from './ledger.js';
import type { Queue } from './queue.js';
import { Spool, type SpoolOptions } from './spool.js';

/** Memory is filled up from the disk to this many items and bytes: what is recorded meanwhile waits behind few. */
const fewItems = 200;
const fewBytes = 4 * 1_048_576;
/** How often to look for what other processes have left, and to show that this one is there, in milliseconds. */
const tendMs = 20_000;

/**
 * Joins the spool to the queue: what is recorded goes to disk first, what finds no room in the queue comes to it later,
 * and so does what other processes have left.
 */
export class Backlog {
  readonly #spool: Spool;
  readonly #queue: Queue;
  readonly #ledger: Ledger;
  readonly #onWork: () => void;
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;
  /** Read, and too large for the room there is now. */
  #next: Item | undefined;

  /** @param onWork - there may be something to send */
  constructor(options: SpoolOptions, queue: Queue, ledger: Ledger, onWork: () => void) {
    this.#queue = queue;
    this.#ledger = ledger;
    this.#onWork = onWork;
    this.#spool = new Spool(options, (ids, foreign) => {
      for (const id of ids) ledger.drop(id, 'spool_full');
      for (let i = 0; i < foreign; i += 1) ledger.drop(ledger.create(), 'spool_full');
    });
    // Not now, but soon, although nothing may be recorded for long.
    soon(onWork);
  }

  /** Puts an item with these bodies on disk. @returns whether it stays there, so that the queue must not have it */
  keep(item: Item, bodies: readonly string[]): boolean {
    return this.#spool.keep(item, bodies, this.#queue.hasRoomFor(item)) === 'parked';
  }

  /** Fills the queue up from the disk. @param isOwnOnly - leaves alone what other processes have left */
  refill(isOwnOnly = false): void {
    if (!isOwnOnly) this.#tend();
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
    if (isMore) this.#queue.ask();
    const retryMs = this.#isClosed ? undefined : this.#spool.retryInMs();
    if (retryMs !== undefined) this.#retry ??= setTimeout(() => this.#again(), retryMs + 1).unref();
  }

  #again(): void {
    this.#retry = undefined;
    this.#onWork();
  }

  /** Whether the item outlives the process. */
  has(item: Item): boolean {
    return this.#spool.has(item.id);
  }

  settle(item: Item): void {
    this.#spool.settle(item.id);
  }

  /** These are about to be sent: of those that must not be sent twice, the next process must know. */
  handOut(items: readonly Item[]): void {
    const scores = items.filter(({ kind }) => kind === 'score');
    for (const { id } of scores) this.#spool.handOut(id);
    if (scores.length > 0) this.#spool.note();
  }

  /** Makes what was settled certain. */
  note(): void {
    this.#spool.note();
  }

  /** Leaves what is not settled to the next process. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    this.#isClosed = true;
    this.#spool.close();
  }

  #tend(): void {
    if (this.#timer !== undefined || this.#isClosed) return;
    this.#timer = setInterval(() => {
      this.#spool.tend();
      this.#onWork();
    }, tendMs).unref();
    this.#spool.tend();
  }

  #read(isOwnOnly: boolean): Item | undefined {
    const line = this.#spool.next(isOwnOnly);
    if (line === undefined) return undefined;
    const id = line.isForeign ? this.#ledger.create() : line.id;
    const item = this.#queue.create(id, line.kind, line.traceId, line.bodies);
    item.isUncertain = line.kind === 'score' && line.isUncertain;
    this.#spool.place(id, line);
    return item;
  }
}
