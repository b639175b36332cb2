import { Link } from './linked-list.js';
import type { SlabText } from './slab-store.js';

/** What an item carries: a trace, spans that ended after their trace, or one score. */
export type ItemKind = 'trace' | 'spans' | 'score';

/** One thing that was recorded, as request bodies. Counts are counts of these. */
export interface Item {
  /** Ascending in the order of recording. */
  id: number;
  traceId: string;
  kind: ItemKind;
  /** What is still to be sent, in order. */
  bodies: SlabText[];
  /** Bodies acknowledged so far; a trace's first is `POST /traces`, its others are spans. */
  acknowledged: number;
  /** Memory its bodies take. */
  bytes: number;
  /** Requests made for it. */
  attempts: number;
  /** Answers that its trace is not there (yet), when the last of them came, and how long it has waited between them. */
  notFoundCount: number;
  notFoundAt: number;
  absentMs: number;
  /** Faults in a row, whatever the cause. */
  faults: number;
  /** How certain it is that this item is their cause; see `suspicionOf`. */
  suspicion: number;
  /** Requests of its route that were answered, and that met a fault, until its last fault. */
  passedAtFault: number;
  failedAtFault: number;
  /** The worker died with it in hand. */
  wasInFlightAtCrash: boolean;
  /** A score that may have been stored although no answer came. */
  isUncertain: boolean;
}

/**
 * All pending items of one trace: the trace, its late spans, its scores, in that order. At most the first
 * is under way; the rest wait for its acknowledgement.
 */
export interface Group {
  traceId: string;
  readonly items: Item[];
  bytes: number;
  /** `buffered`: not asked for yet; `ready`: may be sent; `waiting`: until `wakeAt`; `away`: the worker has it. */
  place: 'buffered' | 'ready' | 'waiting' | 'inFlight' | 'gone';
  wakeAt: number;
  readonly byAge: Link<Group>;
  readonly byPlace: Link<Group>;
}

const order: Readonly<Record<ItemKind, number>> = { trace: 0, spans: 1, score: 2 };

/** An item of nothing yet. */
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

/** Makes `item`, which nobody holds any more and has no bodies, another one. */
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
    this.items = [item]; // a list that grows takes room for 17 at once
  }
}

/** Puts `item` where it belongs in its group; never before one that is under way. */
export function insert(group: Group, item: Item): void {
  const least = group.place === 'inFlight' ? 1 : 0;
  let at = group.items.length;
  while (at > least && order[(group.items[at - 1] as Item).kind] > order[item.kind]) at -= 1;
  if (at === group.items.length) group.items.push(item);
  else group.items.splice(at, 0, item);
  group.bytes += item.bytes;
}
