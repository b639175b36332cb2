import type { Group, Item, ItemKind } from './item.js';
import { ItemPool, insert } from './item-pool.js';
import { LinkedList } from './linked-list.js';
import type { ItemRules, Route } from './route.js';
import { WaitingGroups } from './waiting-groups.js';

/** Why a whole trace was dropped from the queue. */
export type Eviction = 'queue_full' | 'queue_bytes' | 'too_large';

/** Bounds of all pending items together: queued, in flight and waiting for a retry. */
interface QueueBounds {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/**
 * The pending items in groups, one group for each trace. Bounded; when it is full, updates are dropped first, then the oldest group
 * as a whole.
 *
 * ```
 *  byAge     g1 <──> g2 <──> g3 <──> g4 <──> g5 <──> g6        all groups, oldest first: the order of dropping
 *            │       │       │       │       │       │
 *  byPlace   flight  wait    flight  ready   ready   buffered  one list for each place; the ready groups by route
 *
 *   push ──> buffered ──release──> ready ──take──> inFlight ──settle──> gone, or ready again with its next item
 *                                    ^                │
 *                                    └─ wakeDue ── waiting <── putBack
 * ```
 *
 * Invariants: every group is in `byAge`, has an item, and is in exactly one place. After every `push` the bounds hold, unless the
 * groups in flight alone exceed them: those are never dropped, because the backend may have stored them already. No operation
 * walks the whole queue. Dropping passes the groups in flight, which are few; waking passes the groups that wait.
 */
export class Queue {
  readonly #bounds: QueueBounds;
  readonly #rules: Pick<ItemRules, 'routeOf'>;
  readonly #onEvict: (items: readonly Item[], reason: Eviction) => void;
  readonly #groups = new Map<string, Group>();
  readonly #byAge = new LinkedList<Group>();
  readonly #buffered = new LinkedList<Group>();
  readonly #ready: Readonly<Record<Route, LinkedList<Group>>> = { traces: new LinkedList(), other: new LinkedList() };
  /** Made by the first group that waits. */
  #waiting: WaitingGroups | undefined;
  readonly #pool: ItemPool;
  readonly #onReplace: (item: Item) => void;
  /** Groups with an update. */
  readonly #withUpdate = new Set<Group>();
  #items = 0;
  #bytes = 0;

  constructor(
    bounds: QueueBounds,
    rules: Pick<ItemRules, 'routeOf'>,
    onEvict: (items: readonly Item[], reason: Eviction) => void,
    onReplace: (item: Item) => void = () => {},
  ) {
    this.#bounds = bounds;
    this.#rules = rules;
    this.#onEvict = onEvict;
    this.#onReplace = onReplace;
    this.#pool = new ItemPool(bounds.maxBytes);
  }

  /** Pending items. */
  get items(): number {
    return this.#items;
  }

  /** Bytes of the pending items' bodies. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the next waiting group is due; infinity when none waits. */
  get nextWakeAt(): number {
    return this.#waiting?.nextWakeAt ?? Number.POSITIVE_INFINITY;
  }

  /** The next group to send on this route, if any. */
  next(route: Route): Group | undefined {
    return this.#ready[route].first;
  }

  /** Whether any group may be sent. */
  get isReady(): boolean {
    return this.next('traces') !== undefined || this.next('other') !== undefined;
  }

  /** Whether the item fits without dropping another one. */
  hasRoomFor(item: Item): boolean {
    return this.#items < this.#bounds.maxItems && this.#bytes + item.bytes <= this.#bounds.maxBytes;
  }

  /**
   * Makes an item, to be passed to `push` or `discard`.
   * @param texts - its bodies, at least one
   * @throws RangeError when there is no memory for them
   */
  create(id: number, kind: ItemKind, traceId: string, texts: readonly string[]): Item {
    return this.#pool.item(id, kind, traceId, texts);
  }

  /** Gives up an item that was made and not pushed. */
  discard(item: Item): void {
    this.#pool.takeBack(item);
  }

