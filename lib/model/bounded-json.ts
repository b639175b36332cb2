import { byteLength, cutNote, ellipsis, flattener, quote, quoteCut, shortenDataUrl, sizeOf } from './capture-text.js';
import { bound, fold, leastFolded, quoteFolds } from './folded-text.js';
import { maxBytesPerUnit } from './text.js';

/** Smallest size limit: room for the notes that say what was cut. */
const leastMaxBytes = 256;
/** Kept free for the note that closes a cut container (at most 51 bytes). */
export const reservedBytes = 64;
/** With fewer bytes left than this, a string is not cut, but left out with the rest of its container. */
const leastStringBytes = 128;
/** A text of this many UTF-16 units is long: another copy of it would take too much time. */
const leastLongUnits = 65_536;
/** Measured at the latest when this part of the room is used up: quoting makes hardly any text longer by two thirds. */
const mostUnmeasured = 0.6;
/** In these a unit may take three bytes. */
const beyondLatin = /[^\0-\xff]/;
/** A piece with many items that is at least this long, in UTF-16 units, is measured alone: see `#appendMeasured`. */
const leastMeasuredUnits = 4096;
/** After the cut, the text is measured and thrown away whenever it has this many UTF-16 units. */
const countUnits = 30_000;
/** Counting must stay cheap: it ends after this many bytes, or when this many UTF-16 units were written for it. */
const maxCountedBytes = 64_000_000;
const maxCountedUnits = 250_000;

/** Thrown through the walk to end the counting. */
export const enough: unique symbol = Symbol('enough');
/** Thrown through the walk when folded strings turn out too large: see {@link BoundedJson.closed}. */
export const tooLarge: unique symbol = Symbol('too large');

/**
 * Writes JSON text of bounded size. When the text is full, it only counts the bytes of the rest:
 *
 *     writing:   #measured + #text ───┐ full: an item does not fit any more
 *     counting:  #kept = #measured    │ #text, emptied, takes the rest and is measured and emptied again and again
 *     finish:    #kept + note + closing brackets
 *
 * Every item is appended together with its lead, the comma and key before it, or not at all.
 *
 * Invariants while writing:
 *  - #measuredBytes + bytes(#text) + depth (the closing brackets still due) is at most #limit;
 *  - while #text.length <= #safe, this holds without measuring: a UTF-16 unit takes at most three bytes of UTF-8, an opening bracket
 *    two with its closing one. A string that stays folded reduces #safe by its length, because quoting may make six bytes of a unit;
 *  - #text is quoted before it is measured, and nothing is measured twice.
 *
 * In a long text, strings stay folded even if its quoted size might exceed the limit. From then on #safe is a part of the room, or for
 * one long string all of it. The value is marked (`bound`): the limit is checked when it is unfolded, or here if something has to be
 * measured earlier.
 */
export class BoundedJson {
  /** Containers open. */
  depth = 0;
  #limit = 0;
  #folds = false;
  readonly #closing: string[] = [];
  #measured = '';
  /** Bytes of `#measured`, and of the items that are only counted. */
  #measuredBytes = 0;
  /** The text after `#measured`, not measured yet. */
  #text = '';
  #isFolded = false;
  #isUnsure = false;
  #safe = 0;
  #kept: string | undefined;
  #keptClosing = '';
  #countedUnits = 0;
  #lost = 0;
  /** UTF-16 units that were appended in long pieces: a text of few long pieces need not be flattened. */
  #longUnits = 0;

  /** Begins a text. @param folds - whether long strings may stay unquoted */
  begin(maxBytes: number, folds: boolean): void {
    this.#folds = folds;
    this.#limit = Math.max(leastMaxBytes, maxBytes || 0) - reservedBytes;
    this.#safe = Math.floor(this.#limit / maxBytesPerUnit);
  }

  /** Releases the text. */
  end(): void {
    this.depth = 0;
    this.#measured = '';
    this.#measuredBytes = 0;
    this.#text = '';
    this.#isFolded = false;
    this.#isUnsure = false;
    this.#kept = undefined;
    this.#countedUnits = 0;
    this.#lost = 0;
    this.#longUnits = 0;
  }

