import { createGroup, createItem, type Group, type Item, type ItemKind, insert, renewItem } from './item.js';
import { SlabStore } from './slab-store.js';

/** Objects of each sort that are kept for the next ones. */
const maxSpare = 64;

/**
 * Makes items and groups, with the memory their bodies lie in, and takes back those that nobody holds any more.
 *
 * What is taken back is used again for what comes. Otherwise a queue that overflows fills the old part of the heap with small
 * objects that have lived for some seconds, where V8 lets tens of megabytes gather before it looks.
 *
 * Invariant: the bytes of a pending item are those of its bodies. An item whose texts are larger than `maxBytes` has no bodies,
 * and counts how many bytes they would be at least; one that is no longer pending still counts what it had.
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
   * An item with these texts as its bodies; they must not be empty.
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

  /** A group of this item. */
  group(item: Item): Group {
    const group = this.#groups.pop();
    if (group === undefined) return createGroup(item);
    group.traceId = item.traceId;
    group.place = 'buffered';
    insert(group, item);
    return group;
  }

  /** Lets go of the first `count` bodies. */
  dropBodies(item: Item, count: number): void {
    for (const place of item.bodies.splice(0, count)) {
      item.bytes -= place.end - place.start;
      this.#texts.giveBack(place);
    }
  }

  /**
   * Puts these texts in the place of the bodies.
   * @throws RangeError when there is no memory for them; the item has none then
   */
  replaceBodies(item: Item, texts: readonly string[]): void {
    this.empty(item);
    item.bytes = 0;
    this.#fill(item, texts);
  }

  /** Lets go of all bodies; what they counted stays. */
  empty(item: Item): void {
    for (let place = item.bodies.pop(); place !== undefined; place = item.bodies.pop()) this.#texts.giveBack(place);
  }

  takeBack(item: Item): void {
    this.empty(item);
    if (this.#items.length < maxSpare) this.#items.push(item);
  }

  /** The group is out of the queue, and its items are empty. */
  takeBackGroup(group: Group): void {
    for (let item = group.items.pop(); item !== undefined; item = group.items.pop()) this.takeBack(item);
    if (this.#groups.length < maxSpare) this.#groups.push(group);
  }

  #fill(item: Item, texts: readonly string[]): void {
    // A character is a byte at least: what is too large for the queue is not stored at all.
    for (const text of texts) item.bytes += text.length;
    if (item.bytes > this.#maxBytes) return;
    item.bytes = 0;
    for (const text of texts) {
      const place = this.#texts.put(text);
      if (item.bodies.length > 0) item.bodies.push(place);
      else item.bodies = [place]; // most have one; a list that grows takes room for 17 at once
      item.bytes += place.end - place.start;
    }
  }
}
