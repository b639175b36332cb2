import { type Group, type Item, type ItemKind, insert } from './item.js';
import { ItemPool } from './item-pool.js';
import { LinkedList } from './linked-list.js';
import type { ItemRules, Route } from './route.js';

/** Why a whole trace was dropped from the queue. */
export type Eviction = 'queue_full' | 'queue_bytes' | 'too_large';

/** Bounds of the queue: what is queued, under way and waiting for a retry together. */
export interface QueueBounds {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/**
 * The pending items, by trace. Oldest first, bounded, whole traces only.
 *
 * ```
 *  byAge     g1 <─> g2 <─> g3 <─> g4 <─> g5 <─> g6        every group, oldest first: what is dropped
 *            │      │      │      │      │      │
 *  byPlace   away   wait   away   ready  ready  fresh     what may be sent, and when; the ready ones by route
 *
 *   push ──> fresh ──ask──> ready ──take──> away ──settle──> gone, or ready again with its next item
 *                             ^              │
 *                             └─ wakeDue ─ waiting <── putBack
 * ```
 *
 * Invariants: every group is in `byAge` and has an item; it is in exactly one place; the items and bytes of all
 * groups are within the bounds after every `push`, unless what the worker has in hand alone exceeds them: a group that
 * is away is never dropped, because its request may be stored already. No operation walks the queue, but for
 * groups that are away (few) when dropping, and those waiting when one of them is due.
 */
export class Queue {
  readonly #bounds: QueueBounds;
  readonly #rules: Pick<ItemRules, 'routeOf'>;
  readonly #onEvict: (items: readonly Item[], reason: Eviction) => void;
  readonly #groups = new Map<string, Group>();
  readonly #byAge = new LinkedList<Group>();
  readonly #buffered = new LinkedList<Group>();
  readonly #ready: Readonly<Record<Route, LinkedList<Group>>> = { traces: new LinkedList(), other: new LinkedList() };
  readonly #waiting = new LinkedList<Group>();
  readonly #pool: ItemPool;
  #nextWakeAt = Number.POSITIVE_INFINITY;
  /** No group waits for longer. */
  #lastWakeAt = 0;
  #items = 0;
  #bytes = 0;

  constructor(
    bounds: QueueBounds,
    rules: Pick<ItemRules, 'routeOf'>,
    onEvict: (items: readonly Item[], reason: Eviction) => void,
  ) {
    this.#bounds = bounds;
    this.#rules = rules;
    this.#onEvict = onEvict;
    this.#pool = new ItemPool(bounds.maxBytes);
  }

  /** Pending items. */
  get items(): number {
    return this.#items;
  }

  /** Memory of the pending items. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the next waiting group is due; infinity when none waits. */
  get nextWakeAt(): number {
    return this.#nextWakeAt;
  }

  /** The next group to send on this route, if any. */
  next(route: Route): Group | undefined {
    return this.#ready[route].first;
  }

  /** Whether any group may be sent. */
  get isReady(): boolean {
    return this.next('traces') !== undefined || this.next('other') !== undefined;
  }

  /** Whether the item fits without dropping any. */
  hasRoomFor(item: Item): boolean {
    return this.#items < this.#bounds.maxItems && this.#bytes + item.bytes <= this.#bounds.maxBytes;
  }

  /**
   * A new item, for `push` or `discard`; `texts`, its bodies, must not be empty.
   * @throws RangeError when there is no memory for them
   */
  create(id: number, kind: ItemKind, traceId: string, texts: readonly string[]): Item {
    return this.#pool.item(id, kind, traceId, texts);
  }

  /** The item is not wanted after all. */
  discard(item: Item): void {
    this.#pool.takeBack(item);
  }

