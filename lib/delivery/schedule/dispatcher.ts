import type { Group, Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import { type ItemRules, type Route, routes } from '../queue/route.js';
import { packJobs } from '../wire/job-codec.js';
import type { ObstacleCounts, Report, Rest, Result } from '../wire/messages.js';
import type { Obstacle } from '../wire/obstacle.js';
import type { WorkerHost } from '../worker/host.js';
import type { Pace } from './pace.js';
import { Retries } from './retries.js';
import type { Timing } from './timing.js';

/** Most bytes in the sender's hands, in one or more items. */
const windowBytes = 4 * 1_048_576;

const noNotes: readonly string[] = [];
const noObstacles: ObstacleCounts = { traces: 0, other: 0 };

/** An item in the sender's hands. */
interface InFlight {
  readonly item: Item;
  readonly group: Group;
  /** Of its first request. */
  readonly route: Route;
}

/** What the dispatcher tells. */
export interface DispatcherEvents {
  delivered(item: Item, notes: readonly string[], route: Route): void;
  /** These are about to be handed to the sender. */
  handing(items: readonly Item[]): void;
  /** Given up for good; `rest` are later items of the same trace that cannot arrive without it. */
  failed(item: Item, status: number | undefined, detail: string, rest: readonly Item[]): void;
  /** An item met an obstacle. `isHold`: its requests are held from now on, or for longer. */
  obstructed(item: Item, obstacle: Obstacle, route: Route, isHold: boolean): void;
}

/**
 * Drains the queue into the sender, at the pace. A state machine without timers, so that the event loop and the `exit`
 * event drive the same one: `step` hands out what may go now, `take` reads what came of it, `wakeAt` says when to step again.
 *
 * Invariant: an item is in the hands of the sender (`away`) or in the queue's, and leaves both only when it is settled.
 */
export class Dispatcher {
  readonly #queue: Queue;
  readonly #rules: ItemRules;
  readonly #pace: Pace;
  readonly #retries: Retries;
  readonly #timing: Timing;
  readonly #events: DispatcherEvents;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #inFlightBy: Record<Route, number> = { traces: 0, other: 0 };
  #inFlightBytes = 0;
  /** The one item away is under suspicion; nothing goes beside it. */
  #isAlone = false;
  #obstaclesSeen: ObstacleCounts = noObstacles;

  constructor(queue: Queue, rules: ItemRules, pace: Pace, timing: Timing, events: DispatcherEvents) {
    this.#queue = queue;
    this.#rules = rules;
    this.#pace = pace;
    this.#retries = new Retries(pace, timing);
    this.#timing = timing;
    this.#events = events;
  }

  /** Hands `host` what may be sent now. */
  dispatch(now: number, host: WorkerHost): void {
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

  /** When there will be something to do without a report: infinity when there is nothing, or only reports to wait for. */
  wakeAt(now: number): number {
    const next = Math.min(...routes.map((route) => this.#pace.nextAt(route)));
    let wakeAt = Math.max(this.#queue.nextWakeAt, next);
    for (const route of routes) {
      if (this.#queue.next(route) !== undefined) wakeAt = Math.min(wakeAt, this.#pace.nextAt(route));
    }
    // What might go by now, but did not, goes after a report.
    return wakeAt <= now && this.#inFlight.size > 0 ? Number.POSITIVE_INFINITY : wakeAt;
  }

  /** Somebody waits: whatever waits after a fault is tried at `at`. */
  hurry(at: number): void {
    this.#queue.hurry(at);
    this.#pace.hurry(at, this.#timing.nudgeMs, this.#timing.flushTryMs);
  }

  /** The process ends: everything may go now, but for what the backend asked to wait for. */
  hurryToExit(now: number): void {
    this.#queue.release();
    this.#queue.wakeDue(Number.POSITIVE_INFINITY);
    this.#pace.hurry(now, 0, Number.POSITIVE_INFINITY);
  }

  /** Items in the sender's hands. */
  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** Whether something can be sent only when what the sender has in hand is settled: for want of room, or because it comes after it. */
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
      if (back !== undefined) this.#onResult(now, result, back);
    }
  }

  /** These were delivered as they are. */
  onDelivered(ids: readonly number[]): void {
    for (const id of ids) {
      const back = this.#takeBack(id);
      if (back !== undefined) this.#delivered(back, noNotes);
    }
  }

  #takeBack(id: number): InFlight | undefined {
    const away = this.#inFlight.get(id);
    if (away === undefined) return undefined;
    this.#inFlight.delete(id);
    this.#inFlightBy[away.route] -= 1;
    this.#inFlightBytes -= away.item.bytes;
    this.#isAlone = false;
    return away;
  }

  /**
   * The sender is gone: what it had goes back in line, and each of these items will be sent with nothing beside it. One that
   * then takes the next sender with it is the cause and given up. Their last answers are unknown, so scores must be looked for.
   * @param wasUp - false when the sender never began to work: then no item is to blame.
   */
  onWorkerLost(wasUp: boolean): void {
    this.#obstaclesSeen = noObstacles;
    this.#inFlightBytes = 0;
    this.#isAlone = false;
    for (const route of routes) {
      this.#inFlightBy[route] = 0;
      this.#pace.onReturned(route);
    }
    const away = [...this.#inFlight.values()].reverse();
    this.#inFlight.clear();
    for (const { item, group } of away) {
      const isCause = wasUp && item.wasInFlightAtCrash && away.length === 1;
      item.wasInFlightAtCrash ||= wasUp;
      item.isUncertain ||= wasUp && !this.#rules.isRepeatable(item.kind);
      if (isCause) this.#giveUp(item, group, undefined, 'the worker died of it, twice');
      else this.#queue.putBack(group);
    }
  }

  #delivered({ item, group, route }: InFlight, notes: readonly string[]): void {
    this.#retries.onAnswered(route);
    this.#pace.onStored(route);
    this.#queue.settle(group);
    this.#events.delivered(item, notes, route);
  }

  #onResult(now: number, result: Result, sent: InFlight): void {
    const { item, group, route } = sent;
    item.attempts += result.attempts;
    // Its first body was taken, whatever came of the others.
    const isPartly =
      'rest' in result && this.#rules.routeOf({ kind: item.kind, acknowledged: result.rest.acknowledged }) !== route;
    if (isPartly) this.#retries.onAnswered(route);
    switch (result.kind) {
      case 'delivered':
        this.#delivered(sent, result.notes);
        return;
      case 'refused':
        this.#retries.onAnswered(route);
        this.#giveUp(item, group, result.status, result.detail);
        return;
      case 'returned':
        if (!isPartly) this.#pace.onReturned(route);
        if (this.#keepRest(item, group, result.rest)) this.#queue.putBack(group);
        return;
      case 'retry':
        if (!this.#keepRest(item, group, result.rest)) return;
        item.isUncertain ||= result.isUncertain;
        this.#retry(now, result, item, group, result.rest.bodies !== undefined);
    }
  }

  /** @param isLess - what is left is not what failed: it was cut up, and may get through */
  #retry(now: number, obstacle: Obstacle, item: Item, group: Group, isLess: boolean): void {
    const route = this.#rules.routeOf(item);
    const { isHold, waitMs } = this.#retries.met(now, obstacle, item, route, isLess);
    this.#events.obstructed(item, obstacle, route, isHold);
    if (waitMs === undefined) this.#giveUp(item, group, obstacle.status, obstacle.detail);
    else this.#queue.putBack(group, waitMs === 0 ? undefined : now + waitMs);
  }

  /** Gives the item up, and says so, where there is no memory for what was rewritten of it. */
  #keepRest(item: Item, group: Group, { acknowledged, bodies }: Rest): boolean {
    const sent = acknowledged - item.acknowledged;
    item.acknowledged = acknowledged;
    try {
      if (bodies !== undefined) this.#queue.replaceBodies(group, item, bodies);
      else if (sent > 0) this.#queue.dropBodies(group, item, sent);
      return true;
    } catch {
      this.#giveUp(item, group, undefined, 'there is no memory for what is left of it');
      return false;
    }
  }

  #giveUp(item: Item, group: Group, status: number | undefined, detail: string): void {
    if (item.kind === 'trace' && item.acknowledged === 0) {
      const [, ...rest] = this.#queue.abandon(group);
      this.#events.failed(item, status, detail, rest);
      return;
    }
    this.#queue.settle(group);
    this.#events.failed(item, status, detail, []);
  }
}
