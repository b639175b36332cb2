import { types } from '../common/builtins.js';
import { isOrdinary } from './builtin-forms.js';
import { quote } from './capture-text.js';
import { copyOfFailed, itemAt, throwsNote } from './guarded-reads.js';
import { NameCache } from './name-cache.js';
import { guardOf, looksAtText } from './secrets.js';

/*
 * A row is an item of a list: an object whose values are short texts, numbers, booleans or null. Tools often return many rows with
 * the same names:
 *
 *   #bytes   {"id":1,"name":"a"},{"id":2,"name":"b"},{"id":3,"na
 *            └─ #entries[0] ─┘                        one byte a character, so that no piece of text is made of a value
 *
 * Each value is read once and written at once; the row is not copied.
 */

const roomBytes = 65_536;
/** No further row is begun after this many bytes. One row takes at most {@link maxRowBytes}. */
const fullBytes = 24_576;
const maxNames = 64;
/** Most bytes of the names of a row, with quotes, colons and commas. */
const maxNamesBytes = 16_384;
/** Longest text in a row, in UTF-16 units: `JSON.stringify` is faster for longer ones. */
const maxTextUnits = 32;
/** Most bytes of a row. Each unit of a text may take two bytes, because it may be escaped. */
const maxRowBytes = maxNamesBytes + maxNames * (2 * maxTextUnits + 2);
if (fullBytes + maxRowBytes > roomBytes) throw new RangeError('a row may be larger than the room for it');

const beyondLatin = /[^\0-\xff]/;
const none: readonly string[] = [];

/** The letter after the backslash of an escaped Latin-1 character; 0 if it is not escaped, `needsMore` if it is written as `\u…`. */
const escapes = new Uint8Array(256);
const needsMore = 1;
escapes.fill(needsMore, 0, 0x20);
for (const [unit, letter] of [...'\b\t\n\f\r"\\'].entries())
  escapes[letter.charCodeAt(0)] = 'btnfr"\\'.charCodeAt(unit);

/** Returned instead of the position after a row, for an item that is not a row. */
const noRow = -1;

/** The bytes before a value, by its name: `,"name":`. */
const known = new NameCache<Uint8Array>();

/** Writes rows as JSON, up to the first item that is not a row. */
export class FlatRows {
  /** Index of the first item that is not written. */
  next = 0;
  /** Whether the item at `next` is not a row. */
  isStopped = false;
  /** The item at `next`, if it is not a row. */
  last: unknown = undefined;
  /** The same item, or a copy with the values that were read of it, so that no getter is called twice. */
  taken: unknown = undefined;
  /** Whether the item has to be written piece by piece. */
  isForWalk = false;

  #bytes: Buffer | undefined;
  #names = none;
  #entries: readonly Uint8Array[] = [];
  /** The values of the current row. */
  readonly #read: unknown[] = [];

  /** Releases everything except the buffer. */
  end(): void {
    this.last = undefined;
    this.taken = undefined;
    this.#names = none;
    this.#read.length = 0;
  }

  /**
   * Writes the rows from index `from` on, with commas between them, up to the first item that is not a row, or until the buffer is
   * full.
   * @param path - the objects that the list is in, `depth` of them
   */
  write(items: readonly unknown[], from: number, end: number, path: readonly unknown[], depth: number): string {
    this.#bytes ??= Buffer.allocUnsafeSlow(roomBytes);
    const bytes = this.#bytes;
    this.isStopped = false;
    let next = from;
    let length = 0;
    while (next < end && length < fullBytes) {
      const item = itemAt(items, next);
      const isRow = typeof item === 'object' && item !== null && !isIn(path, depth, item);
      const after = isRow ? this.#row(bytes, length, item as FlatRow) : noRow; // any object may have any property
      if (after === noRow) {
        this.#stopAt(item, isRow);
        break;
      }
      length = after;
      next += 1;
    }
    this.next = next;
    return length === 0 ? '' : bytes.toString('latin1', 1, length); // without the first comma
  }

