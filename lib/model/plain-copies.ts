import { types } from '../common/builtins.js';
import { throwsNote } from './capture-special.js';

/** What is read before it is known to fit is about so much text. */
const maxBatchUnits = 16_384;
/** A longer string is left to the walk, which need not quote it. */
const maxStringUnits = 256;
/** An item that is larger than this, or deeper, is left to the walk. */
const maxObjects = 500;
const maxLevels = 8;
const maxKeys = 64;
const maxItems = 1000;
/** So many lists of keys are remembered. */
const maxShapes = 16;
/** No keys: an object without any is looked at like one with unknown ones. */
const none: readonly string[] = [];

/**
 * Copies items of which a list has many, so that the engine's own serializer can write them in one go: it takes a quarter of
 * the time of a walk, but runs getters and has forms of its own for what is not plain data. So each item is read once, into a copy
 * that holds what `JSON.stringify` writes just as the walk does. A part that is anything else stays in
 * the copy as it is, unread, and {@link isPlain} is false: then the walk writes the copy.
 *
 * `{...item}` costs a twentieth of reading property by property, but tells nothing when a getter throws. So
 * items with getters are found first, by the first item that has its keys. Where an item has the same keys
 * but getters, and one of these throws, the note stands for each of its getters: none is read twice.
 */
export class PlainCopies {
  /** Whether the last copy holds plain data only. */
  isPlain = true;
  /** The item that ended {@link fill}. */
  last: unknown = undefined;
  /** UTF-16 units of the strings in the batch. */
  units = 0;
  readonly #sources = new Map<unknown, object>();
  readonly #shapes: (readonly string[])[] = [];
  #lastShape: readonly string[] = none;
  /** The objects that the walk is inside of, and those that this is inside of. */
  #outer: readonly unknown[] = [];
  #outerDepth = 0;
  readonly #inner: unknown[] = [];
  #left = 0;

  /** Whether copies may be made at all: not with properties that everything inherits. */
  static areSafe(): boolean {
    for (const _ in Object.prototype) return false;
    return true;
  }

  /** Begins a batch of items of one list. @param path - the objects that the list is in, `depth` of them */
  begin(path: readonly unknown[], depth: number): void {
    this.#outer = path;
    this.#outerDepth = depth;
    if (this.#sources.size > 0) this.#sources.clear();
  }

  /** Lets go of everything. */
  end(): void {
    this.begin([], 0);
    this.last = undefined;
    for (let at = 0; at < this.#inner.length; at += 1) this.#inner[at] = undefined;
    this.#shapes.length = 0;
    this.#lastShape = none;
  }

  /** What a part of an item was before it became `copy`; `copy` itself where it is no copy. */
  sourceOf(copy: object): object {
    return this.#sources.size === 0 ? copy : (this.#sources.get(copy) ?? copy);
  }

  /**
   * Puts into `copies` what stands for the items from `at` on. Ends with the first that is not plain; {@link last} is
   * that item itself then. Gives the index of the next item.
   */
  fill(items: readonly unknown[], at: number, end: number, copies: unknown[]): number {
    this.isPlain = true;
    this.units = 0;
    let next = at;
    while (next < end && this.units < maxBatchUnits) {
      const item = itemAt(items, next);
      next += 1;
      this.#left = maxObjects;
      copies.push(typeof item === 'object' && item !== null ? this.#copyObject(item, 0) : this.#copy(item, 0));
      if (this.isPlain) continue;
      this.last = item;
      break;
    }
    return next;
  }

  #copy(value: unknown, level: number): unknown {
    switch (typeof value) {
      case 'string':
        return this.#text(value);
      case 'number':
        return Number.isFinite(value) ? value : String(value);
      case 'boolean':
      case 'undefined':
        return value;
      case 'bigint':
        return this.#text(value.toString());
      case 'object':
        return value === null ? null : this.#copyObject(value, level);
      default:
        return this.#leave(value);
    }
  }

  #text(text: string): string {
    this.units += text.length;
    if (text.length > maxStringUnits) this.isPlain = false;
    return text;
  }

  #leave<T>(value: T): T {
    this.isPlain = false;
    return value;
  }

