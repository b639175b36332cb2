// The period of time that a list shows.

/** The choices: the value in the address, and the text. */
export const stretches = [
  ['', 'Any time'],
  ['15m', 'Last 15 minutes'],
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['today', 'Today'],
  ['yesterday', 'Yesterday'],
  ['7d', 'Last 7 days'],
];
const unitMs = /** @type {Record<string, number>} */ ({ m: 60_000, h: 3_600_000, d: 86_400_000 });

/**
 * The times for the server; undefined where there is no limit. A day begins at midnight where the reader is.
 *
 * @param {string} since `24h`, `today`, `yesterday`
 * @param {number} now
 */
export function timesOf(since, now) {
  const today = new Date(now).setHours(0, 0, 0, 0);
  // By the calendar, because a day may have 23 hours.
  const yesterday = new Date(today).setDate(new Date(today).getDate() - 1);
  if (since === 'today') return times(today, undefined);
  if (since === 'yesterday') return times(yesterday, today);
  const [, number, unit] = /^(\d+)([mhd])$/.exec(since) ?? [];
  if (number === undefined || unit === undefined) return times(undefined, undefined);
  return times(now - Number(number) * (unitMs[unit] ?? 0), undefined);
}

/** @param {number | undefined} after @param {number | undefined} before */
function times(after, before) {
  const text = (/** @type {number | undefined} */ at) => (at === undefined ? undefined : new Date(at).toISOString());
  return { started_after: text(after), started_before: text(before) };
}
