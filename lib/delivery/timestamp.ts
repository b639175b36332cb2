let knownSecond = Number.NaN;
let knownPrefix = '';

/**
 * Milliseconds since the epoch → ISO 8601 in UTC with microseconds, e.g. `2026-11-22T13:17:47.123456Z`.
 * Spans come in bursts, so the text up to the second is kept from call to call.
 * @throws RangeError when `ms` is no time a `Date` can hold.
 */
export function timestamp(ms: number): string {
  let second = Math.floor(ms / 1000);
  let micros = Math.round((ms - second * 1000) * 1000);
  if (micros === 1_000_000) {
    second += 1;
    micros = 0;
  }
  if (second !== knownSecond) {
    knownPrefix = new Date(second * 1000).toISOString().slice(0, 20);
    knownSecond = second;
  }
  return `${knownPrefix}${String(1_000_000 + micros).slice(1)}Z`;
}
