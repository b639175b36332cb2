import { byteLength, cutNote, joiner, quote, quoteCut, shortenDataUrl } from './capture-text.js';
import { bound, fold, leastFolded, quoteFolds } from './folded-text.js';

/** Smallest size limit: room for the notes that say what was cut. */
const leastMaxBytes = 256;
/** Kept free for the note that closes a cut container (at most 48 bytes). */
export const reservedBytes = 64;
/** A string with less room than this is left out with its container's rest, not cut by itself. */
const leastStringBytes = 128;
/** A string of this many units is worth no second copy. */
const leastLongUnits = 65_536;
/** Once cut, the rest is written in pieces of this many units, measured and thrown away. */
const countUnits = 32_768;
/** Counting the rest ends here, in bytes counted and in units written to count them: it must stay cheap. */
const maxCountedBytes = 64 * 1024 * 1024;
const maxCountedUnits = 2 * 1024 * 1024;

/** Thrown through the walk when counting has gone on long enough. */
export const enough: unique symbol = Symbol('enough');
/** Thrown through the walk when what was left folded turns out too large: see {@link BoundedJson.closed}. */
export const tooLarge: unique symbol = Symbol('too large');

/**
 * JSON text of bounded size. It writes first, and counts from the moment the text is full:
 *
 *     writing:   #text ───────────┐ full: an item does not fit any more
 *     counting:  #kept = #text    │ #text, emptied, takes the rest and is measured and emptied again and again
 *     finish:    #kept + note + closing brackets
 *
 * Every item is appended together with its lead, the comma and key before it, or not at all.
 * Invariants while writing: bytes(#text) + depth (the closing brackets still due) is at most #limit;
 * and while #text.length <= #safe this holds without measuring, because a UTF-16 unit is at most
 * three bytes of UTF-8 and an opening bracket is two with its closing one. A string that is left folded makes #safe less by
 * its length, because quoting may make six bytes of a unit; #text is quoted before anything of it is measured.
 *
 * A long string is left folded even where it only may fit. From then on #safe is what may fit, and whoever unfolds the value
 * looks again; unless it is found out here, because something more has to be measured.
 */
export class BoundedJson {
  /** Containers open. */
  depth = 0;
  #limit = 0;
  #folds = false;
  readonly #closing: string[] = [];
  #text = '';
  #isFolded = false;
  #isUnsure = false;
  #safe = 0;
  #kept: string | undefined;
  #keptClosing = '';
  #counted = 0;
  #countedUnits = 0;
  #lost = 0;
  /** Of #text, what came as strings too long to fit for sure. */
  #longUnits = 0;

  /** Begins a text. @param folds - whether strings may be left folded */
  begin(maxBytes: number, folds: boolean): void {
    this.#folds = folds;
    this.#limit = Math.max(leastMaxBytes, maxBytes || 0) - reservedBytes;
    this.#safe = Math.floor(this.#limit / 3);
  }

  /** Lets go of the text. */
  end(): void {
    this.depth = 0;
    this.#text = '';
    this.#isFolded = false;
    this.#isUnsure = false;
    this.#kept = undefined;
    this.#counted = 0;
    this.#countedUnits = 0;
    this.#lost = 0;
    this.#longUnits = 0;
  }

