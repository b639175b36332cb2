import type { Item, ItemKind } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import { logTooLate } from '../report/exit-lines.js';
import type { Stats } from '../report/stats.js';
import type { SpooledQueue } from '../spool/spooled-queue.js';
import type { Encoder } from '../wire/protocol.js';
import type { Supervisor } from '../worker/supervisor.js';
import type { Ending } from './ending.js';
import type { DeliveryLoop } from './loop.js';
import { Postponed } from './postponed.js';
import type { SpecialCases } from './special-cases.js';

/** The parts of a delivery through which a record gets into the queue. */
interface IntakeParts {
  readonly stats: Stats;
  readonly encoder: Encoder;
  readonly queue: Queue;
  readonly spooled: SpooledQueue | undefined;
  readonly supervisor: Supervisor;
  readonly loop: DeliveryLoop;
  readonly ending: Ending;
  readonly cases: SpecialCases;
  /** Called after each item. */
  warmUp(): void;
}

/** From here on texts are large, in UTF-16 units. V8 joins the pieces of a text and writes them in about 1 ms per MB. */
const largeUnits = 262_144;

/**
 * Makes an item of each record, and queues it.
 *
 * ```
 *  record ──> count ──> encode ──small, or with a spool──> item ──> disk, if there is a spool ──> queue
 *               │          └─large──> Postponed ────────────^
 *               └─ closed, or its trace is lost ──> dropped
 * ```
 */
export class Intake {
  readonly #parts: IntakeParts;
  /** Made by the first large record. */
  #postponed: Postponed | undefined;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /**
   * Takes a record.
   * @param encode - makes its bodies
   * @param isRemote - whether its trace is another process's
   */
  take(kind: ItemKind, traceId: string, encode: () => readonly string[], isRemote = false): void {
    const { stats, encoder, spooled, ending, cases } = this.#parts;
    const id = stats.create();
    const isLost = kind !== 'trace' && cases.madeLosses?.has(traceId) === true;
    if (ending.isClosed || isLost) {
      stats.drop(id, isLost ? 'trace_lost' : 'shutdown');
      if (isLost) cases.diagnostics.traceLost(kind, traceId);
      else if (ending.exitLeftMs !== undefined) logTooLate(cases.diagnostics);
      else cases.diagnostics.closed(kind, traceId);
      return;
    }
    let bodies: readonly string[];
    try {
      bodies = spooled === undefined ? encode() : encode().map(encoder.toDisk);
    } catch (error) {
      this.#failed(id, kind, traceId, error);
      return;
    }
    this.finishPostponed();
    // On disk a record is safe before the call returns, so with a spool nothing is postponed.
    if (isLarge(bodies) && spooled === undefined && ending.exitLeftMs === undefined)
      this.#postpone(() => this.#enqueue(id, kind, traceId, bodies, isRemote));
    else this.#enqueue(id, kind, traceId, bodies, isRemote);
  }

  #postpone(finish: () => void): void {
    this.#postponed ??= new Postponed();
    this.#postponed.set(finish);
  }

  /** Queues a large record that was put off. */
  finishPostponed(): void {
    this.#postponed?.run();
  }

  #enqueue(id: number, kind: ItemKind, traceId: string, bodies: readonly string[], isRemote: boolean): void {
    const { queue, spooled, supervisor, loop, ending, cases, warmUp } = this.#parts;
    let item: Item;
    try {
      item = queue.create(id, kind, traceId, bodies);
      item.isRemote = isRemote;
      item.isUncertain = kind === 'spans' && !isRemote && cases.madeUpdates?.wasOpen(traceId) === true;
    } catch (error) {
      this.#failed(id, kind, traceId, error);
      return;
    }
    if (!queue.hasRoomFor(item)) supervisor.drainAcks(); // acknowledgements make room
    if (spooled?.keep(item, bodies) === true) queue.discard(item);
    else if (cases.madeRemote?.join(item) !== true) queue.push(item);
    if (ending.exitLeftMs !== undefined) {
      ending.exit(ending.exitLeftMs);
      return;
    }
    loop.onRecorded();
    warmUp();
  }

  #failed(id: number, kind: ItemKind, traceId: string, error: unknown): void {
    const { stats, cases } = this.#parts;
    stats.fail(id);
    cases.diagnostics.unencodable(kind, traceId, error);
  }
}

/** Whether the texts of a record are large together. */
function isLarge(texts: readonly string[]): boolean {
  let units = 0;
  for (const text of texts) units += text.length;
  return units >= largeUnits;
}
