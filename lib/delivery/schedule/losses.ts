import type { Log } from '../../common/log.js';
import type { Item } from '../queue/item.js';
import type { Eviction } from '../queue/queue.js';
import type { Diagnostics } from '../report/diagnostics.js';
import { RecentTraces } from '../report/recent-traces.js';
import type { Stats } from '../report/stats.js';
import type { SpooledQueue } from '../spool/spooled-queue.js';
import type { Updates } from './updates.js';

/** The parts of a delivery that must know of a loss. */
interface LossParts {
  readonly stats: Stats;
  readonly spooled: SpooledQueue | undefined;
  readonly log: Log;
  /** Undefined until the first update. */
  updates(): Updates | undefined;
  diagnostics(): Diagnostics;
}

/**
 * Counts and logs items that are lost, and remembers their traces: late spans and scores of a lost trace are dropped, because they
 * would wait for a trace that never comes.
 */
export class Losses {
  readonly #parts: LossParts;
  readonly #traces = new RecentTraces();

  constructor(parts: LossParts) {
    this.#parts = parts;
  }

  /** The queue has dropped items to keep its bounds. */
  evicted(items: readonly Item[], reason: Eviction): void {
    const lost = this.drop(items, reason);
    if (lost > 0) this.#parts.diagnostics().evicted(reason, lost);
  }

  /** An item was given up. @param rest - if it is a trace that is lost with it: its later items, which are dropped */
  failed(item: Item, status: number | undefined, detail: string, rest: readonly Item[] | undefined): void {
    const { stats, spooled, log } = this.#parts;
    spooled?.settle(item);
    stats.fail(item.id);
    if (item.isUpdate) {
      log.debug(`gave up an update of the trace ${item.traceId}: ${detail}`);
      this.#parts.updates()?.settle(item, 'refused');
      return;
    }
    if (rest !== undefined) {
      this.#traces.add(item.traceId);
      this.drop(rest, 'trace_lost');
    }
    this.#parts.diagnostics().failed(item, status, detail, rest?.length);
  }

  /**
   * Counts dropped items. An item on disk for which only memory has no room stays pending: it is read again.
   * @returns how many items are lost, updates not included
   */
  drop(items: readonly Item[], reason: string): number {
    const { stats, spooled } = this.#parts;
    let lost = 0;
    for (const item of items) {
      if (item.isUpdate) {
        spooled?.settle(item);
        stats.drop(item.id, reason);
        this.#parts.updates()?.settle(item, 'left out');
        continue;
      }
      if (reason === 'too_large' || reason === 'trace_lost') spooled?.settle(item);
      if (spooled?.leave(item) === true) continue;
      this.#remember(item);
      stats.drop(item.id, reason);
      lost += 1;
    }
    return lost;
  }

  /** The trace was recorded again. */
  forget(traceId: string): void {
    this.#traces.delete(traceId);
  }

  /** Whether the trace was lost, and not recorded again. */
  has(traceId: string): boolean {
    return this.#traces.has(traceId);
  }

  /** An item was dropped. If it is a trace of which nothing is stored or will come, the trace is lost. */
  #remember({ kind, acknowledged, traceId }: Item): void {
    if (kind !== 'trace') return;
    const isLeft = this.#parts.updates()?.recordLost(traceId) === true || acknowledged > 0;
    if (!isLeft) this.#traces.add(traceId);
  }
}
