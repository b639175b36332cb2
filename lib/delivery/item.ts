import { Link } from './chain.js';
import type { StoredText, TextStore } from './text-store.js';

/** What an item carries: a trace, spans that ended after their trace, or one score. */
export type ItemKind = 'trace' | 'spans' | 'score';

/** One thing that was recorded, as request bodies. Counts are counts of these. */
export interface Item {
  /** Ascending in the order of recording. */
  readonly id: number;
  readonly traceId: string;
  readonly kind: ItemKind;
  /** What is still to be sent, in order. */
  bodies: readonly string[];
  /** Bodies acknowledged so far; a trace's first is `POST /traces`, its others are spans. */
  acknowledged: number;
  /** Memory its bodies take, at most. */
  bytes: number;
  /** Requests made for it. */
  attempts: number;
  /** Answers that its trace is not there (yet). */
  absences: number;
  /** Faults while other items were being delivered: a sign that this one is the cause. */
  suspicions: number;
  /** Faults in a row, whatever the cause. */
  faults: number;
  /** The queue's deliveries when it last met a fault. */
  deliveriesAtFault: number;
  /** The worker died with it in hand. */
  wasAwayAtDeath: boolean;
  /** A score that may have been stored although no answer came. */
  isUncertain: boolean;
  /** Puts its bodies into `store` until it is released; for an item that is not there already. */
  moveTo(store: TextStore): void;
  /** Lets go of its bodies. */
  release(): void;
}

/**
 * All pending items of one trace: the trace, its late spans, its scores, in that order. At most the first
 * is under way; the rest wait for its acknowledgement.
 */
export interface Group {
  readonly traceId: string;
  readonly items: Item[];
  bytes: number;
  /** `fresh`: not asked for yet; `ready`: may be sent; `waiting`: until `wakeAt`; `away`: the worker has it. */
  place: 'fresh' | 'ready' | 'waiting' | 'away' | 'gone';
  wakeAt: number;
  readonly byAge: Link<Group>;
  readonly byPlace: Link<Group>;
}

const order: Readonly<Record<ItemKind, number>> = { trace: 0, spans: 1, score: 2 };

/** A new item; `bodies` must not be empty. */
export function createItem(id: number, kind: ItemKind, traceId: string, bodies: readonly string[]): Item {
  return new QueuedItem(id, kind, traceId, bodies);
}

class QueuedItem implements Item {
  readonly id: number;
  readonly kind: ItemKind;
  readonly traceId: string;
  acknowledged = 0;
  bytes: number;
  attempts = 0;
  absences = 0;
  suspicions = 0;
  faults = 0;
  deliveriesAtFault = -1;
  wasAwayAtDeath = false;
  isUncertain = false;
  /** The bodies, or what takes their place in `#store`. */
  #bodies: readonly string[] | readonly StoredText[];
  #store: TextStore | undefined;

  constructor(id: number, kind: ItemKind, traceId: string, bodies: readonly string[]) {
    this.id = id;
    this.kind = kind;
    this.traceId = traceId;
    this.#bodies = bodies;
    this.bytes = memoryOf(bodies);
  }

  get bodies(): readonly string[] {
    const store = this.#store;
    // With a store they are stored texts, without one strings.
    return store === undefined
      ? (this.#bodies as readonly string[])
      : (this.#bodies as readonly StoredText[]).map((text) => store.read(text));
  }

  set bodies(bodies: readonly string[]) {
    this.release();
    this.#bodies = bodies;
  }

  moveTo(store: TextStore): void {
    this.#bodies = this.bodies.map((body) => store.put(body));
    this.#store = store;
  }

  release(): void {
    const store = this.#store;
    if (store !== undefined) for (const text of this.#bodies as readonly StoredText[]) store.giveBack(text);
    this.#bodies = [];
    this.#store = undefined;
  }
}

/** A group without items. */
export function createGroup(traceId: string): Group {
  return new TraceGroup(traceId);
}

class TraceGroup implements Group {
  readonly traceId: string;
  readonly items: Item[] = [];
  bytes = 0;
  place: Group['place'] = 'fresh';
  wakeAt = 0;
  readonly byAge: Link<Group> = new Link<Group>(this);
  readonly byPlace: Link<Group> = new Link<Group>(this);

  constructor(traceId: string) {
    this.traceId = traceId;
  }
}

/** Puts `item` where it belongs in its group; never before one that is under way. */
export function insert(group: Group, item: Item): void {
  const least = group.place === 'away' ? 1 : 0;
  let at = group.items.length;
  while (at > least && order[(group.items[at - 1] as Item).kind] > order[item.kind]) at -= 1;
  group.items.splice(at, 0, item);
  group.bytes += item.bytes;
}

/**
 * Memory a text takes at most: a byte a character when all are ASCII, otherwise what is larger of its UTF-8 form
 * (what travels) and two bytes a character (what is held). Source: V8 keeps strings in one or two bytes a character.
 */
export function memoryOf(bodies: readonly string[]): number {
  let bytes = 0;
  for (const body of bodies) {
    const encoded = Buffer.byteLength(body);
    bytes += encoded === body.length ? encoded : Math.max(encoded, 2 * body.length);
  }
  return bytes;
}
