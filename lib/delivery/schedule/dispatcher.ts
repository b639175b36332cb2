import type { Pace } from '../pace/pace.js';
import type { Timing } from '../pace/timing.js';
import type { Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import { type ItemRules, type Route, routes } from '../queue/route.js';
import { packJobs } from '../wire/job-codec.js';
import type { ObstacleCounts, Report } from '../wire/messages.js';
import type { WorkerHost } from '../worker/host.js';
import { type InFlight, Undelivered, type UndeliveredEvents } from './undelivered.js';

/** Most bytes in flight; a single item may be larger. */
const windowBytes = 4 * 1_048_576;

const noObstacles: ObstacleCounts = { traces: 0, other: 0 };

/** Events of the dispatcher. */
export interface DispatcherEvents extends UndeliveredEvents {
  delivered(item: Item, notes: readonly string[], route: Route): void;
  /** Called before these items are passed to the worker. */
  handing(items: readonly Item[]): void;
}

/**
 * Passes ready items to the worker, as many as the pace allows, and reads its reports. It is a state machine without timers, so that
 * the event loop and the `exit` event can drive the same one: `dispatch` sends what may be sent now, `onReport` reads a report,
 * `wakeAt` says when to dispatch again.
 *
 * ```
 *               ┌─ delivered ──────────────────────────────────────────────> settled, counted as delivered
 *  report ──────┼─ refused ────────────────────────────────────────────────> settled, counted as failed
 *  of an item   ├─ returned (not sent, because of another one's obstacle) ─> ready again, as the first
 *               └─ retry, with an Obstacle ──> Retries
 *                     rate, quota, blocked ──> pace holds the route ──────> ready again, as the first
 *                     fault ──> pace; suspicion grows ──enough──> failed;   else waits, doubling
 *                     absent (its trace is not stored) ──too long──> failed;  else waits, doubling
 *                     absent, and another process's ──> RemoteItems, out of the queue
 * ```
 *
 * Invariant: an unsettled item is in the queue; while it is in flight, it is here as well.
 */
export class Dispatcher {
  readonly #queue: Queue;
  readonly #rules: ItemRules;
  readonly #pace: Pace;
  readonly #timing: Timing;
  readonly #events: DispatcherEvents;
  readonly #undelivered: Undelivered;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #inFlightBy: Record<Route, number> = { traces: 0, other: 0 };
  #inFlightBytes = 0;
  /** A worker has died with the item that is in flight, so no other item is sent beside it. */
  #isAlone = false;
  #obstaclesSeen: ObstacleCounts = noObstacles;

  constructor(queue: Queue, rules: ItemRules, pace: Pace, timing: Timing, events: DispatcherEvents) {
    this.#queue = queue;
    this.#rules = rules;
    this.#pace = pace;
    this.#timing = timing;
    this.#events = events;
    this.#undelivered = new Undelivered(queue, rules, pace, timing, events);
  }

  /** Sends what may be sent now. */
  dispatch(now: number, host: Pick<WorkerHost, 'send'>): void {
    this.#queue.wakeDue(now);
    const items: Item[] = [];
    while (!this.#isAlone) {
      const route = this.#nextRoute(now);
      const group = route === undefined ? undefined : this.#queue.next(route);
      if (route === undefined || group === undefined) break;
      const [next] = group.items;
      const isTooMuch =
        next !== undefined && (this.#inFlightBytes + next.bytes > windowBytes || next.wasInFlightAtCrash);
      if (isTooMuch && this.#inFlight.size > 0) break;
      const item = this.#queue.take(group);
      this.#inFlight.set(item.id, { item, group, route });
      this.#inFlightBy[route] += 1;
      this.#inFlightBytes += item.bytes;
      this.#pace.onSent(route, now);
      items.push(item);
      this.#isAlone = item.wasInFlightAtCrash;
    }
    if (items.length === 0) return;
    this.#events.handing(items);
    host.send({ type: 'send', seen: this.#obstaclesSeen, jobs: packJobs(items) });
  }

  /** The route of the oldest item that may be sent. */
  #nextRoute(now: number): Route | undefined {
    let oldest: Route | undefined;
    let oldestId = Number.POSITIVE_INFINITY;
    for (const route of routes) {
      const id = this.#queue.next(route)?.items[0]?.id ?? Number.POSITIVE_INFINITY;
      if (id >= oldestId || this.#pace.capacity(route, now, this.#inFlightBy) <= 0) continue;
      oldest = route;
      oldestId = id;
    }
    return oldest;
  }

  /** When to dispatch again if no report comes before; infinity when there is nothing to send, or only a report can change that. */
  wakeAt(now: number): number {
    const wakesAt = this.#queue.nextWakeAt;
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const route of routes) {
      const isReady = this.#queue.next(route) !== undefined;
      if (!isReady && wakesAt === Number.POSITIVE_INFINITY) continue;
      const nextAt = this.#pace.nextAt(route);
      wakeAt = Math.min(wakeAt, isReady ? nextAt : Math.max(wakesAt, nextAt));
    }
    // If something is ready and the pace allows it, but it was not dispatched, the window is full: the next report changes that.
    // Not if groups only wait: their time may have come since the last dispatch.
    return wakeAt <= now && this.#inFlight.size > 0 && this.#queue.isReady ? Number.POSITIVE_INFINITY : wakeAt;
  }

  /** Somebody waits for a flush: retries are made at `at`, or as soon after it as the pace allows. */
  hurry(at: number): void {
    this.#queue.hurry(at);
    this.#pace.hurry(at, this.#timing.minFlushRetryMs, this.#timing.maxFlushRetryMs);
  }

  /** The process ends: everything may be sent now, except what the backend asked to wait for. */
  hurryToExit(now: number): void {
    this.#queue.release();
    this.#queue.wakeDue(Number.POSITIVE_INFINITY);
    this.#pace.hurry(now, 0, Number.POSITIVE_INFINITY);
  }

  /** Number of items in flight. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether queued items wait for items in flight: the window is full, or they belong to the same trace. */
  get hasBlocked(): boolean {
    if (this.#queue.isReady) return true;
    for (const { group } of this.#inFlight.values()) if (group.items.length > 1) return true;
    return false;
  }

  /** Reads a report. */
  onReport(now: number, report: Report): void {
    this.#obstaclesSeen = report.obstacles;
    this.onDelivered(report.delivered);
    for (const result of report.results) {
      const back = this.#takeBack(result.id);
      if (back === undefined) continue;
      const { item } = back;
      item.attempts += result.attempts;
      if (result.notes.length > 0) item.notes = [...item.notes, ...result.notes];
      if (result.kind === 'delivered') this.#delivered(back);
      else this.#undelivered.onResult(now, result, back);
    }
  }

  /** Items were delivered unchanged. */
  onDelivered(ids: readonly number[]): void {
    for (const id of ids) {
      const back = this.#takeBack(id);
      if (back !== undefined) this.#delivered(back);
    }
  }

  #takeBack(id: number): InFlight | undefined {
    const sent = this.#inFlight.get(id);
    if (sent === undefined) return undefined;
    this.#inFlight.delete(id);
    this.#inFlightBy[sent.route] -= 1;
    this.#inFlightBytes -= sent.item.bytes;
    this.#isAlone = false;
    return sent;
  }

  /**
   * The worker has died. The items in flight become ready again, and each of them will be sent alone. If the next worker dies, too,
   * the item that it had is the cause, and is given up. Nobody knows which items the backend has got, so items that must not be
   * sent twice become uncertain.
   * @param wasUp - false when the worker never began to work: then no item is the cause
   */
  onWorkerLost(wasUp: boolean): void {
    this.#obstaclesSeen = noObstacles;
    this.#inFlightBytes = 0;
    this.#isAlone = false;
    for (const route of routes) {
      this.#inFlightBy[route] = 0;
      this.#pace.onReturned(route);
    }
    const sent = [...this.#inFlight.values()].reverse();
    this.#inFlight.clear();
    for (const { item, group } of sent) {
      const isCause = wasUp && item.wasInFlightAtCrash && sent.length === 1;
      item.wasInFlightAtCrash ||= wasUp;
      item.isUncertain ||= wasUp && !this.#rules.isRepeatable(item.kind);
      if (isCause) this.#undelivered.giveUp(item, group, undefined, 'the worker died of it, twice');
      else this.#queue.putBack(group);
    }
  }

  #delivered({ item, group, route }: InFlight): void {
    this.#pace.onAnswered(route);
    this.#pace.onStored(route);
    this.#queue.settle(group);
    this.#events.delivered(item, item.notes, route);
  }
}