  #copyObject(value: object, level: number): unknown {
    if (types.isProxy(value) || level >= maxLevels || this.#left <= 0) return this.#leave(value);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Date.prototype && types.isDate(value)) return dateText(value);
    if ('toJSON' in value) return this.#leave(value);
    if (this.#isInside(value, level)) return '[Circular]';
    this.#left -= 1;
    this.#inner[level] = value;
    let copy: unknown;
    if (prototype === Object.prototype || prototype === null) copy = this.#copyFields(value, level);
    else if (prototype === Array.prototype && Array.isArray(value)) copy = this.#copyArray(value, level);
    else return this.#leave(value);
    if (level > 0 && copy !== value) this.#sources.set(copy, value);
    return copy;
  }

  #isInside(value: object, level: number): boolean {
    for (let at = 0; at < level; at += 1) if (this.#inner[at] === value) return true;
    for (let at = 0; at < this.#outerDepth; at += 1) if (this.#outer[at] === value) return true;
    return false;
  }

  #copyArray(value: readonly unknown[], level: number): readonly unknown[] {
    const { length } = value;
    if (length > maxItems) return this.#leave(value);
    const copy: unknown[] = [];
    for (let at = 0; at < length; at += 1) {
      copy.push(this.#copy(itemAt(value, at), level + 1));
    }
    return copy;
  }

  #copyFields(value: object, level: number): object {
    const keys = Object.keys(value);
    if (!haveSame(keys, this.#lastShape) && !this.#mayBeCopied(value, keys)) return this.#leave(value);
    let copy: Record<string, unknown>;
    try {
      copy = { ...value };
    } catch (thrown) {
      copy = copyOfFailed(value, keys, thrown);
    }
    let units = 0;
    for (const key in copy) {
      const item = copy[key];
      if (typeof item === 'string') {
        units += item.length;
        if (item.length > maxStringUnits) this.isPlain = false;
      } else if (typeof item === 'number' ? !Number.isFinite(item) : typeof item !== 'boolean' && item !== null) {
        const part = this.#copy(item, level + 1);
        if (part !== item) copy[key] = part;
      }
    }
    this.units += units;
    return copy;
  }

  /** Whether an object has only data, or an object with its keys had. */
  #mayBeCopied(value: object, keys: readonly string[]): boolean {
    if (keys.length > maxKeys || ArrayBuffer.isView(value)) return false;
    const known = this.#shapes.find((shape) => haveSame(shape, keys));
    if (known === undefined && !this.#hasOnlyData(value, keys)) return false;
    this.#lastShape = known ?? keys;
    return true;
  }

  #hasOnlyData(value: object, keys: readonly string[]): boolean {
    for (let at = 0; at < keys.length; at += 1) {
      if (Object.getOwnPropertyDescriptor(value, keys[at] as string)?.get !== undefined) return false; // in range
    }
    if (this.#shapes.length === maxShapes) this.#shapes.length = 0;
    this.#shapes.push(keys);
    return true;
  }
}

function haveSame(keys: readonly string[], others: readonly string[]): boolean {
  if (keys.length !== others.length || keys.length === 0) return false;
  for (let at = keys.length - 1; at >= 0; at -= 1) if (keys[at] !== others[at]) return false;
  return true;
}

function dateText(date: Date): string {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? 'Invalid Date' : Date.prototype.toISOString.call(date);
}

/** Nobody knows which getter threw, and none may be read again. */
function copyOfFailed(value: object, keys: readonly string[], thrown: unknown): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of keys) {
    const property = Object.getOwnPropertyDescriptor(value, key);
    const item: unknown = property?.get === undefined ? property?.value : throwsNote(thrown);
    Object.defineProperty(copy, key, { value: item, configurable: true, enumerable: true, writable: true });
  }
  return copy;
}

/** Reads an item of a list. Never throws. */
export function itemAt(items: readonly unknown[], at: number): unknown {
  try {
    return items[at];
  } catch (thrown) {
    return throwsNote(thrown);
  }
}
