// Numbers and times as people read them. Every function is pure. `Intl` is not used: its first formatter takes longer to
// make than a page to draw.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const aDayMs = 86_400_000;

/**
 * Milliseconds since 1970 with the microseconds as fraction, which `Date.parse` drops. NaN when it is no time.
 *
 * @param {string | null | undefined} text ISO 8601
 */
export function parseTime(text) {
  if (text === null || text === undefined) return Number.NaN;
  const ms = Date.parse(text);
  const fraction = /\.\d{3}(\d+)/.exec(text);
  return fraction ? ms + Number(`0.${fraction[1]}`) : ms;
}

/**
 * `0.4 ms`, `820 ms`, `1.24 s`, `2 m 05 s`, `3 h 12 m`; a dash when unknown. Two clocks, or one that was set back, give an end before
 * the start, which counts as no time.
 *
 * @param {number | null | undefined} ms
 */
export function duration(ms) {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return '–';
  if (ms < 1) return `${trim(Math.max(0, ms), 2)} ms`;
  if (ms < 10) return `${trim(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 9.995) return `${seconds.toFixed(2)} s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${String(whole % 60).padStart(2, '0')} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} m`;
}

/**
 * A duration for an axis with ticks every `step` ms, with enough decimals to tell neighbours apart.
 *
 * @param {number} ms
 * @param {number} step
 */
export function durationTick(ms, step) {
  if (ms === 0) return '0';
  const isSeconds = ms >= 1000;
  const [value, apart] = isSeconds ? [ms / 1000, step / 1000] : [ms, step];
  if (ms >= 60_000 && step >= 1000) return withoutZeros(duration(ms));
  const places = Math.max(0, Math.ceil(-Math.log10(apart) - 1e-9));
  return `${trim(value, Math.min(6, places))} ${isSeconds ? 's' : 'ms'}`;
}

/**
 * `1,234`; from a hundred thousand on `123 k`, `1.2 M`.
 *
 * @param {number} value
 */
export function count(value) {
  if (!Number.isFinite(value)) return '–';
  if (Math.abs(value) < 100_000) return grouped(trim(value, 3));
  if (Math.abs(value) < 999_500) return `${Math.round(value / 1000)} k`;
  if (Math.abs(value) < 999_500_000) return `${trim(value / 1e6, 1)} M`;
  return `${trim(value / 1e9, 1)} G`;
}

/**
 * Dollars with enough decimals to tell small amounts apart: `$0.00042`, `$0.031`, `$12.40`.
 *
 * @param {number} value
 */
export function money(value) {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '$0';
  const size = Math.abs(value);
  if (size >= 1) return `$${grouped(value.toFixed(2))}`;
  if (size >= 0.1) return `$${value.toFixed(3)}`;
  if (size < 1e-7) return `$${value.toExponential(1)}`;
  return `$${value.toFixed(Math.min(9, 1 - Math.floor(Math.log10(size))))}`;
}

/**
 * `340 B`, `12.3 kB`, `4.1 MB`.
 *
 * @param {number} value
 */
export function bytes(value) {
  if (value < 1000) return `${value} B`;
  if (value < 1e6) return `${trim(value / 1000, 1)} kB`;
  return `${trim(value / 1e6, 1)} MB`;
}

/**
 * `now`, `35 s ago`, `4 min ago`, `3 h ago`, then the day: `12 Nov 14:03`.
 *
 * @param {string} time ISO 8601
 * @param {number} now
 */
export function ago(time, now) {
  const at = Date.parse(time);
  if (Number.isNaN(at)) return time;
  const seconds = Math.round((now - at) / 1000);
  if (seconds < -60) return clock(time, now);
  if (seconds < 5) return 'now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 6 * 3600) return `${Math.round(seconds / 3600)} h ago`;
  return clock(time, now);
}

/**
 * Day and time in the reader's zone: `12 Nov 14:03`, with the year when it is more than half a year from now.
 *
 * @param {string} time ISO 8601
 * @param {number} [now]
 */
export function clock(time, now = Date.parse(time)) {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const year = Math.abs(now - at.getTime()) > 183 * aDayMs ? ` ${at.getFullYear()}` : '';
  return `${dayAndMonth(at)}${year} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** `12 Nov`, in the zone the fields are taken from. @param {Date} at @param {boolean} [inUtc] */
export function dayAndMonth(at, inUtc = false) {
  return inUtc ? `${at.getUTCDate()} ${months[at.getUTCMonth()]}` : `${at.getDate()} ${months[at.getMonth()]}`;
}

/**
 * Day and time to the millisecond in the reader's zone: `2026-11-12 14:03:27.045`.
 *
 * @param {string | null} time ISO 8601
 */
export function exactTime(time) {
  const at = new Date(time ?? '');
  if (Number.isNaN(at.getTime())) return String(time);
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const rest = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day} ${rest}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/**
 * The same with no zeros at the end of its fraction, for the labels of a scale: `5 s` of `5.00 s`.
 *
 * @param {string} text
 */
export function withoutZeros(text) {
  return text.replace(/(\d)\.0+(?!\d)/, '$1').replace(/(\.\d*[1-9])0+(?!\d)/, '$1');
}

/**
 * `1 span`, `3 spans`.
 *
 * @param {number} number
 * @param {string} noun
 */
export function plural(number, noun) {
  return `${count(number)} ${noun}${number === 1 ? '' : 's'}`;
}

/**
 * @param {number} value
 * @param {number} places
 */
function trim(value, places) {
  return String(Number(value.toFixed(places)));
}

/** `1234.5` as `1,234.5`. @param {string} digits */
function grouped(digits) {
  const [whole = '', ...fraction] = digits.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...fraction].join('.');
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, '0');
}
