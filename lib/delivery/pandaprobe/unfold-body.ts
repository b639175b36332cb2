import { isAscii } from 'node:buffer';
import { reservedBytes } from '../../model/bounded-json.js';
import { boundEndMark, boundMark, foldMark, quoteFolds } from '../../model/folded-text.js';
import type { CapturedText } from '../../model/records.js';
import { unfold } from '../../model/unfold.js';

const fold = foldMark.charCodeAt(0);
const boundStart = boundMark.charCodeAt(0);
const boundEnd = boundEndMark.charCodeAt(0);
const colon = 0x3a;
const doubleQuote = 0x22;

const shortEscapes = new Map([
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
]);
/** Escape of each byte in a JSON string; undefined for bytes that need none. Null characters are left out. */
const escapes = Array.from({ length: 256 }, (_, byte) => {
  const short = shortEscapes.get(byte);
  if (short !== undefined) return Buffer.from(`\\${short}`);
  if (byte === 0) return Buffer.alloc(0);
  return byte < 0x20 ? Buffer.from(`\\u${byte.toString(16).padStart(4, '0')}`) : undefined;
});
/** How many bytes longer the escape of a byte is. */
const growth = Int8Array.from(escapes, (written) => (written === undefined ? 0 : written.length - 1));
/** UTF-16 length of the character that a UTF-8 lead byte starts; 0 for continuation bytes. */
const units = Uint8Array.from({ length: 256 }, (_, byte) => (byte < 0x80 ? 1 : byte < 0xc0 ? 0 : byte < 0xf0 ? 1 : 2));

/** A buffer that is reused for bodies of usual size, whose final length is not known before. */
const usualBytes = 65_536;
const usual = Buffer.allocUnsafeSlow(usualBytes);

/**
 * Quotes the folded strings of a body (see {@link unfold}), from bytes to bytes, into memory of its own. Strings would take twice as
 * long for text that is not ASCII, and large ones would be copied more often. Short ASCII text becomes a string, which takes two
 * thirds of the time and is sent by node:http in one piece with the head.
 */
export function unfoldBody(body: Buffer): Buffer | string {
  // A bound value may hold no folded string: strings that were not well-formed are quoted already.
  const hasBounds = body.includes(boundStart);
  if (body.length <= usualBytes && isAscii(body)) {
    const text = body.toString('latin1');
    return hasBounds ? unfold(text as CapturedText) : quoteFolds(text); // from the encoder
  }
  if (!hasBounds && !body.includes(fold)) return Buffer.from(body);
  return new Unfolding(body, hasBounds).run() ?? Buffer.from(unfold(body.toString() as CapturedText)); // it has marks
}

/** One pass over one body. Invariant: `#out` has room for the rest of the body if nothing of it grows, and for 8 bytes more. */
class Unfolding {
  readonly #body: Buffer;
  readonly #hasBounds: boolean;
  #out: Buffer;
  #at = 0;
  #to = 0;

  constructor(body: Buffer, hasBounds: boolean) {
    this.#body = body;
    this.#hasBounds = hasBounds;
    this.#out = body.length < usualBytes >> 1 ? usual : Buffer.allocUnsafeSlow(body.length + (body.length >> 3) + 64);
  }

  /** Undefined if a value has to be cut, or if the body has bytes that only look like marks. */
  run(): Buffer | undefined {
    const body = this.#body;
    let boundAt = 0;
    let maxBytes = 0;
    for (let mark = this.#copyToMark(); mark >= 0; mark = this.#copyToMark()) {
      this.#at += 1;
      if (mark === boundEnd) {
        if (this.#to - boundAt > maxBytes - reservedBytes) return undefined;
        continue;
      }
      const count = this.#number();
      if (!(count > 0)) return undefined;
      if (mark === boundStart) {
        maxBytes = count;
        boundAt = this.#to;
      } else if (!this.#quote(count)) return undefined;
    }
    this.#to += body.copy(this.#out, this.#to, this.#at);
    return Buffer.from(this.#out.subarray(0, this.#to));
  }

  /** Copies JSON text up to the next mark. @returns the mark; -1 if there is none */
  #copyToMark(): number {
    const body = this.#body;
    let end = this.#at;
    if (this.#hasBounds)
      while (end < body.length && !isMark(body[end] as number)) end += 1; // in range
    else end = body.indexOf(fold, end);
    if (end < 0 || end === body.length) return -1;
    this.#to += body.copy(this.#out, this.#to, this.#at, end);
    this.#at = end;
    return body[end] as number; // in range
  }

  /** Reads a number and the colon after it; NaN if there is none. */
  #number(): number {
    const end = this.#body.indexOf(colon, this.#at);
    const digits = this.#body.toString('latin1', this.#at, Math.max(end, this.#at));
    this.#at = end + 1;
    return digits === '' ? Number.NaN : Number(digits);
  }

  /** Writes `count` UTF-16 units as a JSON string. @returns false if the body ends before */
  #quote(count: number): boolean {
    const body = this.#body;
    let left = count;
    let at = this.#at;
    let to = this.#to;
    this.#reserve(at, to, 2);
    let out = this.#out;
    let room = out.length - to - (body.length - at) - 8;
    out[to] = doubleQuote;
    to += 1;
    for (; at < body.length; at += 1) {
      const byte = body[at] as number; // in range
      left -= units[byte] as number; // a byte
      if (left < 0) break;
      const grows = growth[byte] as number; // a byte
      if (grows === 0) {
        out[to] = byte;
        to += 1;
        continue;
      }
      room -= grows;
      if (room < 0) {
        this.#reserve(at, to, (body.length - at) >> 2);
        out = this.#out;
        room = out.length - to - (body.length - at) - 8 - grows;
      }
      to += (escapes[byte] as Buffer).copy(out, to); // a byte that grows has an escape
    }
    out[to] = doubleQuote;
    this.#to = to + 1;
    this.#at = at;
    return left <= 0;
  }

  /** Makes room for the rest of the body and `more` bytes. */
  #reserve(at: number, to: number, more: number): void {
    const needed = to + (this.#body.length - at) + more + 16;
    if (needed <= this.#out.length) return;
    const larger = Buffer.allocUnsafeSlow(needed + (needed >> 2));
    this.#out.copy(larger, 0, 0, to);
    this.#out = larger;
  }
}

function isMark(byte: number): boolean {
  return byte <= boundEnd && byte >= fold;
}
