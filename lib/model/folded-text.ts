import { quote } from './capture-text.js';

/*
 * Quoting a text as JSON takes eight times as long as copying it, and most of what is recorded is text. So long strings are
 * recorded as they are, between the JSON around them, and quoted when the record is sent, by the thread that sends it:
 *
 *     {"messages":[{"role":"user","content":␁38:She said "yes", and we booked the room.}]}
 *                                           │ └ so many UTF-16 units of plain text follow the colon
 *                                           └ U+0001
 *
 * If a value may become too large by quoting, it has marks around it, so that it can be cut then:
 *
 *     ␂1048576:{"text":␁700000:…}␃
 *     │ └ most bytes the value may have
 *     └ U+0002, and U+0003 at the end
 *
 * No JSON text has these characters in it: control characters are escaped there. So folded texts can be put together like JSON
 * texts, and JSON text is one. They survive being written as UTF-8 and read again, because only well-formed strings are folded.
 */

/** Marks a string that is not quoted yet. */
export const foldMark = '\u0001';
/** Marks the start of a value that may have to be cut. */
export const boundMark = '\u0002';
export const boundEndMark = '\u0003';
/** A shorter string is quoted at once: marking it would take as long. */
export const leastFolded = 33;

/** Returns the marked form of `text` that stands for its JSON string. A text that is not well-formed is quoted at once. */
export function fold(text: string): string {
  return text.isWellFormed() ? `${foldMark}${text.length}:${text}` : quote(text);
}

/** A folded value that may be too large. */
export function bound(folded: string, maxBytes: number): string {
  return `${boundMark}${maxBytes}:${folded}${boundEndMark}`;
}

/** Quotes the folded strings in `text`, which has no bound values. */
export function quoteFolds(text: string): string {
  let json = '';
  let done = 0;
  for (let at = text.indexOf(foldMark); at >= 0; at = text.indexOf(foldMark, done)) {
    const { start, end } = foldAt(text, at);
    json += text.slice(done, at) + quote(text.slice(start, end));
    done = end;
  }
  return done === 0 ? text : json + text.slice(done);
}

/** The start and end of the string whose mark is at `at`. */
export function foldAt(text: string, at: number): { readonly start: number; readonly end: number } {
  const start = text.indexOf(':', at) + 1;
  const length = Number(text.slice(at + 1, start - 1));
  // Not a mark of this package: the rest is kept unchanged.
  return length > 0 ? { start, end: start + length } : { start: at + 1, end: text.length };
}
