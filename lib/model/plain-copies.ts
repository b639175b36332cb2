import { types } from '../common/builtins.js';
import { isOrdinary } from './builtin-forms.js';
import { copyOfFailed, itemAt, lengthOf, throwsNote } from './guarded-reads.js';
import { guardOf, looksAtText } from './secrets.js';

/** Roughly how much text is read before it is known whether it fits, in UTF-16 units. */
const maxBatchUnits = 16_384;
/** A longer string is left to the walk, which need not quote it. */
const maxStringUnits = 256;
/** A larger item is left to the walk: most objects in it, levels, keys of one object and items of one array. */
const maxObjects = 500;
const maxLevels = 8;
const maxKeys = 64;
const maxItems = 1000;

const none: readonly unknown[] = [];

/**
 * Copies the items of long lists, so that `JSON.stringify` can write many of them in one call. It takes a quarter of the time of
 * a walk, but runs getters, and writes some values in another form than the walk. So each item is read once, into a copy of the
 * values that both write in the same way. Any other value stays in the copy unread, and {@link isPlain} is false: then the walk
 * writes the copy.
 *
 * `{...item}` costs a twentieth of reading property by property, but if a getter throws, it does not say which one. Then
 * each getter of the item is replaced by the note, because none may be read twice.
 */
export class PlainCopies {
  /** Whether the last copy holds plain data only. */
  isPlain = true;
  /** The item that ended {@link fill}. */
  last: unknown = undefined;
  /** UTF-16 units of the strings in the batch. */
  units = 0;
  /** Whether a text may contain a credential, judging by the names in the list. If so, dates and bigints, which become texts, are not copied. */
  isSuspect = false;
  /** Names of the last object on each level whose values may all be copied. */
  readonly #shapes: (readonly string[])[] = [];
  /** The original of each copy that contains something unread. */
  readonly #sources = new Map<unknown, object>();
  /** The objects that enclose the list, and those that enclose the current part of an item, with their copies. */
  #outer: readonly unknown[] = [];
  #outerDepth = 0;
  readonly #inner: object[] = [];
  readonly #innerCopies: object[] = [];
  #left = 0;
  #isUsed = false;

  /** Whether copies may be made at all: not if `Object.prototype` has properties that everything inherits. */
  static areSafe(): boolean {
    for (const _ in Object.prototype) return false;
    return true;
  }

  /** Begins a batch of items of one list. @param path - the objects that the list is in, `depth` of them */
  begin(path: readonly unknown[], depth: number): void {
    this.#outer = path;
    this.#outerDepth = depth;
    this.#isUsed = true;
    if (this.#sources.size > 0) this.#sources.clear();
  }

  /** Releases everything. Most values have no list that is long enough for a batch. */
  end(): void {
    if (!this.#isUsed) return;
    this.begin(none, 0);
    this.#isUsed = false;
    this.last = undefined;
    this.#inner.length = 0;
    this.#innerCopies.length = 0;
    this.#shapes.length = 0;
    this.isSuspect = false;
  }

  /** The original of `copy`; `copy` itself if it is none. */
  sourceOf(copy: object): object {
    return this.#sources.size === 0 ? copy : (this.#sources.get(copy) ?? copy);
  }

  /**
   * Appends copies of the items from `at` on, of which `first` is the first, to `copies`. Stops after the first item that is not
   * plain, which is {@link last} then.
   * @returns the index of the next item
   */
  fill(items: readonly unknown[], at: number, end: number, copies: unknown[], first: unknown): number {
    this.isPlain = true;
    this.units = 0;
    let next = at;
    while (next < end && this.units < maxBatchUnits) {
      const item = next === at ? first : itemAt(items, next);
      next += 1;
      this.#left = maxObjects;
      copies.push(typeof item === 'object' && item !== null ? this.#copyObject(item, 0) : this.#copy(item, 0));
      if (this.isPlain) continue;
      this.last = item;
      break;
    }
    return next;
  }

  /** @param level - how many copies it is inside of */
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
        if (!this.isSuspect) return this.#text(value.toString());
        break;
      case 'object':
        return value === null ? null : this.#copyObject(value, level);
    }
    return this.#leave(value, level);
  }

  #text(text: string): string {
    this.units += text.length;
    if (text.length > maxStringUnits) this.isPlain = false;
    return text;
  }

