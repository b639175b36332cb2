import { BoundedJson, enough, tooLarge } from './bounded-json.js';
import {
  functionNote,
  isOrdinary,
  ordinary,
  replaceBuiltIn,
  replaceInstance,
  Sequence,
  symbolNote,
} from './builtin-forms.js';
import { quote } from './capture-text.js';
import { Entries } from './entries.js';
import { itemAt, throwsNote } from './guarded-reads.js';
import { keyText, knownKey } from './key-text.js';
import { PlainCopies } from './plain-copies.js';
import { RowsWalk } from './rows-walk.js';
import { guardOf } from './secrets.js';

/** Containers nested deeper than this are not entered. */
const maxDepth = 100;
const depthNote = `[Depth ${maxDepth}]`;
const unreadableNote = '[Unreadable]';

/**
 * Most functions that are named in one value. Clients of services hold thousands, one for each of their calls: those of GitHub and
 * Google Drive took 190 and 440 KB.
 */
const maxFunctions = 100;

/** A list of at least this many items is written in batches. */
const leastBatched = 16;

/**
 * Walks over values, one after the other, giving each part its documented form. `lead` is always the comma and key
 * before a value: it is written with the value or not at all.
 */
export class Walk {
  readonly #out = new BoundedJson();
  /** The objects that enclose the current value, one for each open container. */
  readonly #path: unknown[] = [];
  readonly #copies = new PlainCopies();
  /** Properties of this value so far that are functions. */
  #functions = 0;
  readonly #rows = new RowsWalk(this.#out, this.#path, this.#copies, this);

  /**
   * The JSON text of `value`. Throws only when the stack is used up.
   * @param isFolded - long strings need not be quoted
   */
  run(value: unknown, maxBytes: number, isFolded: boolean): string {
    this.#out.begin(maxBytes, isFolded);
    try {
      this.value('', value);
      return this.#out.finish(true);
    } catch (thrown) {
      if (thrown === tooLarge) return new Walk().run(JSON.parse(this.#out.closed()), maxBytes, false);
      if (thrown !== enough) throw thrown;
      return this.#out.finish(false);
    } finally {
      for (let at = 0; at < this.#path.length; at += 1) this.#path[at] = undefined; // releases the value
      this.#functions = 0;
      this.#copies.end();
      this.#out.end();
    }
  }

  /** Writes a value. */
  value(lead: string, value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#out.string(lead, value);
        break;
      case 'object':
        if (value === null) this.#out.item(`${lead}null`);
        else this.object(lead, value, this.#copies.sourceOf(value), false);
        break;
      case 'number':
        this.#out.item(Number.isFinite(value) ? lead + value : `${lead}"${value}"`);
        break;
      case 'boolean':
        this.#out.item(lead + value);
        break;
      case 'undefined':
        this.#out.item(`${lead}null`);
        break;
      case 'bigint':
        this.#out.string(lead, value.toString());
        break;
      case 'symbol':
        this.#out.string(lead, symbolNote(value));
        break;
      case 'function':
        this.#out.string(lead, functionNote(value));
        break;
    }
  }

  /**
   * Writes an object in its documented form.
   * @param source - the object that a cycle would lead back to: `value` itself, or the one that it was made from
   * @param isResult - whether it was made from another one, by `toJSON` for example; then no `toJSON` is called
   */
  object(lead: string, value: object, source: object, isResult: boolean): void {
    if (this.#out.depth >= maxDepth) {
      this.#out.string(lead, depthNote);
      return;
    }
    for (let at = 0; at < this.#out.depth; at += 1) {
      if (this.#path[at] === value) {
        this.#out.string(lead, '[Circular]');
        return;
      }
    }
    let isArray = false;
    let isKnown = false;
    let toJSON: unknown;
    let form: unknown = ordinary;
    try {
      isArray = Array.isArray(value);
      const prototype: object | null = Object.getPrototypeOf(value);
      isKnown = true;
      // Bytes must be recognized even if their prototype was changed to `Object.prototype`: they have a key for each byte.
      const isPlain = isArray || (isOrdinary(value, prototype) && !ArrayBuffer.isView(value));
      const special = isPlain ? null : prototype;
      if (special !== null) form = value instanceof Entries ? value : replaceBuiltIn(value, special);
      if (form === ordinary) {
        toJSON = (value as { toJSON?: unknown }).toJSON;
        if (typeof toJSON === 'function' && !isResult) {
          const result: unknown = toJSON.call(value, '');
          if (result !== value) form = result;
        } else if (special !== null) form = replaceInstance(value, special);
      }
    } catch (thrown) {
      form = isKnown ? throwsNote(thrown) : unreadableNote;
    }
    // Written outside the try, because an error in writing is not an error of this value.
    if (form === ordinary) {
      if (isArray) this.#array(lead, value as readonly unknown[], source);
      else this.#properties(lead, value as Readonly<Record<string, unknown>>, source, toJSON);
    } else if (form instanceof Entries) this.#entries(lead, form, source);
    else if (form instanceof Sequence) this.#sequence(lead, form, source);
    else if (typeof form !== 'object' || form === null) this.value(lead, form);
    else if (typeof toJSON === 'function') this.object(lead, form, source, true);
    else this.#array(lead, form as readonly unknown[], source);
  }

  #array(lead: string, items: readonly unknown[], source: object): void {
    let length: unknown;
    try {
      length = items.length;
    } catch {
      length = undefined;
    }
    if (typeof length !== 'number') {
      this.#out.string(lead, unreadableNote);
      return;
    }
    this.#enter(`${lead}[`, ']', source);
    let at = 0;
    if (length >= leastBatched && PlainCopies.areSafe()) at = this.#rows.write(items, length);
    for (; at < length; at += 1) this.value(at === 0 ? '' : ',', itemAt(items, at));
    this.#out.close(']');
  }

  #properties(lead: string, value: Readonly<Record<string, unknown>>, source: object, toJSON: unknown): void {
    let keys: readonly string[];
    try {
      keys = Object.keys(value);
    } catch {
      this.#out.string(lead, unreadableNote);
      return;
    }
    this.#enter(`${lead}{`, '}', source);
    let isFirst = true;
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] as string; // at is in range
      let item: unknown;
      try {
        item = key === 'toJSON' ? toJSON : value[key];
      } catch (thrown) {
        item = throwsNote(thrown);
      }
      if (item === undefined || (typeof item === 'function' && this.#hasEnoughFunctions())) continue;
      const known = knownKey(key, isFirst);
      if (known === undefined) this.#newKey(key, isFirst, item, keys);
      else this.value(known, item);
      isFirst = false;
    }
    this.#out.close('}');
  }

  /** Counts a function. @returns whether it is left out */
  #hasEnoughFunctions(): boolean {
    this.#functions += 1;
    return this.#functions > maxFunctions;
  }