  /** Takes an item in, and drops the oldest traces until the bounds hold. */
  push(item: Item): void {
    if (item.bytes > this.#bounds.maxBytes) {
      this.#pool.empty(item);
      this.#onEvict([item], 'too_large');
      return;
    }
    let group = this.#groups.get(item.traceId);
    if (group === undefined) {
      group = this.#pool.group(item);
      this.#groups.set(item.traceId, group);
      this.#byAge.append(group.byAge);
      this.#buffered.append(group.byPlace);
    } else insert(group, item);
    this.#items += 1;
    this.#bytes += item.bytes;
    const isFirst = group.items[0] === item && (group.place === 'waiting' || group.place === 'ready');
    if (isFirst) this.#enqueue(group); // what the others wait for has come, and its route is another
    while (this.#items > this.#bounds.maxItems) if (!this.#evictOldest('queue_full')) return;
    while (this.#bytes > this.#bounds.maxBytes) if (!this.#evictOldest('queue_bytes')) return;
  }

  /** Everything queued so far may be sent. */
  release(): void {
    for (const group of this.#buffered) this.#enqueue(group);
  }

  /** Hands the group's first item to the worker. */
  take(group: Group): Item {
    group.place = 'inFlight';
    group.byPlace.unlink();
    return group.items[0] as Item; // a group has an item
  }

  /** The first item is settled; the next one of its trace may go. */
  settle(group: Group): void {
    const item = group.items.shift();
    if (item === undefined) return;
    this.#forget(group, item);
    if (group.items.length === 0) this.#remove(group);
    else this.#enqueue(group);
  }

  /** Gives up a group with all its items, which are returned. */
  abandon(group: Group): readonly Item[] {
    const items = group.items.splice(0);
    for (const item of items) this.#forget(group, item);
    this.#remove(group);
    return items;
  }

  /** Back from the worker: at once, first in line, or to wait until `wakeAt` and then go last. */
  putBack(group: Group, wakeAt?: number): void {
    if (wakeAt === undefined) {
      group.place = 'ready';
      this.#ready[this.#routeOf(group)].prepend(group.byPlace);
      return;
    }
    group.place = 'waiting';
    group.wakeAt = wakeAt;
    this.#waiting.append(group.byPlace);
    this.#nextWakeAt = Math.min(this.#nextWakeAt, wakeAt);
    this.#lastWakeAt = Math.max(this.#lastWakeAt, wakeAt);
  }

  /** Groups whose wait is over go to the end of the line, behind those that have met no fault. */
  wakeDue(now: number): void {
    if (now < this.#nextWakeAt) return;
    this.#nextWakeAt = Number.POSITIVE_INFINITY;
    for (const group of this.#waiting) {
      if (group.wakeAt > now) {
        this.#nextWakeAt = Math.min(this.#nextWakeAt, group.wakeAt);
        continue;
      }
      this.#enqueue(group);
    }
  }

  /** Somebody waits: no group waits for longer than until `at`. */
  hurry(at: number): void {
    if (this.#nextWakeAt === Number.POSITIVE_INFINITY || at >= this.#lastWakeAt) return;
    for (const group of this.#waiting) group.wakeAt = Math.min(group.wakeAt, at);
    this.#nextWakeAt = Math.min(this.#nextWakeAt, at);
    this.#lastWakeAt = at;
  }

  /** The first `count` bodies have been sent. */
  dropBodies(group: Group, item: Item, count: number): void {
    const before = item.bytes;
    this.#pool.dropBodies(item, count);
    this.#grow(group, item.bytes - before);
  }

  /**
   * Other bodies are to be sent instead of those that are left.
   * @throws RangeError when there is no memory for them
   */
  replaceBodies(group: Group, item: Item, texts: readonly string[]): void {
    const before = item.bytes;
    try {
      this.#pool.replaceBodies(item, texts);
    } finally {
      this.#grow(group, item.bytes - before);
    }
  }

  /** Every pending group, oldest first; the one just given out may be abandoned while iterating. */
  groups(): Iterable<Group> {
    return this.#byAge;
  }

  #evictOldest(reason: Eviction): boolean {
    for (const group of this.#byAge) {
      if (group.place === 'inFlight') continue;
      for (const item of group.items) this.#forget(group, item);
      this.#remove(group);
      this.#onEvict(group.items, reason);
      this.#pool.takeBackGroup(group);
      return true;
    }
    return false;
  }

  /** Puts the group at the end of the line of its route. */
  #enqueue(group: Group): void {
    group.place = 'ready';
    this.#ready[this.#routeOf(group)].append(group.byPlace);
  }

  #forget(group: Group, item: Item): void {
    this.#pool.empty(item);
    this.#items -= 1;
    this.#grow(group, -item.bytes);
  }

  #grow(group: Group, bytes: number): void {
    group.bytes += bytes;
    this.#bytes += bytes;
  }

  #routeOf(group: Group): Route {
    return this.#rules.routeOf(group.items[0] as Item); // a group has an item
  }

  #remove(group: Group): void {
    group.place = 'gone';
    group.byAge.unlink();
    group.byPlace.unlink();
    this.#groups.delete(group.traceId);
  }
}
