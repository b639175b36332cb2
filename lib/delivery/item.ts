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
  /** Puts its bodies into `store` until it is released, unless they are long; for an item that is not there already. */
  moveTo(store: TextStore): void;
  /** Lets go of its bodies. */
  release(): void;
  /** Makes it another item; for one that nobody holds any more. */
  renew(id: number, kind: ItemKind, traceId: string, bodies: readonly string[]): void;
}

/**
 * All pending items of one trace: the trace, its late spans, its scores, in that order. At most the first
 * is under way; the rest wait for its acknowledgement.
 */
export interface Group {
  traceId: string;
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
  id = 0;
  kind: ItemKind = 'trace';
  traceId = '';
  acknowledged = 0;
  bytes = 0;
  attempts = 0;
  absences = 0;
  suspicions = 0;
  faults = 0;
  deliveriesAtFault = -1;
  wasAwayAtDeath = false;
  isUncertain = false;
  /** The bodies; with a store they are in `#texts`. */
  #bodies: readonly string[] = none;
  #store: TextStore | undefined;
  readonly #texts: StoredText[] = [];

  constructor(id: number, kind: ItemKind, traceId: string, bodies: readonly string[]) {
    this.renew(id, kind, traceId, bodies);
  }

  renew(id: number, kind: ItemKind, traceId: string, bodies: readonly string[]): void {
    this.id = id;
    this.kind = kind;
    this.traceId = traceId;
    this.acknowledged = 0;
    this.attempts = 0;
    this.absences = 0;
    this.suspicions = 0;
    this.faults = 0;
    this.deliveriesAtFault = -1;
    this.wasAwayAtDeath = false;
    this.isUncertain = false;
    this.bodies = bodies;
    this.bytes = memoryOf(bodies);
  }

  get bodies(): readonly string[] {
    const store = this.#store;
    return store === undefined ? this.#bodies : this.#texts.map((text) => store.read(text));
  }

  set bodies(bodies: readonly string[]) {
    this.release();
    this.#bodies = bodies;
  }

  moveTo(store: TextStore): void {
    if (this.#bodies.some(isLong)) return;
    for (const body of this.#bodies) this.#texts.push(store.put(body));
    this.#bodies = none;
    this.#store = store;
  }

  release(): void {
    for (let text = this.#texts.pop(); text !== undefined; text = this.#texts.pop()) this.#store?.giveBack(text);
    this.#bodies = none;
    this.#store = undefined;
  }
}

const none: readonly string[] = [];

/** A group without items. */
export function createGroup(traceId: string): Group {
  return new TraceGroup(traceId);
}

class TraceGroup implements Group {
  traceId: string;
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
  if (at === group.items.length) group.items.push(item);
  else group.items.splice(at, 0, item);
  group.bytes += item.bytes;
}

/** From this length on a text is not looked at: that would copy it, on the application's thread, while it waits. */
const longText = 131_072;

/**
 * Memory texts take at most: a byte a character when all are ASCII, otherwise what is larger of the UTF-8 form
 * (what travels) and two bytes a character (what is held). Source: V8 keeps strings in one or two bytes a character.
 * Long ones count two.
 */
export function memoryOf(bodies: readonly string[]): number {
  let bytes = 0;
  for (const body of bodies) {
    if (isLong(body)) {
      bytes += 2 * body.length;
      continue;
    }
    const encoded = Buffer.byteLength(body);
    bytes += encoded === body.length ? encoded : Math.max(encoded, 2 * body.length);
  }
  return bytes;
}

/** Whether `text` is better left as it is, pieces that are not joined yet. */
function isLong(text: string): boolean {
  return text.length >= longText;
}