  /** Writes a property whose name may be that of a credential. */
  #newKey(key: string, isFirst: boolean, item: unknown, siblings: readonly string[]): void {
    const guard = guardOf(key);
    if (guard === undefined) {
      this.value(keyText(key, isFirst), item);
      return;
    }
    let guarded: unknown;
    try {
      guarded = guard(item, siblings);
    } catch (thrown) {
      guarded = throwsNote(thrown);
    }
    this.value(`${isFirst ? '' : ','}${quote(key)}:`, guarded);
  }

  #entries(lead: string, entries: Entries, source: object): void {
    this.#enter(`${lead}{`, '}', source);
    let isFirst = true;
    for (const [at, key] of entries.keys.entries()) {
      const item = entries.values[at];
      if (item === undefined) continue;
      this.#newKey(key, isFirst, item, entries.keys);
      isFirst = false;
    }
    this.#out.close('}');
  }

  #sequence(lead: string, { items, isKeyed }: Sequence, source: object): void {
    this.#enter(`${lead}${isKeyed ? '{' : '['}`, isKeyed ? '}' : ']', source);
    let isFirst = true;
    for (const item of items) {
      if (isKeyed) {
        const [key, part] = item as [unknown, unknown]; // an entry of a Map
        if (typeof key !== 'string' || part === undefined) continue; // a getter may have changed the Map since
        this.#newKey(key, isFirst, part, []);
      } else this.value(isFirst ? '' : ',', item);
      isFirst = false;
    }
    this.#out.close(isKeyed ? '}' : ']');
  }

  #enter(piece: string, closing: string, source: object): void {
    this.#path[this.#out.depth] = source;
    this.#out.open(piece, closing);
  }
}
