import { type Group, type Item, type ItemKind, itemKinds } from './item.js';
import { Link } from './linked-list.js';
import { SlabStore, type SlabText } from './slab-store.js';

/** Most unused items, and most unused groups, that are kept. */
const maxSpare = 64;

const noNotes: readonly string[] = [];

/**
 * Makes items and groups with memory for their bodies, and reuses those that are no longer referenced.
 *
 * Objects that were taken back are reused. Without that, a queue that overflows fills V8's old generation with small objects, of
 * which tens of megabytes may gather before a collection.
 *
 * Invariant: `bytes` of a pending item is the size of its bodies. A new item whose texts are larger than `maxBytes` has no bodies, and
 * `bytes` is their least size. `bytes` of an item that is no longer pending is its last size.
 */
export class ItemPool {
  readonly #maxBytes: number;
  readonly #texts = new SlabStore();
  readonly #items: Item[] = [];
  readonly #groups: Group[] = [];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Makes an item with these texts, at least one, as its bodies.
   * @throws RangeError when there is no memory for them
   */
  item(id: number, kind: ItemKind, traceId: string, texts: readonly string[]): Item {
    const item = this.#items.pop() ?? createItem();
    renewItem(item, id, kind, traceId);
    try {
      this.#fill(item, texts);
    } catch (error) {
      this.takeBack(item);
      throw error;
    }
    return item;
  }

  /** Makes a group of this item. */
  group(item: Item): Group {
    const group = this.#groups.pop();
    if (group === undefined) return createGroup(item);
    group.traceId = item.traceId;
    group.place = 'buffered';
    insert(group, item);
    return group;
  }

  /** Frees the first `count` bodies. */
  dropBodies(item: Item, count: number): void {
    for (const place of item.bodies.splice(0, count)) {
      item.bytes -= place.end - place.start;
      this.#texts.giveBack(place);
    }
  }

  /**
   * Replaces the bodies by these texts, however large they are: quoting may have made them larger than `maxBytes`.
   * @throws RangeError when there is no memory for them
   */
  replaceBodies(item: Item, texts: readonly string[]): void {
    this.empty(item);
    this.#write(item, texts);
  }

  /** Frees all bodies; `bytes` stays. */
  empty(item: Item): void {
    for (let place = item.bodies.pop(); place !== undefined; place = item.bodies.pop()) this.#texts.giveBack(place);
  }

  takeBack(item: Item): void {
    this.empty(item);
    if (this.#items.length < maxSpare) this.#items.push(item);
  }

  /** Takes back a group that is not in the queue, with its items, which have no bodies. */
  takeBackGroup(group: Group): void {
    for (let item = group.items.pop(); item !== undefined; item = group.items.pop()) this.takeBack(item);
    if (this.#groups.length < maxSpare) this.#groups.push(group);
  }

  #fill(item: Item, texts: readonly string[]): void {
    // A character has at least one byte: texts that are too large for the queue are not stored at all.
    for (const text of texts) item.bytes += text.length;
    if (item.bytes <= this.#maxBytes) this.#write(item, texts);
  }

  #write(item: Item, texts: readonly string[]): void {
    item.bytes = 0;
    for (const text of texts) {
      const place = this.#texts.put(text);
      if (item.bodies.length > 0) item.bodies.push(place);
      else item.bodies = [place]; // not pushed: most have one body, and V8 makes room for 17 when an array grows
      item.bytes += place.end - place.start;
    }
  }
}

/** An empty item, for `renewItem`. */
export function createItem(): Item {
  return new QueuedItem();
}

class QueuedItem implements Item {
  id = 0;
  kind: ItemKind = 'trace';
  traceId = '';
  bodies: SlabText[] = [];
  acknowledged = 0;
  bytes = 0;
  attempts = 0;
  notes = noNotes;
  notFoundCount = 0;
  notFoundAt = 0;
  absentMs = 0;
  faults = 0;
  suspicion = 0;
  passedAtFault = 0;
  failedAtFault = 0;
  wasInFlightAtCrash = false;
  isUncertain = false;
  isUpdate = false;
  isRemote = false;
  isOrphaned = false;
}

/** Resets a recycled item for reuse. It must be unreferenced and have no bodies. */
export function renewItem(item: Item, id: number, kind: ItemKind, traceId: string): void {
  item.id = id;
  item.kind = kind;
  item.traceId = traceId;
  item.acknowledged = 0;
  item.bytes = 0;
  item.attempts = 0;
  item.notes = noNotes;
  item.notFoundCount = 0;
  item.notFoundAt = 0;
  item.absentMs = 0;
  item.faults = 0;
  item.suspicion = 0;
  item.passedAtFault = 0;
  item.failedAtFault = 0;
  item.wasInFlightAtCrash = false;
  item.isUncertain = false;
  item.isUpdate = false;
  item.isRemote = false;
  item.isOrphaned = false;
}

/** A group of one item. */
function createGroup(item: Item): Group {
  return new TraceGroup(item);
}

class TraceGroup implements Group {
  traceId: string;
  readonly items: Item[];
  place: Group['place'] = 'buffered';
  wakeAt = 0;
  readonly byAge: Link<Group> = new Link<Group>(this);
  readonly byPlace: Link<Group> = new Link<Group>(this);

  constructor(item: Item) {
    this.traceId = item.traceId;
    this.items = [item]; // not pushed: V8 makes room for 17 when an array grows
  }
}

/** Adds `item` to its group in the right order, but never before an item in flight. */
export function insert(group: Group, item: Item): void {
  const least = group.place === 'inFlight' ? 1 : 0;
  let at = group.items.length;
  const order = itemKinds.indexOf(item.kind);
  while (at > least && itemKinds.indexOf((group.items[at - 1] as Item).kind) > order) at -= 1;
  if (at === group.items.length) group.items.push(item);
  else group.items.splice(at, 0, item);
}
