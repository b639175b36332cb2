import type { CapturedLateSpans, CapturedTrace } from '../../model/records.js';
import type { Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import { RecentTraces } from '../report/recent-traces.js';
import type { Stats } from '../report/stats.js';
import type { SpooledQueue } from '../spool/spooled-queue.js';
import type { Encoder } from '../wire/protocol.js';
import type { UpdateOutcome } from '../wire/update-outcome.js';

/** The parts of a delivery through which an update goes. */
interface UpdateParts {
  readonly stats: Stats;
  readonly encoder: Encoder;
  readonly queue: Queue;
  readonly spooled: SpooledQueue | undefined;
}

/**
 * Updates of open traces, which are sent before the trace ends. An update is queued and sent like an item, but nothing counts it. It
 * never drops an item from a full queue; it is left out instead.
 */
export class Updates {
  readonly #parts: UpdateParts;
  /** The callbacks for the outcomes of updates, by the update's id. */
  readonly #waiting = new Map<number, (outcome: UpdateOutcome) => void>();
  /** Traces that were sent before their end: those that are open, and those that have ended. */
  readonly #open = new Set<string>();
  readonly #wereOpen = new RecentTraces();
  /** Traces of which an update or a part is stored. */
  readonly #stored = new RecentTraces();

  constructor(parts: UpdateParts) {
    this.#parts = parts;
  }

  /**
   * Queues an update.
   * @param onSettled - called once with the outcome, unless a later item takes the place of the update
   * @returns false if it is settled already: it cannot be encoded, or there is no room
   */
  add(
    record: CapturedTrace | CapturedLateSpans,
    maxBodyBytes: number,
    onSettled: (outcome: UpdateOutcome) => void,
  ): boolean {
    const { stats, encoder, queue, spooled } = this.#parts;
    const isTrace = 'status' in record;
    const id = stats.createUncounted();
    let bodies: readonly string[];
    let item: Item;
    try {
      const texts = isTrace ? encoder.trace(record, maxBodyBytes) : encoder.lateSpans(record, maxBodyBytes);
      bodies = spooled === undefined ? texts : texts.map(encoder.toDisk);
      item = queue.create(id, isTrace ? 'trace' : 'spans', record.traceId, bodies);
    } catch {
      stats.drop(id, 'unencodable');
      onSettled('refused');
      return false;
    }
    item.isUpdate = true;
    if (!queue.hasRoomFor(item) || spooled?.isBehind === true) {
      stats.drop(id, 'no room');
      onSettled('left out');
      queue.discard(item);
      return false;
    }
    this.#waiting.set(id, onSettled);
    this.began(record.traceId);
    spooled?.keep(item, bodies);
    queue.push(item);
    spooled?.flushJournal(); // notes that the replaced update is settled
    return true;
  }

  settle({ id }: Item, outcome: UpdateOutcome): void {
    const onSettled = this.#waiting.get(id);
    this.#waiting.delete(id);
    onSettled?.(outcome);
  }

  /** A later item has taken the place of this update. */
  replaced({ id }: Item): void {
    this.#waiting.delete(id);
  }

  /** A first update or part of the trace is sent. */
  began(traceId: string): void {
    this.#open.add(traceId);
  }

  /** The backend has stored what was sent of the trace so far. */
  stored(traceId: string): void {
    if (this.#open.has(traceId) || this.wasOpen(traceId)) this.#stored.add(traceId);
  }

  /** A trace was recorded. @returns whether it was sent while it was open */
  ended(traceId: string): boolean {
    if (!this.#open.delete(traceId)) return false;
    this.#wereOpen.add(traceId);
    return true;
  }

  /** Whether a trace that has ended was sent while it was open: late spans of it must not come before its end. */
  wasOpen(traceId: string): boolean {
    return this.#wereOpen.has(traceId);
  }

  /**
   * A record of a trace is lost, and the queue has no other one: if the trace has ended, late spans need not wait for its end.
   * @returns whether the trace is not lost: something of it is stored, or more of it will come, because it is open
   */
  recordLost(traceId: string): boolean {
    this.#wereOpen.delete(traceId);
    return this.#open.has(traceId) || this.#stored.has(traceId);
  }
}