  #stopAt(item: unknown, isRead: boolean): void {
    this.isStopped = true;
    this.last = item;
    if (isRead) return;
    this.taken = item;
    this.isForWalk = false;
  }

  /** Writes a comma and a row. @returns where the row ends; `noRow` if the item is not a row */
  #row(bytes: Buffer, start: number, value: FlatRow): number {
    this.taken = value;
    this.isForWalk = false;
    try {
      const prototype = Reflect.getPrototypeOf(value); // half the time of the same on Object
      if (!isOrdinary(value, prototype) || 'toJSON' in value || ArrayBuffer.isView(value)) return noRow;
    } catch {
      return noRow; // a Proxy; nothing has been read
    }
    const first = start + 1;
    let length = first;
    let count = 0;
    let isReading = false;
    try {
      for (const name in value) {
        if (name !== this.#names[count] && !this.#learn(value)) return this.#refuse(value, count);
        const entry = this.#entries[count] as Uint8Array; // one for each name
        isReading = true;
        const item = value[name];
        isReading = false;
        this.#read[count] = item;
        count += 1;
        for (let at = 0; at < entry.length; at += 1) bytes[length++] = entry[at] as number; // at is in range
        length = writeItem(bytes, length, item);
        if (length === noRow) return this.#refuse(value, count);
      }
    } catch (thrown) {
      if (isReading || count > 0) this.taken = failed(value, thrown);
      return noRow;
    }
    bytes[start] = 0x2c;
    bytes[first] = 0x7b; // in place of the comma of the first entry
    if (count === 0) length += 1;
    bytes[length] = 0x7d;
    return length + 1;
  }

  /** Remembers the names of `value` for the rows that follow. @returns false if it does not, because a name may be that of a credential */
  #learn(value: object): boolean {
    const names = Object.keys(value);
    if (names.length > maxNames) {
      this.isForWalk = true;
      return false;
    }
    const entries: Uint8Array[] = [];
    let bytes = 0;
    for (const name of names) {
      const guard = guardOf(name);
      if (guard !== undefined) {
        this.isForWalk = !looksAtText(guard, names);
        return false;
      }
      const entry = entryOf(name);
      entries.push(entry);
      bytes += entry.length;
    }
    if (bytes > maxNamesBytes || names.some((name) => beyondLatin.test(name))) return false;
    this.#names = names;
    this.#entries = entries;
    return true;
  }

  /** Gives up an item of which `count` values were read. It is read again, unless that would call a getter twice. */
  #refuse(value: FlatRow, count: number): typeof noRow {
    const isData = (name: string) => Object.getOwnPropertyDescriptor(value, name)?.get === undefined;
    if (count === 0 || (!types.isProxy(value) && this.#names.slice(0, count).every(isData))) return noRow;
    const copy: Record<string, unknown> = {};
    const put = (name: string, item: unknown) =>
      Object.defineProperty(copy, name, { value: item, configurable: true, enumerable: true, writable: true });
    for (let at = 0; at < count; at += 1) put(this.#names[at] as string, this.#read[at]); // count is at most all
    try {
      for (const name of Object.keys(value)) if (!Object.hasOwn(copy, name)) put(name, value[name]);
      this.taken = copy;
    } catch (thrown) {
      this.taken = failed(value, thrown);
    }
    return noRow;
  }
}

type FlatRow = Readonly<Record<string, unknown>>;

/** Writes a value from index `length` on. @returns where it ends; `noRow` if a row cannot contain it */
function writeItem(bytes: Buffer, length: number, item: unknown): number {
  switch (typeof item) {
    case 'string':
      return item.length > maxTextUnits ? noRow : writeText(bytes, length, item);
    case 'number':
      return writeAscii(bytes, length, Number.isFinite(item) ? `${item}` : `"${item}"`);
    case 'boolean':
      return writeAscii(bytes, length, item ? 'true' : 'false');
    default:
      return item === null ? writeAscii(bytes, length, 'null') : noRow;
  }
}

function writeAscii(bytes: Buffer, from: number, text: string): number {
  let length = from;
  for (let at = 0; at < text.length; at += 1) bytes[length++] = text.charCodeAt(at);
  return length;
}

/** Writes a text of Latin-1 characters, quoted. @returns where it ends; `noRow` if it has others */
function writeText(bytes: Buffer, from: number, text: string): number {
  const units = text.length;
  let length = from;
  bytes[length++] = 0x22;
  for (let at = 0; at < units; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0xff) return noRow;
    const letter = escapes[unit] as number; // there is one for each unit of Latin-1
    if (letter === 0) bytes[length++] = unit;
    else if (letter === needsMore) return noRow;
    else {
      bytes[length++] = 0x5c;
      bytes[length++] = letter;
    }
  }
  bytes[length++] = 0x22;
  return length;
}

function entryOf(name: string): Uint8Array {
  return (
    known.get(name) ??
    known.set(
      name,
      Uint8Array.from(`,${quote(name)}:`, (unit) => unit.charCodeAt(0)),
    )
  );
}

function isIn(path: readonly unknown[], depth: number, item: object): boolean {
  for (let at = 0; at < depth; at += 1) if (path[at] === item) return true;
  return false;
}

/** The replacement of a row whose getter threw. Nothing is read from behind a Proxy. */
function failed(value: object, thrown: unknown): unknown {
  return types.isProxy(value) ? throwsNote(thrown) : copyOfFailed(value, thrown);
}