  /** Adds an item; then drops updates, and after them the oldest groups, until the bounds hold. */
  push(item: Item): void {
    if (item.bytes > this.#bounds.maxBytes) {
      this.#pool.empty(item);
      this.#onEvict([item], 'too_large');
      return;
    }
    let group = this.#groups.get(item.traceId);
    if (group !== undefined && (item.isUpdate || item.kind === 'trace')) this.#dropUpdates(group, this.#onReplace);
    if (group === undefined) {
      group = this.#pool.group(item);
      this.#groups.set(item.traceId, group);
      this.#byAge.append(group.byAge);
      this.#buffered.append(group.byPlace);
    } else insert(group, item);
    if (item.isUpdate) this.#withUpdate.add(group);
    this.#items += 1;
    this.#bytes += item.bytes;
    const isFirst = group.items[0] === item && (group.place === 'waiting' || group.place === 'ready');
    if (isFirst) this.#enqueue(group); // its route may differ from that of the item which was the first
    while (this.#items > this.#bounds.maxItems) if (!this.#evictOldest('queue_full')) return;
    while (this.#bytes > this.#bounds.maxBytes) if (!this.#evictOldest('queue_bytes')) return;
  }

  /** Makes all buffered groups ready. */
  release(): void {
    for (const group of this.#buffered) this.#enqueue(group);
  }

  /** Takes the first item of a group for the worker. */
  take(group: Group): Item {
    group.place = 'inFlight';
    group.byPlace.unlink();
    return group.items[0] as Item; // a group has an item
  }

  /** The first item is settled; the next one of its group may be sent. */
  settle(group: Group): void {
    const item = group.items.shift();
    if (item === undefined) return;
    this.#forget(item);
    if (item.isUpdate) this.#refreshWithUpdate(group);
    if (group.items.length === 0) this.#remove(group);
    else this.#enqueue(group);
  }

  /** Removes a group, and returns its items. */
  abandon(group: Group): readonly Item[] {
    const items = group.items.splice(0);
    for (const item of items) this.#forget(item);
    this.#remove(group);
    return items;
  }

  /** Takes all items of a group but its traces out of the queue, because they wait for another process's trace. Their bodies stay, for {@link readmit}. */
  takeOut(group: Group): readonly Item[] {
    const items = group.items.splice(0);
    const out = items.filter(({ kind }) => kind !== 'trace');
    for (const item of out) {
      this.#items -= 1;
      this.#bytes -= item.bytes;
    }
    group.items.push(...items.filter(({ kind }) => kind === 'trace'));
    if (group.items.length === 0) this.#remove(group);
    else this.#enqueue(group);
    return out;
  }

  /** Adds items that were taken out, ready to be sent. */
  readmit(items: readonly Item[]): void {
    for (const item of items) this.push(item);
    const group = this.#groups.get(items[0]?.traceId ?? '');
    if (group?.place === 'buffered') this.#enqueue(group);
  }

  /** Whether the queue holds items of a trace. */
  has(traceId: string): boolean {
    return this.#groups.has(traceId);
  }

  /**
   * A group comes back from the worker. It is the next to be sent; with `wakeAt`, it waits until then and comes last. Two exceptions:
   * an update is dropped if a later item of its trace replaces it; and a score or late spans go behind their trace if it was recorded
   * in the meantime, because the backend takes them only when it has the trace.
   */
  putBack(group: Group, wakeAt?: number): void {
    const [first, next] = group.items;
    if (first?.isUpdate === true && (next?.isUpdate === true || next?.kind === 'trace')) {
      this.#onReplace(first);
      this.settle(group);
      return;
    }
    if (first !== undefined && first.kind !== 'trace' && next?.kind === 'trace') {
      group.items.splice(0, 2, next, first);
      this.#enqueue(group);
      return;
    }
    if (wakeAt === undefined) {
      group.place = 'ready';
      this.#ready[this.#routeOf(group)].prepend(group.byPlace);
      return;
    }
    this.#waiting ??= new WaitingGroups();
    this.#waiting.add(group, wakeAt);
  }

  /** Makes groups ready whose wait is over. They come last, behind groups that have met no fault. */
  wakeDue(now: number): void {
    for (const group of this.#waiting?.due(now) ?? []) this.#enqueue(group);
  }

  /** Ends all waits at `at` at the latest. */
  hurry(at: number): void {
    this.#waiting?.hurry(at);
  }

  /** The first `count` bodies of an item are acknowledged. */
  dropBodies(item: Item, count: number): void {
    const before = item.bytes;
    this.#pool.dropBodies(item, count);
    this.#bytes += item.bytes - before;
  }

  /**
   * Replaces the bodies of an item that are left.
   * @throws RangeError when there is no memory for them
   */
  replaceBodies(item: Item, texts: readonly string[]): void {
    const before = item.bytes;
    try {
      this.#pool.replaceBodies(item, texts);
    } finally {
      this.#bytes += item.bytes - before;
    }
  }

  /** All groups, oldest first. The current one may be abandoned while iterating. */
  groups(): Iterable<Group> {
    return this.#byAge;
  }

  #evictOldest(reason: Eviction): boolean {
    for (const group of this.#withUpdate) {
      const before = this.#items;
      const [first] = group.items;
      this.#dropUpdates(group, (item) => this.#onEvict([item], reason));
      if (group.items.length === 0) this.#remove(group);
      else if (group.place === 'ready' && group.items[0] !== first) this.#enqueue(group); // the new first item may have another route
      if (this.#items < before) return true;
    }
    for (const group of this.#byAge) {
      if (group.place === 'inFlight') continue;
      for (const item of group.items) this.#forget(item);
      this.#remove(group);
      this.#onEvict(group.items, reason);
      this.#pool.takeBackGroup(group);
      return true;
    }
    return false;
  }

  /** Drops the updates of a group, but for one in flight. The group may be empty afterwards. */
  #dropUpdates(group: Group, onDrop: (item: Item) => void): void {
    if (!this.#withUpdate.has(group)) return;
    const least = group.place === 'inFlight' ? 1 : 0;
    for (let at = group.items.length - 1; at >= least; at -= 1) {
      const item = group.items[at] as Item; // in range
      if (!item.isUpdate) continue;
      group.items.splice(at, 1);
      this.#forget(item);
      onDrop(item);
    }
    this.#refreshWithUpdate(group);
  }

  #refreshWithUpdate(group: Group): void {
    if (!group.items.some(({ isUpdate }) => isUpdate)) this.#withUpdate.delete(group);
  }

  /** Makes the group ready, as the last of its route. */
  #enqueue(group: Group): void {
    group.place = 'ready';
    this.#ready[this.#routeOf(group)].append(group.byPlace);
  }

  #forget(item: Item): void {
    this.#pool.empty(item);
    this.#items -= 1;
    this.#bytes -= item.bytes;
  }

  #routeOf(group: Group): Route {
    return this.#rules.routeOf(group.items[0] as Item); // a group has an item
  }

  #remove(group: Group): void {
    if (this.#withUpdate.size > 0) this.#withUpdate.delete(group);
    group.place = 'gone';
    group.byAge.unlink();
    group.byPlace.unlink();
    this.#groups.delete(group.traceId);
  }
}
