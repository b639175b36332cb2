import type { Pace } from '../pace/pace.js';
import type { Timing } from '../pace/timing.js';
import type { Group, Item } from '../queue/item.js';
import type { Queue } from '../queue/queue.js';
import type { ItemRules, Route } from '../queue/route.js';
import type { Rest, Result } from '../wire/messages.js';
import type { Obstacle } from '../wire/obstacle.js';
import { Retries } from './retries.js';

/** An item in flight. */
export interface InFlight {
  readonly item: Item;
  readonly group: Group;
  /** The route of its first request. */
  readonly route: Route;
}

/** Events of items that were not delivered. */
export interface UndeliveredEvents {
  /**
   * An item was given up.
   * @param rest - if its trace is lost with it: the trace's later items, which cannot be stored without it
   */
  failed(item: Item, status: number | undefined, detail: string, rest: readonly Item[] | undefined): void;
  /**
   * A record of a trace is given up, and the queue has no other one of it.
   * @returns whether the trace is not lost, because something of it is stored, or it is still open @defaultValue false
   */
  recordLost?(traceId: string): boolean;
  /** The spans' trace belongs to another process, and is not stored yet. */
  remoteAbsent(group: Group): void;
  /** An item met an obstacle. `isHold`: this starts a hold of requests, or makes one longer. */
  obstructed(item: Item, obstacle: Obstacle, route: Route, isHold: boolean): void;
}

type UndeliveredResult = Exclude<Result, { readonly kind: 'delivered' }>;

/** Decides what becomes of items that the worker did not deliver. See the drawing of `Dispatcher`. */
export class Undelivered {
  readonly #queue: Queue;
  readonly #rules: ItemRules;
  readonly #pace: Pace;
  readonly #retries: Retries;
  readonly #events: UndeliveredEvents;

  constructor(queue: Queue, rules: ItemRules, pace: Pace, timing: Timing, events: UndeliveredEvents) {
    this.#queue = queue;
    this.#rules = rules;
    this.#pace = pace;
    this.#retries = new Retries(pace, timing);
    this.#events = events;
  }

  /** Reads the result of an item that has come back from the worker. */
  onResult(now: number, result: UndeliveredResult, { item, group, route }: InFlight): void {
    const acknowledged = result.rest?.acknowledged ?? item.acknowledged;
    const restRoute = this.#rules.routeOf({ kind: item.kind, acknowledged });
    // The first unsent body has another route than the item's first body, so that one was accepted.
    if (restRoute !== route) this.#pace.onAnswered(route);
    switch (result.kind) {
      case 'refused':
        item.acknowledged = acknowledged;
        this.#pace.onAnswered(restRoute);
        this.giveUp(item, group, result.status, result.detail);
        return;
      case 'returned':
        if (restRoute === route) this.#pace.onReturned(route);
        if (this.#keepRest(item, group, result.rest)) this.#queue.putBack(group);
        return;
      case 'retry':
        if (!this.#keepRest(item, group, result.rest)) return;
        item.isUncertain ||= result.isUncertain;
        this.#retry(now, result, item, group, result.rest.bodies !== undefined);
    }
  }

  /** @param wasSplit - whether the item was split after the fault, so that its smaller bodies may get through */
  #retry(now: number, obstacle: Obstacle, item: Item, group: Group, wasSplit: boolean): void {
    const route = this.#rules.routeOf(item);
    if (obstacle.cause === 'absent' && item.isRemote) {
      this.#pace.onAnswered(route);
      const { limit } = obstacle;
      if (limit !== undefined)
        this.#events.obstructed(item, limit, 'traces', this.#pace.onFailure('traces', now, limit));
      this.#events.remoteAbsent(group);
      return;
    }
    const { isHold, waitMs } = this.#retries.met(now, obstacle, item, route, wasSplit);
    this.#events.obstructed(item, obstacle, route, isHold);
    if (waitMs === undefined) this.giveUp(item, group, obstacle.status, obstacle.detail);
    else this.#queue.putBack(group, waitMs === 0 ? undefined : now + waitMs);
  }

  /** Keeps what is left of an item. @returns false if the item was given up, because memory for rewritten bodies is missing */
  #keepRest(item: Item, group: Group, { acknowledged, bodies }: Rest): boolean {
    const sent = acknowledged - item.acknowledged;
    item.acknowledged = acknowledged;
    try {
      if (bodies !== undefined) this.#queue.replaceBodies(item, bodies);
      else if (sent > 0) this.#queue.dropBodies(item, sent);
      return true;
    } catch {
      this.giveUp(item, group, undefined, 'there is no memory for what is left of it');
      return false;
    }
  }

  /**
   * Gives up an item. If nothing is stored of its trace, the later items of the group are given up, too, because the backend would
   * not take them. They are kept if one of them is another record of the trace.
   */
  giveUp(item: Item, group: Group, status: number | undefined, detail: string): void {
    const isWholeTrace = item.kind === 'trace' && item.acknowledged === 0 && !item.isUpdate;
    if (isWholeTrace && !group.items.some((later) => later !== item && later.kind === 'trace')) {
      if (this.#events.recordLost?.(item.traceId) !== true) {
        const [, ...rest] = this.#queue.abandon(group);
        this.#events.failed(item, status, detail, rest);
        return;
      }
      // Late spans would wait for the end of the trace, which never comes.
      for (const later of group.items) if (later.kind === 'spans') later.isUncertain = false;
    }
    this.#queue.settle(group);
    this.#events.failed(item, status, detail, undefined);
  }
}