  /** The finished text. `isCounted` is false when {@link enough} ended the counting. */
  finish(isCounted: boolean): string {
    if (this.#kept === undefined) {
      // Many short pieces take eight times the memory of the joined text. Long strings do not, and copying them would block the
      // event loop for as long as quoting them did.
      const text = this.#commitText();
      if (this.#longUnits < text.length * 0.95) flattener.flatten(text);
      return this.#isUnsure ? bound(text, this.#limit + reservedBytes) : text;
    }
    const note = cutNote(this.#measuredBytes + byteLength(this.#text) + this.#lost, !isCounted);
    const comma = this.#kept.endsWith('{') || this.#kept.endsWith('[') ? '' : ',';
    return `${this.#kept}${comma}${this.#keptClosing.startsWith('}') ? `"${ellipsis}":` : ''}"${note}"${this.#keptClosing}`;
  }

  /** Everything written, as one value. */
  closed(): string {
    return this.#commitText() + this.#closing.slice(0, this.depth).reverse().join('');
  }

  /** Appends `lead` and a string, which is cut when it does not fit. */
  string(lead: string, value: string): void {
    const text = shortenDataUrl(value);
    const left = this.#safe - this.#text.length - lead.length;
    // Every unit is at least one byte, so a text longer than the limit is not even looked at.
    if (this.#folds && text.length >= leastFolded && text.length <= this.#limit && this.#kept === undefined) {
      const folded = fold(text);
      if (folded.length + text.length <= left) {
        this.#safe -= text.length;
        this.#write(lead + folded, true);
        return;
      }
      const isLong = text.length >= leastLongUnits;
      if ((isLong || !beyondLatin.test(text)) && this.#mayMeasureLater(lead.length + folded.length, isLong)) {
        this.#write(lead + folded, true);
        return;
      }
    }
    if (text.length <= left) {
      const quoted = quote(text);
      if (quoted.length <= left) {
        this.#write(lead + quoted, false);
        return;
      }
    }
    this.#longString(lead, text);
  }

  /** Writes a string that may not fit: whole if it does, cut if enough of it does. */
  #longString(lead: string, text: string): void {
    if (this.#kept === undefined) {
      const room = this.#measure() - byteLength(lead);
      // Every unit is at least one byte: what is longer than the room is not worth quoting.
      if (text.length + 2 <= room) {
        const quoted = quote(text);
        const bytes = byteLength(quoted);
        if (bytes <= room) {
          this.#accept(lead + quoted, room - bytes);
          return;
        }
      }
      // Inside a container a quarter stays free, so that what follows (a role, a status) is kept too.
      const allowed = this.depth === 0 ? room : Math.floor(room * 0.75);
      if (allowed >= leastStringBytes) {
        const { json, bytes, lost } = quoteCut(text, allowed);
        this.#lost += lost;
        this.#accept(lead + json, room - bytes);
        return;
      }
      this.#cut();
    }
    if (text.length <= countUnits) this.#append(lead + quote(text), 0);
    else {
      this.#measuredBytes += sizeOf(text).bytes + 2;
      this.#text += lead;
      this.#count();
    }
  }

  /** Appends `piece`, which ends in an opening bracket. From here on the bracket `closing` is due. */
  open(piece: string, closing: string): void {
    this.#append(piece, 1);
    this.#closing[this.depth] = closing;
    this.depth += 1;
  }

  close(bracket: string): void {
    this.depth -= 1;
    this.#text += bracket;
  }

  /** Appends one whole item that is short: lead and number, boolean or null. */
  item(piece: string): void {
    this.#append(piece, 0);
  }

  /** Whether nothing more is written. */
  get isFull(): boolean {
    return this.#kept !== undefined;
  }

  /**
   * Appends many whole items, or none if they do not fit.
   * @param lead - a comma or nothing
   * @param text - the items, in one flat piece: together with the lead, it would have to be copied before it is measured
   * @returns whether they were appended
   */
  items(lead: string, text: string): boolean {
    if (this.#kept !== undefined) return false;
    const length = lead.length + text.length;
    if (length >= leastMeasuredUnits && !this.#isFolded) return this.#appendMeasured(lead, text);
    if (this.#text.length + length > this.#safe && !this.#mayMeasureLater(length, true)) {
      const room = this.#measure();
      this.#safe = Math.floor(room / maxBytesPerUnit);
      const bytes = lead.length + byteLength(text);
      if (bytes <= room) this.#accept(lead + text, room - bytes);
      return bytes <= room;
    }
    this.#text += lead + text;
    this.#longUnits += length;
    return true;
  }

  /**
   * Appends a piece, and measures it alone. Otherwise the whole text would have to be measured in the end, and flattened for that, which
   * takes a millisecond for 1 MB.
   * @returns whether it fits
   */
  #appendMeasured(lead: string, text: string): boolean {
    const room = this.#measure();
    const bytes = lead.length + byteLength(text);
    if (bytes > room) return false;
    this.#measured += lead + text;
    this.#measuredBytes += bytes;
    this.#safe = Math.floor((room - bytes) / maxBytesPerUnit);
    this.#longUnits += text.length;
    return true;
  }

  /**
   * Whether so much more text may be appended now, although it might not fit: measuring a long text takes as long as quoting it, which
   * is left to the thread that sends it. Every unit is a byte at least, so it does not fit if the units do not.
   * @param isLong - whether it may fill the room
   */
  #mayMeasureLater(units: number, isLong: boolean): boolean {
    const room = this.#limit - this.depth - this.#measuredBytes;
    const most = isLong ? room : room * mostUnmeasured;
    if (!this.#folds || this.#kept !== undefined || room < leastLongUnits || this.#text.length + units > most)
      return false;
    this.#safe = most;
    this.#isUnsure = true;
    return true;
  }

  #append(piece: string, opened: 0 | 1): void {
    const { length } = piece;
    if (this.#text.length + length <= this.#safe || this.#mayMeasureLater(length, false)) this.#text += piece;
    else this.#squeeze(piece, opened);
  }

  #squeeze(piece: string, opened: 0 | 1): void {
    if (this.#kept === undefined) {
      const room = this.#measure() - byteLength(piece) - opened;
      if (room >= 0) {
        this.#accept(piece, room, opened);
        return;
      }
      this.#cut();
    }
    this.#text += piece;
    if (this.#text.length > this.#safe) this.#count();
  }

  #write(piece: string, isFolded: boolean): void {
    this.#text += piece;
    this.#isFolded ||= isFolded;
    if (piece.length >= leastLongUnits) this.#longUnits += piece.length;
  }

  /**
   * Measures the text so far.
   * @returns the bytes left
   * @throws {@link tooLarge} if a folded string does not fit once it is quoted
   */
  #measure(): number {
    if (this.#isFolded) this.#text = quoteFolds(this.#text);
    this.#measuredBytes += byteLength(this.#text);
    this.#isFolded = false;
    if (this.#text.length >= leastLongUnits) this.#longUnits += this.#text.length; // measuring made one piece of it
    this.#commitText();
    const room = this.#limit - this.depth - this.#measuredBytes;
    if (this.#isUnsure && room < 0) throw tooLarge;
    this.#isUnsure = false;
    return room;
  }

  /** Appends a measured piece. `room`: the bytes left after the piece and after its closing bracket, if it opens one. */
  #accept(piece: string, room: number, opened = 0): void {
    this.#write(piece, false);
    this.#commitText();
    this.#measuredBytes = this.#limit - this.depth - opened - room;
    this.#safe = Math.floor(room / maxBytesPerUnit);
  }

  /** Moves the text to `#measured`. @returns everything written */
  #commitText(): string {
    this.#measured += this.#text;
    this.#text = '';
    return this.#measured;
  }

  /** Keeps what is written so far. From here on, text is only counted. */
  #cut(): void {
    this.#kept = this.#measured;
    this.#keptClosing = this.#closing.slice(0, this.depth).reverse().join('');
    this.#safe = countUnits;
  }

  #count(): void {
    this.#measuredBytes += byteLength(this.#text);
    this.#countedUnits += this.#text.length;
    this.#text = '';
    if (this.#measuredBytes > maxCountedBytes || this.#countedUnits > maxCountedUnits) throw enough;
  }
}