  /** The finished text. `isCounted` is false when {@link enough} ended the counting. */
  finish(isCounted: boolean): string {
    if (this.#kept === undefined) {
      // Unjoined, the pieces hold eight times the memory. Where all but a
      // little of it is long strings they do not, and a copy of these would block the loop for as long as quoting them has.
      if (this.#longUnits < this.#text.length * 0.95) joiner.join(this.#text);
      return this.#isUnsure ? bound(this.#text, this.#limit + reservedBytes) : this.#text;
    }
    const note = cutNote(this.#counted + byteLength(this.#text) + this.#lost, !isCounted);
    const comma = this.#kept.endsWith('{') || this.#kept.endsWith('[') ? '' : ',';
    return `${this.#kept}${comma}${this.#keptClosing.startsWith('}') ? '"…":' : ''}"${note}"${this.#keptClosing}`;
  }

  /** All that was written, as one value. */
  closed(): string {
    return this.#text + this.#closing.slice(0, this.depth).reverse().join('');
  }

  /** Appends `lead` and a string, which is cut when it does not fit. */
  string(lead: string, value: string): void {
    const text = value.length > 1024 ? shortenDataUrl(value) : value;
    const left = this.#safe - this.#text.length - lead.length;
    if (this.#folds && text.length >= leastFolded && this.#kept === undefined) {
      const folded = fold(text);
      if (folded.length + text.length <= left) {
        this.#safe -= text.length;
        this.#appendFolded(lead + folded);
        return;
      }
      // Every unit is a byte at least.
      const isPossible = this.#text.length + lead.length + folded.length <= this.#limit - this.depth;
      if (text.length >= leastLongUnits && isPossible) {
        this.#safe = this.#limit - this.depth;
        this.#isUnsure = true;
        this.#appendFolded(lead + folded);
        return;
      }
    }
    if (text.length <= left) {
      const quoted = quote(text);
      if (quoted.length <= left) {
        this.#text += lead + quoted;
        if (quoted.length >= leastLongUnits) this.#longUnits += quoted.length;
        return;
      }
    }
    this.#longString(lead, text);
  }

  /** Writes a string that may not fit: whole if it does, cut if enough of it does. */
  #longString(lead: string, text: string): void {
    if (this.#kept === undefined) {
      this.#quote();
      const room = this.#limit - this.depth - byteLength(this.#text) - byteLength(lead);
      // Every unit is at least one byte: what is longer than the room is not worth quoting.
      const quoted = text.length + 2 <= room ? quote(text) : undefined;
      const bytes = quoted === undefined ? 0 : byteLength(quoted);
      if (quoted !== undefined && bytes <= room) {
        this.#accept(lead + quoted, room - bytes);
        if (quoted.length >= leastLongUnits) this.#longUnits += quoted.length;
        return;
      }
      // Inside a container a quarter stays free, so that what follows (a role, a status) is kept too.
      const allowed = this.depth === 0 ? room : Math.floor(room * 0.75);
      if (allowed >= leastStringBytes) {
        const cut = quoteCut(text, allowed);
        const cutBytes = byteLength(cut);
        this.#lost += Math.max(0, byteLength(text) + 2 - cutBytes);
        this.#accept(lead + cut, room - cutBytes);
        return;
      }
      this.#cut();
    }
    if (text.length <= countUnits) this.#append(lead + quote(text), 0);
    else {
      this.#counted += byteLength(text) + 2;
      this.#append(lead, 0);
      if (this.#counted > maxCountedBytes) throw enough;
    }
  }

  /** Appends `piece`, which ends in an opening bracket; `closing` is due from here on. */
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

  #append(piece: string, opened: 0 | 1): void {
    if (this.#text.length + piece.length <= this.#safe) this.#text += piece;
    else this.#squeeze(piece, opened);
  }

  #squeeze(piece: string, opened: 0 | 1): void {
    if (this.#kept === undefined) {
      this.#quote();
      const room = this.#limit - this.depth - opened - byteLength(this.#text) - byteLength(piece);
      if (room >= 0) {
        this.#accept(piece, room);
        return;
      }
      this.#cut();
    }
    this.#text += piece;
    if (this.#text.length > this.#safe) this.#count();
  }

  #appendFolded(piece: string): void {
    this.#text += piece;
    this.#isFolded = true;
    if (piece.length >= leastLongUnits) this.#longUnits += piece.length;
  }

  /** Before #text is measured. Throws {@link tooLarge} where it was unsure whether it fits, and it does not. */
  #quote(): void {
    if (!this.#isFolded) return;
    this.#text = quoteFolds(this.#text);
    this.#isFolded = false;
    if (this.#isUnsure && byteLength(this.#text) + this.depth > this.#limit) throw tooLarge;
    this.#isUnsure = false;
  }

  #accept(piece: string, room: number): void {
    this.#text += piece;
    this.#safe = this.#text.length + Math.floor(room / 3);
  }

  /** From here on nothing is written: what there is is kept, and the rest only counted. */
  #cut(): void {
    this.#kept = this.#text;
    this.#keptClosing = this.#closing.slice(0, this.depth).reverse().join('');
    this.#counted = byteLength(this.#text);
    this.#text = '';
    this.#safe = countUnits;
  }

  #count(): void {
    this.#counted += byteLength(this.#text);
    this.#countedUnits += this.#text.length;
    this.#text = '';
    if (this.#counted > maxCountedBytes || this.#countedUnits > maxCountedUnits) throw enough;
  }
}
