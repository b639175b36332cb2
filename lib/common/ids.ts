import { NIL } from 'uuid';
import { crypto } from './builtins.js';

const idBytes = 16;
const idChars = 36;
/** How many ids are made at a time. They are slices of one text of 2 KB, which stays in memory as long as one of them. */
const idsAtATime = 64;
/** For how many ids random bytes are drawn at a time. Drawing takes tens of microseconds, for few bytes as for many. */
const idsDrawn = 1024;

let makeId: (() => string) | undefined;

/** A random id for a trace, span or request: UUID version 4, lower case. */
export function newId(): string {
  makeId ??= idMaker();
  return makeId();
}

/**
 * Discards the random bytes that were drawn ahead. A snapshot of the machine or the process may be started several times; with the
 * same bytes, all copies would make the same ids.
 */
export function forgetIds(): void {
  makeId = undefined;
}

const idForm = /^([0-9a-f]{8})(-?)([0-9a-f]{4})\2([0-9a-f]{4})\2([0-9a-f]{4})\2([0-9a-f]{12})$/i;

/**
 * Converts an id to the form of `newId()`. It takes a UUID of any version, or 32 hexadecimal digits as OpenTelemetry writes trace
 * ids. Undefined for anything else, and for an id of zeroes. Source: the backend's `uuid` type takes every version; W3C Trace
 * Context, *trace-id*: all zeroes are invalid.
 */
export function parseId(value: unknown): string | undefined {
  const found = typeof value === 'string' ? idForm.exec(value) : null;
  if (found === null) return undefined;
  const [, a, , b, c, d, e] = found;
  const id = `${a}-${b}-${c}-${d}-${e}`.toLowerCase();
  return id === NIL ? undefined : id;
}

/**
 * Makes ids as slices of one long text. `crypto.randomUUID` and uuid concatenate an id from twenty pieces, which occupy half a
 * kilobyte until the id is first compared or written.
 */
function idMaker(): () => string {
  const random = crypto();
  const bytes = new Uint8Array(idsDrawn * idBytes);
  let used = 0;
  const chars = Buffer.alloc(idsAtATime * idChars);
  let ids = '';
  let at = 0;
  return () => {
    if (at === ids.length) {
      for (let to = 0; to < chars.length; to += idChars) {
        used %= bytes.length;
        if (used === 0) random.randomFillSync(bytes);
        writeId(bytes, used, chars, to);
        used += idBytes;
      }
      ids = chars.toString('latin1');
      at = 0;
    }
    at += idChars;
    return ids.slice(at - idChars, at);
  };
}

const dash = 0x2d;
/** Bit n is set if there is a dash before byte n. */
const dashes = 0b101_0101_0000;

/**
 * Writes sixteen random bytes as an id. Source: RFC 9562, *UUID Version 4*, for the bits of the version (4) and the variant (10).
 */
function writeId(bytes: Uint8Array, from: number, chars: Uint8Array, start: number): void {
  let to = start;
  for (let at = 0; at < idBytes; at += 1) {
    let byte = bytes[from + at] as number; // in range
    if (at === 6) byte = (byte & 0x0f) | 0x40;
    if (at === 8) byte = (byte & 0x3f) | 0x80;
    if ((dashes >> at) & 1) {
      chars[to] = dash;
      to += 1;
    }
    chars[to] = hexDigit(byte >> 4);
    chars[to + 1] = hexDigit(byte & 15);
    to += 2;
  }
}

/** `0` to `9`, then `a` to `f`. */
function hexDigit(value: number): number {
  return value + (value < 10 ? 0x30 : 0x57);
}
