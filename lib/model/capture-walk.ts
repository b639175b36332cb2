import { BoundedJson, enough, tooLarge } from './bounded-json.js';
import {
  Entries,
  functionNote,
  ordinary,
  replaceBuiltIn,
  replaceInstance,
  symbolNote,
  throwsNote,
} from './capture-special.js';
import { keyText } from './capture-text.js';

/** Containers nested deeper than this are not entered. */
const maxDepth = 100;
const depthNote = `[Depth ${maxDepth}]`;
const unreadableNote = '[Unreadable]';

/**
 * Walks over values, one after the other, giving each part its documented form. `lead` is always the comma and key
 * before a value: it is written with the value or not at all.
 */
export class Walk {
  readonly #out = new BoundedJson();
  /** The objects the walk is inside of; as many as containers are open. */
  readonly #path: unknown[] = [];

  /**
   * The JSON text of `value`. Throws only when the stack is used up.
   * @param isFolded - long strings need not be quoted
   */
  run(value: unknown, maxBytes: number, isFolded: boolean): string {
    this.#out.begin(maxBytes, isFolded);
    try {
      this.#value('', value);
      return this.#out.finish(true);
    } catch (thrown) {
      if (thrown === tooLarge) return new Walk().run(JSON.parse(this.#out.closed()), maxBytes, false);
      if (thrown !== enough) throw thrown;
      return this.#out.finish(false);
    } finally {
      for (let at = 0; at < this.#path.length; at += 1) this.#path[at] = undefined; // nothing of the value stays
      this.#out.end();
    }
  }

  #value(lead: string, value: unknown): void {
    switch (typeof value) {
      case 'string':
        this.#out.string(lead, value);
        break;
      case 'object':
        if (value === null) this.#out.item(`${lead}null`);
        else this.#object(lead, value, value, false);
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
   * Writes an object in its documented form. `source` is what a cycle would come back to: the object
   * itself, or the one whose `toJSON` gave it, in which case `isResult` is true and `toJSON` is done with.
   */
  #object(lead: string, value: object, source: object, isResult: boolean): void {
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
      const special = isArray || prototype === Object.prototype ? null : prototype;
      if (special !== null) form = replaceBuiltIn(value, special);
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
    // Written outside the try: what is thrown in there must not be taken for a fault of this value.
    if (form === ordinary) {
      if (isArray) this.#array(lead, value as readonly unknown[], source);
      else this.#properties(lead, value as Readonly<Record<string, unknown>>, source, toJSON);
    } else if (form instanceof Entries) this.#entries(lead, form, source);
    else if (typeof form !== 'object' || form === null) this.#value(lead, form);
    else if (typeof toJSON === 'function') this.#object(lead, form, source, true);
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
    for (let at = 0; at < length; at += 1) {
      let item: unknown;
      try {
        item = items[at];
      } catch (thrown) {
        item = throwsNote(thrown);
      }
      this.#value(at === 0 ? '' : ',', item);
    }
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
      if (item === undefined) continue;
      this.#value(keyText(key, isFirst), item);
      isFirst = false;
    }
    this.#out.close('}');
  }

  #entries(lead: string, entries: Entries, source: object): void {
    this.#enter(`${lead}{`, '}', source);
    let isFirst = true;
    for (const [at, key] of entries.keys.entries()) {
      const item = entries.values[at];
      if (item === undefined) continue;
      this.#value(keyText(key, isFirst), item);
      isFirst = false;
    }
    this.#out.close('}');
  }

  #enter(piece: string, closing: string, source: object): void {
    this.#path[this.#out.depth] = source;
    this.#out.open(piece, closing);
  }
}
