const microsPerSecond = 1_000_000;

/** Cache of `000` to `999`. */
const threeDigits: string[] = [];

/**
 * Writes the times of one field as JSON: milliseconds since the epoch → `"started_at":"2026-11-22T13:17:47.123456Z"`, ISO 8601 in
 * UTC with microseconds. Times come in bursts, so the text up to the second is cached, and a body is concatenated of few pieces.
 */
export class TimeField {
  readonly #lead: string;
  #second = Number.NaN;
  #upToSecond = '';

  /** @param lead - text before the time */
  constructor(lead: string) {
    this.#lead = lead;
  }

  /**
   * Appends the field to `text`.
   * @throws RangeError if `ms` is out of the range of `Date`
   */
  appendTo(text: string, ms: number): string {
    let second = Math.floor(ms / 1000);
    let micros = Math.round((ms - second * 1000) * 1000);
    if (micros === microsPerSecond) {
      second += 1;
      micros = 0;
    }
    if (second !== this.#second) {
      this.#upToSecond = this.#lead + new Date(second * 1000).toISOString().slice(0, 20);
      this.#second = second;
    }
    const millis = Math.floor(micros / 1000);
    const fraction = `${digits(millis)}${digits(micros - millis * 1000)}Z"`;
    return text + this.#upToSecond + fraction;
  }
}

function digits(value: number): string {
  threeDigits[value] ??= String(value).padStart(3, '0');
  return threeDigits[value];
}
