import { cleanText } from './text.js';

/** Longest base64 content of a data URL that is kept, in characters. */
const maxBase64Chars = 1024;
/** A data URL's header is looked for within this many characters. */
const maxHeaderChars = 256;
/** Up to this length, in UTF-16 units, a loop over the characters is faster than `JSON.stringify`. */
const maxLoopChars = 32;

/** From this length on, in UTF-16 units, a text counts as long. */
const longUnits = 4096;

/**
 * Makes V8 flatten a text that it holds in pieces (a rope). `Number(text)` flattens first, and then mostly fails on the first
 * character. `charCodeAt` and `includes` flatten on some versions of Node only; a regular expression takes twice as long.
 */
class Flattener {
  /** Stores the result, so that no bundler or compiler removes the call. */
  lastNumber = 0;

  flatten(text: string): void {
    this.lastNumber = Number(text);
  }
}

export const flattener: Flattener = new Flattener();

/** UTF-8 bytes of `text`. A long text is flattened first: counting piece by piece takes longer. */
export function byteLength(text: string): number {
  if (text.length > longUnits) flattener.flatten(text);
  return Buffer.byteLength(text);
}

/** The bytes of a text with more UTF-16 units are not counted. Its note gives the units; each is at least one byte. */
const maxCountedUnits = 32 * 1024 * 1024;

/** The size of a text for a {@link cutNote}, in bytes. `isMore`: the text has more than that. */
export function sizeOf(text: string): { readonly bytes: number; readonly isMore: boolean } {
  const isMore = text.length > maxCountedUnits;
  return { bytes: isMore ? text.length : byteLength(text), isMore };
}

/** `text` as a JSON string, without null characters and lone surrogates. */
export function quote(text: string): string {
  const { length } = text;
  if (length <= maxLoopChars) {
    let at = 0;
    while (at < length) {
      const unit = text.charCodeAt(at);
      if (unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit <= 0xdfff)) break;
      at += 1;
    }
    if (at === length) return `"${text}"`;
  }
  return JSON.stringify(cleanText(text));
}

/** `text`, or, for a data URL with more than 1 KiB of base64, its header and its size: `data:image/png;base64,[4096 bytes]`. */
export function shortenDataUrl(text: string): string {
  if (text.length <= maxBase64Chars || !text.startsWith('data:')) return text;
  const head = text.slice(0, maxHeaderChars);
  const comma = head.indexOf(',');
  if (comma < 0 || !head.slice(0, comma).toLowerCase().endsWith(';base64')) return text;
  const chars = text.length - comma - 1;
  if (chars <= maxBase64Chars) return text;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return `${head.slice(0, comma + 1)}[${Math.floor((chars - padding) * 0.75)} bytes]`;
}

/** The note left where something was cut: `[cut: 20971520 bytes]`, at most 39 bytes. */
export function cutNote(bytes: number, more = false): string {
  return `[cut: ${more ? 'more than ' : ''}${bytes} bytes]`;
}

/** `…` in a JSON string. It is escaped, because one character beyond Latin-1 would double the memory of the whole text. */
export const ellipsis = '\\u2026';

/** A string that was cut, as JSON. */
interface Cut {
  readonly json: string;
  /** The size of `text` in UTF-8 bytes. */
  readonly bytes: number;
  /** How many more bytes the whole text would take, not counting escapes. */
  readonly lost: number;
}

/** How many UTF-16 units are quoted at a time, to find out how much of a text fits. */
const pieceUnits = 16_384;

/**
 * The beginning of `text` as a JSON string of at most `maxBytes` (at least 64), ending in
 * `… [cut: N bytes]`, where N is the UTF-8 size of the whole text.
 */
export function quoteCut(text: string, maxBytes: number): Cut {
  const { bytes: whole, isMore } = sizeOf(text);
  const note = `${ellipsis} ${cutNote(whole, isMore)}"`;
  const room = maxBytes - note.length; // ASCII
  let json = '"';
  let bytes = 1;
  // Piece by piece; a piece that does not fit is tried in smaller ones.
  for (let at = 0, size = pieceUnits; size > 0 && at < text.length; ) {
    const last = at + size - 1;
    const end = last + ((text.codePointAt(last) ?? 0) > 0xffff ? 2 : 1); // not between the units of a pair
    const quoted = quote(text.slice(at, end)).slice(1, -1);
    const more = !isMore && whole === text.length ? quoted.length : byteLength(quoted); // mostly all is ASCII
    if (bytes + more > room) size >>= 1;
    else {
      json += quoted;
      bytes += more;
      at = end;
    }
  }
  bytes += note.length;
  return { json: json + note, bytes, lost: whole + 2 - bytes };
}
