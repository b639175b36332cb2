import type { Group, Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import { type Route, routeOf, routes } from '../queue/route.js';
import { packJobs } from '../wire/job-codec.js';
import type { Report, Rest, Result, Troubles } from '../wire/messages.js';
import type { Obstacle } from '../wire/obstacle.js';
import type { Host } from '../worker/host.js';
import type { Pace } from './pace.js';
import { Retries } from './retries.js';
import type { Timing } from './timing.js';

/** Most bytes in the sender's hands, in one or more items. */
const windowBytes = 4 * 1_048_576;

const noNotes: readonly string[] = [];
const noTroubles: Troubles = { traces: 0, other: 0 };

/** An item in the sender's hands. */
interface Away {
  readonly item: Item;
  readonly group: Group;
  /** Of its first request. */
  readonly route: Route;
}

/** What the drain tells. */
export interface DrainEvents {
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
export class Drain {
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #retries: Retries;
  readonly #timing: Timing;
  readonly #events: DrainEvents;
  readonly #away = new Map<number, Away>();
  readonly #awayBy: Record<Route, number> = { traces: 0, other: 0 };
  #awayBytes = 0;
  /** The one item away is under suspicion; nothing goes beside it. */
  #isAlone = false;
  #troublesSeen: Troubles = noTroubles;

  constructor(queue: Queue, pace: Pace, timing: Timing, events: DrainEvents) {
    this.#queue = queue;
    this.#pace = pace;
    this.#retries = new Retries(pace, timing);
    this.#timing = timing;
    this.#events = events;
  }

  /** Hands `host` what may be sent now. */
  step(now: number, host: Host): void {
    this.#queue.wakeDue(now);
    const items: Item[] = [];
    while (!this.#isAlone) {
      const route = this.#nextRoute(now);
      const group = route === undefined ? undefined : this.#queue.next(route);
      if (route === undefined || group === undefined) break;
      const [next] = group.items;
      const isTooMuch = next !== undefined && (this.#awayBytes + next.bytes > windowBytes || next.wasAwayAtDeath);
      if (isTooMuch && this.#away.size > 0) break;
      const item = this.#queue.take(group);
      this.#away.set(item.id, { item, group, route });
      this.#awayBy[route] += 1;
      this.#awayBytes += item.bytes;
      this.#pace.sent(route, now);
      items.push(item);
      this.#isAlone = item.wasAwayAtDeath;
    }
    if (items.length === 0) return;
    this.#events.handing(items);
    host.send({ type: 'send', seen: this.#troublesSeen, jobs: packJobs(items) });
  }

  /** The route of the oldest item that may be sent. */
  #nextRoute(now: number): Route | undefined {
    let oldest: Route | undefined;
    let oldestId = Number.POSITIVE_INFINITY;
    for (const route of routes) {
      const id = this.#queue.next(route)?.items[0]?.id ?? Number.POSITIVE_INFINITY;
      if (id >= oldestId || this.#pace.room(route, now, this.#awayBy) <= 0) continue;
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
    return wakeAt <= now && this.#away.size > 0 ? Number.POSITIVE_INFINITY : wakeAt;
  }

  /** Somebody waits: whatever waits after a fault is tried at `at`. */
  hurry(at: number): void {
    this.#queue.hurry(at);
    this.#pace.hurry(at, this.#timing.nudgeMs, this.#timing.flushTryMs);
  }

  /** The process ends: everything may go now, but for what the backend asked to wait for. */
  hurryToEnd(now: number): void {
    this.#queue.ask();
    this.#queue.wakeDue(Number.POSITIVE_INFINITY);
    this.#pace.hurry(now, 0, Number.POSITIVE_INFINITY);
  }

  /** Items in the sender's hands. */
  get away(): number {
    return this.#away.size;
  }

  /** Whether something can be sent only when what the sender has in hand is settled: for want of room, or because it comes after it. */
  get isHoldingUp(): boolean {
    if (this.#queue.isReady) return true;
    for (const { group } of this.#away.values()) if (group.items.length > 1) return true;
    return false;
  }

  /** Reads a report. */
  take(now: number, report: Report): void {
    this.#troublesSeen = report.troubles;
    this.delivered(report.delivered);
    for (const result of report.results) {
      const back = this.#comeBack(result.id);
      if (back !== undefined) this.#settle(now, result, back);
    }
  }

  /** These were delivered as they are. */
  delivered(ids: readonly number[]): void {
    for (const id of ids) {
      const back = this.#comeBack(id);
      if (back !== undefined) this.#delivered(back, noNotes);
    }
  }

  #comeBack(id: number): Away | undefined {
    const away = this.#away.get(id);
    if (away === undefined) return undefined;
    this.#away.delete(id);
    this.#awayBy[away.route] -= 1;
    this.#awayBytes -= away.item.bytes;
    this.#isAlone = false;
    return away;
  }

  /**
   * The sender is gone: what it had goes back in line, and each of these items will be sent with nothing beside it. One that
   * then takes the next sender with it is the cause and given up. Their last answers are unknown, so scores must be looked for.
   * @param wasUp - false when the sender never began to work: then no item is to blame.
   */
  lost(wasUp: boolean): void {
    this.#troublesSeen = noTroubles;
    this.#awayBytes = 0;
    this.#isAlone = false;
    for (const route of routes) {
      this.#awayBy[route] = 0;
      this.#pace.unsent(route);
    }
    const away = [...this.#away.values()].reverse();
    this.#away.clear();
    for (const { item, group } of away) {
      const isCause = wasUp && item.wasAwayAtDeath && away.length === 1;
      item.wasAwayAtDeath ||= wasUp;
      item.isUncertain ||= wasUp && item.kind === 'score';
      if (isCause) this.#giveUp(item, group, undefined, 'the worker died of it, twice');
      else this.#queue.putBack(group);
    }
  }

  #delivered({ item, group, route }: Away, notes: readonly string[]): void {
    this.#retries.answered(route);
    this.#pace.stored(route);
    this.#queue.settle(group);
    this.#events.delivered(item, notes, route);
  }

  #settle(now: number, result: Result, away: Away): void {
    const { item, group, route } = away;
    item.attempts += result.attempts;
    // Its first body was taken, whatever came of the others.
    const isPartly = 'rest' in result && routeOf({ kind: item.kind, acknowledged: result.rest.acknowledged }) !== route;
    if (isPartly) this.#retries.answered(route);
    switch (result.kind) {
      case 'delivered':
        this.#delivered(away, result.notes);
        return;
      case 'refused':
        this.#retries.answered(route);
        this.#giveUp(item, group, result.status, result.detail);
        return;
      case 'returned':
        if (!isPartly) this.#pace.unsent(route);
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
    const route = routeOf(item);
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
