import { performance } from '../../common/real-time.js';
import type { Group, Item } from '../queue/item.js';
import type { Route } from '../queue/route.js';
import type { Stats } from '../report/stats.js';
import type { SpooledQueue } from '../spool/spooled-queue.js';
import type { Obstacle } from '../wire/obstacle.js';
import type { DispatcherEvents } from './dispatcher.js';
import type { SpecialCases } from './special-cases.js';

/** Passes the outcome of each item on to everything that keeps account of items: the spool, the counts, the special cases. */
export class Outcomes implements DispatcherEvents {
  readonly #stats: Stats;
  readonly #spooled: SpooledQueue | undefined;
  readonly #cases: SpecialCases;
  /** Whether the backend has ever refused a request for a rate limit or a quota. */
  isLimited = false;

  constructor(stats: Stats, spooled: SpooledQueue | undefined, cases: SpecialCases) {
    this.#stats = stats;
    this.#spooled = spooled;
    this.#cases = cases;
  }

  handing(items: readonly Item[]): void {
    this.#spooled?.markInFlight(items);
  }

  delivered(item: Item, notes: readonly string[], route: Route): void {
    const cases = this.#cases;
    this.#spooled?.settle(item);
    this.#stats.deliver(item.id, notes.length > 0);
    cases.madeDiagnostics?.delivered(route);
    if (notes.length > 0 && !item.isUpdate) cases.diagnostics.repaired(item, notes);
    if (item.kind === 'trace') {
      cases.madeRemote?.hurry(performance.now(), item.traceId);
      cases.madeLosses?.forget(item.traceId); // an earlier record of the trace may have been lost
      cases.madeUpdates?.stored(item.traceId);
    }
    if (item.isUpdate) cases.madeUpdates?.settle(item, 'stored');
  }

  failed(item: Item, status: number | undefined, detail: string, rest: readonly Item[] | undefined): void {
    this.#cases.losses.failed(item, status, detail, rest);
  }

  recordLost(traceId: string): boolean {
    return this.#cases.madeUpdates?.recordLost(traceId) === true;
  }

  remoteAbsent(group: Group): void {
    this.#cases.holdRemote(group);
  }

  obstructed(item: Item, obstacle: Obstacle, route: Route, isHold: boolean): void {
    this.isLimited ||= obstacle.cause === 'rate' || obstacle.cause === 'quota';
    this.#cases.diagnostics.obstructed(item, obstacle, route, isHold);
  }

  /** A later item has taken the place of an update in the queue. */
  replaced(item: Item): void {
    this.#spooled?.settle(item);
    this.#stats.replace(item.id);
    this.#cases.madeUpdates?.replaced(item);
  }
}
