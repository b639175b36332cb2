import { Link } from './linked-list.js';
import type { SlabText } from './slab-store.js';

/** What an item carries: a trace, spans that ended after their trace, or one score. */
export type ItemKind = 'trace' | 'spans' | 'score';

/** One record as request bodies. It is the unit that stats count. */
export interface Item {
  /** Ascending in the order of recording. */
  id: number;
  traceId: string;
  kind: ItemKind;
  /** Bodies that are still to be sent, in order. */
  bodies: SlabText[];
  /** Bodies acknowledged so far. The first body of a trace holds the trace itself, the others hold spans. */
  acknowledged: number;
  /** Bytes of its bodies. */
  bytes: number;
  /** Requests made for it. */
  attempts: number;
  /** Answers that its trace is not stored (yet), the time of the last one, and how long the item has waited between them. */
  notFoundCount: number;
  notFoundAt: number;
  absentMs: number;
  /** Faults in a row, whatever the cause. */
  faults: number;
  /** How likely this item is the cause of its faults; see `suspicionOf`. */
  suspicion: number;
  /** At its last fault: requests of its route that had been answered, and that had met a fault. */
  passedAtFault: number;
  failedAtFault: number;
  /** The worker died while this item was in flight. */
  wasInFlightAtCrash: boolean;
  /** It may be stored although no answer came, and must not be stored twice. */
  isUncertain: boolean;
}

/**
 * All pending items of one trace: the trace, its late spans, its scores, in that order. Only the first one may be in flight; the
 * others wait for its acknowledgement.
 */
export interface Group {
  traceId: string;
  readonly items: Item[];
  bytes: number;
  /** `buffered`: not released yet. `ready`: may be sent. `waiting`: until `wakeAt`. `inFlight`: the worker has the first item. */
  place: 'buffered' | 'ready' | 'waiting' | 'inFlight' | 'gone';
  wakeAt: number;
  readonly byAge: Link<Group>;
  readonly byPlace: Link<Group>;
}

const order: Readonly<Record<ItemKind, number>> = { trace: 0, spans: 1, score: 2 };

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
  notFoundCount = 0;
  notFoundAt = 0;
  absentMs = 0;
  faults = 0;
  suspicion = 0;
  passedAtFault = 0;
  failedAtFault = 0;
  wasInFlightAtCrash = false;
  isUncertain = false;
}

/** Resets a recycled item for reuse. It must be unreferenced and have no bodies. */
export function renewItem(item: Item, id: number, kind: ItemKind, traceId: string): void {
  item.id = id;
  item.kind = kind;
  item.traceId = traceId;
  item.acknowledged = 0;
  item.bytes = 0;
  item.attempts = 0;
  item.notFoundCount = 0;
  item.notFoundAt = 0;
  item.absentMs = 0;
  item.faults = 0;
  item.suspicion = 0;
  item.passedAtFault = 0;
  item.failedAtFault = 0;
  item.wasInFlightAtCrash = false;
  item.isUncertain = false;
}

/** A group of one item. */
export function createGroup(item: Item): Group {
  return new TraceGroup(item);
}

class TraceGroup implements Group {
  traceId: string;
  readonly items: Item[];
  bytes: number;
  place: Group['place'] = 'buffered';
  wakeAt = 0;
  readonly byAge: Link<Group> = new Link<Group>(this);
  readonly byPlace: Link<Group> = new Link<Group>(this);

  constructor(item: Item) {
    this.traceId = item.traceId;
    this.bytes = item.bytes;
    this.items = [item]; // not pushed: V8 makes room for 17 when an array grows
  }
}

/** Adds `item` to its group in the right order, but never before an item in flight. */
export function insert(group: Group, item: Item): void {
  const least = group.place === 'inFlight' ? 1 : 0;
  let at = group.items.length;
  while (at > least && order[(group.items[at - 1] as Item).kind] > order[item.kind]) at -= 1;
  if (at === group.items.length) group.items.push(item);
  else group.items.splice(at, 0, item);
  group.bytes += item.bytes;
}