  /** An unread part may lead back to an object that encloses it, so their originals are kept. */
  #leave<T>(value: T, level: number): T {
    this.isPlain = false;
    for (let at = 1; at < level; at += 1) {
      this.#sources.set(this.#innerCopies[at], this.#inner[at] as object); // there is one for each level
    }
    return value;
  }

  #copyObject(value: object, level: number): unknown {
    if (level >= maxLevels || this.#left <= 0) return this.#leave(value, level);
    let prototype: object | null;
    let hasFields = false;
    try {
      prototype = Object.getPrototypeOf(value);
      if (prototype === Date.prototype && types.isDate(value) && !this.isSuspect) return dateText(value);
      if ('toJSON' in value) return this.#leave(value, level);
      hasFields = isOrdinary(value, prototype);
    } catch {
      return this.#leave(value, level); // a Proxy; nothing has been read
    }
    if (this.#isInside(value, level)) return '[Circular]';
    this.#left -= 1;
    this.#inner[level] = value;
    if (hasFields) return this.#copyFields(value, level);
    if (prototype === Array.prototype && Array.isArray(value)) return this.#copyArray(value, level);
    return this.#leave(value, level);
  }

  #isInside(value: object, level: number): boolean {
    for (let at = 0; at < level; at += 1) if (this.#inner[at] === value) return true;
    for (let at = 0; at < this.#outerDepth; at += 1) if (this.#outer[at] === value) return true;
    return false;
  }

  #copyArray(value: readonly unknown[], level: number): readonly unknown[] {
    const length = lengthOf(value);
    if (length === undefined || length > maxItems) return this.#leave(value, level);
    const copy: unknown[] = [];
    this.#innerCopies[level] = copy;
    for (let at = 0; at < length; at += 1) {
      copy.push(this.#copy(itemAt(value, at), level + 1));
    }
    return copy;
  }

  #copyFields(value: object, level: number): unknown {
    if (ArrayBuffer.isView(value)) return this.#leave(value, level); // it has a name for each byte
    let copy: Record<string, unknown>;
    try {
      if (!this.#isKnown(value, level) && !this.#mayCopyAll(value, level)) return this.#leave(value, level);
    } catch {
      return this.#leave(value, level); // a Proxy; only its names were read
    }
    try {
      copy = { ...value };
    } catch (thrown) {
      if (types.isProxy(value)) return throwsNote(thrown); // properties that a Proxy hides are not read from its target
      copy = copyOfFailed(value, thrown);
    }
    this.#innerCopies[level] = copy;
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

  /** Whether the object has the same names as the previous one on its level. It is compared without making a list of its names. */
  #isKnown(value: object, level: number): boolean {
    const shape = this.#shapes[level];
    if (shape === undefined) return false;
    let at = 0;
    for (const key in value) {
      if (key !== shape[at]) return false;
      at += 1;
    }
    return at === shape.length;
  }

  /** Whether the object is small, and no guard of `secrets.ts` would hide one of its values. */
  #mayCopyAll(value: object, level: number): boolean {
    const keys = Object.keys(value);
    if (keys.length > maxKeys) return false;
    for (const key of keys) {
      const guard = guardOf(key);
      if (guard === undefined) continue;
      if (!looksAtText(guard, keys)) return false;
      this.isSuspect = true;
    }
    this.#shapes[level] = keys;
    return true;
  }
}

function dateText(date: Date): string {
  const time = Date.prototype.getTime.call(date);
  return Number.isNaN(time) ? 'Invalid Date' : Date.prototype.toISOString.call(date);
}
