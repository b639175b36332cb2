import { choices } from './fields.js';
import { Issues } from './issues.js';
import { type Micros, parseTime } from './time.js';

const yes: readonly string[] = ['true', 't', 'yes', 'y', 'on', '1'];
const no: readonly string[] = ['false', 'f', 'no', 'n', 'off', '0'];

/** Reads the parameters of a URL and collects their faults. If a parameter is repeated, the last one counts. */
export class Query {
  readonly issues = new Issues();
  readonly #params: URLSearchParams;

  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  text(name: string): string | undefined {
    return this.#params.getAll(name).at(-1);
  }

  /** A text that must be there. */
  required(name: string): string {
    return this.text(name) ?? this.#missing(name) ?? '';
  }

  texts(name: string): string[] {
    return this.#params.getAll(name);
  }

  whole(name: string, { min, max, preset }: { min: number; max: number; preset: number }): number {
    const text = this.text(name);
    if (text === undefined) return preset;
    if (!/^\s*[+-]?\d{1,15}\s*$/.test(text)) {
      this.#wrong(name, 'Input should be a valid integer, unable to parse string as an integer');
      return preset;
    }
    const value = Number(text);
    if (value < min) this.#wrong(name, `Input should be greater than or equal to ${min}`);
    if (value > max) this.#wrong(name, `Input should be less than or equal to ${max}`);
    return value;
  }

  /** `limit` and `offset`. */
  page(maxLimit = 200, preset = 50): PageRange {
    return {
      limit: this.whole('limit', { min: 1, max: maxLimit, preset }),
      offset: this.whole('offset', { min: 0, max: Number.MAX_SAFE_INTEGER, preset: 0 }),
    };
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const found = allowed.find((each) => each === text);
    return found ?? this.#wrong(name, `Input should be ${choices(allowed)}`);
  }

  boolean(name: string): boolean | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const word = text.toLowerCase();
    if (yes.includes(word) || no.includes(word)) return yes.includes(word);
    return this.#wrong(name, 'Input should be a valid boolean, unable to interpret input');
  }

  time(name: string): Micros | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    // In a URL, an unescaped plus means a space.
    return (
      parseTime(text.replace(/ (?=\d{2}:?\d{2}$)/, '+')) ??
      this.#wrong(name, 'Input should be a valid datetime or date')
    );
  }

  requiredTime(name: string): Micros {
    if (this.text(name) === undefined) return this.#missing(name) ?? 0;
    return this.time(name) ?? 0;
  }

  id(name: string, parse: (text: string) => string | undefined): string | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    return parse(text) ?? this.#wrong(name, 'Input should be a valid UUID');
  }

  #missing(name: string): undefined {
    return this.#wrong(name, 'Field required');
  }

  #wrong(name: string, message: string): undefined {
    this.issues.add('query', name, message);
    return undefined;
  }
}

/** A part of a list. */
export interface PageRange {
  readonly limit: number;
  readonly offset: number;
}
