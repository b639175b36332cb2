/**
 * A point in time as microseconds since the epoch. A double holds them exactly until the year 2255, and later ones to
 * within 32 µs.
 */
export type Micros = number;

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T t_](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|z|[+-]\d{2}(?::?\d{2})?)?)?$/;

/**
 * Years 1 to 9999; `last` is the last double before `end`.
 * Source: Python's `datetime`, which the backend parses times into.
 */
const range = { first: -62_135_596_800_000_000, last: 253_402_300_799_999_970, end: 253_402_300_800_000_000 };

/** Numbers up to this count seconds, larger ones milliseconds. Source: pydantic's rule for times given as numbers. */
const largestSeconds = 2e10;

/**
 * Parses a time from a JSON value; undefined if it is not a time. As on the backend, a time without a zone is UTC, digits beyond
 * microseconds are cut off, and a number counts seconds or milliseconds.
 */
export function parseTime(value: unknown): Micros | undefined {
  if (typeof value === 'string') {
    const usual = fromUsualForm(value);
    if (usual !== undefined) return usual;
    const found = pattern.exec(value);
    if (found !== null) return fromParts(found);
    return /^[+-]?\d+([.]\d+)?$/.test(value) ? fromNumber(Number(value)) : undefined;
  }
  return typeof value === 'number' ? fromNumber(value) : undefined;
}

/** The last parsed minute, as text and in microseconds, because times that come together are usually in the same minute. */
let minute = { text: '', micros: 0 };

/**
 * Parses the form that SDKs send, such as `2026-03-29T10:00:00.000123Z`, in a fraction of the time that the pattern takes;
 * undefined for any other form.
 */
function fromUsualForm(value: string): Micros | undefined {
  const end = value.length - 1;
  if ((end !== 23 && end !== 26) || value.charCodeAt(end) !== letterZ || value.charCodeAt(19) !== point) return;
  if (value.charCodeAt(16) !== colon) return;
  const second = digits(value, 17, 19);
  const fraction = digits(value, 20, end);
  if (second === undefined || second > 59 || fraction === undefined) return;
  if (!value.startsWith(minute.text) || minute.text === '') {
    const text = value.slice(0, 16);
    const found = pattern.exec(`${text}Z`);
    const micros = found === null ? undefined : fromParts(found);
    if (micros === undefined) return;
    minute = { text, micros };
  }
  return within(minute.micros + second * 1e6 + (end === 23 ? fraction * 1000 : fraction));
}
const [letterZ, point, colon, zero] = [90, 46, 58, 48];

/** Parses a part of a text as a number; undefined if it has other characters than digits. */
function digits(text: string, from: number, to: number): number | undefined {
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - zero;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

function fromParts([, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', zone]: string[]):
  | Micros
  | undefined {
  const [y, mo, d, h, mi, s] = [year, month, day, hour, minute, second].map(Number) as [
    number, // the pattern makes all six digits
    number,
    number,
    number,
    number,
    number,
  ];
  if (h > 23 || mi > 59 || s > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(y, mo - 1, d);
  if (date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d || y === 0) return undefined;
  const offset = offsetMinutes(zone);
  if (offset === undefined) return undefined;
  const seconds = date.getTime() / 1000 + h * 3600 + (mi - offset) * 60 + s;
  return within(seconds * 1e6 + Number(fraction.slice(0, 6).padEnd(6, '0')));
}

function offsetMinutes(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', ''));
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

function fromNumber(value: number): Micros | undefined {
  return within(Math.round(Math.abs(value) > largestSeconds ? value * 1e3 : value * 1e6));
}

function within(micros: Micros): Micros | undefined {
  return micros >= range.first && micros <= range.end ? Math.min(micros, range.last) : undefined;
}

/**
 * A time as the backend writes it: UTC with `+00:00`, microseconds only where there are any.
 * Source: Python's `datetime.isoformat()`.
 */
export function formatTime(micros: Micros): string {
  const fraction = ((micros % 1e6) + 1e6) % 1e6;
  const seconds = new Date((micros - fraction) / 1000).toISOString().slice(0, 19);
  return fraction === 0 ? `${seconds}+00:00` : `${seconds}.${String(fraction).padStart(6, '0')}+00:00`;
}

/**
 * The current time in microseconds since the epoch. It never returns the same value twice in a process, so it shows the order of
 * arrival.
 */
export function nowMicros(): Micros {
  last = Math.max(Date.now() * 1000, last + 1);
  return last;
}
let last = 0;
