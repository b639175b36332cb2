import { newId } from '../../common/ids.js';
import type { Issues } from './issues.js';
import { costFault, tagFault, timeFault } from './platform-faults.js';
import { type Micros, parseTime } from './time.js';

/** A JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a JSON value is an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lengths of a text, in code points, as the backend counts them. */
interface Length {
  readonly min?: number;
  readonly max?: number;
}

const uuid = /^(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$/i;

/** The canonical form of a UUID as the backend accepts it: with or without hyphens, braces and `urn:uuid:`. */
export function parseUuid(value: unknown): string | undefined {
  const found = typeof value === 'string' ? uuid.exec(value) : null;
  return found === null ? undefined : found.slice(1).join('-').toLowerCase();
}

/** Parses a finite decimal number; undefined for anything else, also for forms that only JavaScript accepts. */
export function parseDecimal(text: string): number | undefined {
  const isDecimal = /^\s*[+-]?(?:\d+[.]?\d*|[.]\d+)(?:e[+-]?\d+)?\s*$/i.test(text);
  return isDecimal && Number.isFinite(Number(text)) ? Number(text) : undefined;
}

/**
 * Reads the fields of one JSON object and collects their faults. Each reader returns undefined for a field that is absent or
 * invalid, and null for a field that is null, if null is allowed.
 */
export class BodyFields {
  readonly #object: JsonObject;
  readonly #place: string;
  readonly #issues: Issues;

  constructor(object: JsonObject, place: string, issues: Issues) {
    this.#object = object;
    this.#place = place;
    this.#issues = issues;
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#object, key);
  }

  #value(key: string): unknown {
    return this.has(key) ? this.#object[key] : undefined;
  }

  wrong(key: string, message: string): undefined {
    this.#issues.add(this.#place, key, message);
    return undefined;
  }

  /** A required text; if it is missing, adds an issue and returns the empty text. */
  required(key: string, length: Length): string {
    const value = this.#value(key);
    if (value === undefined) return this.wrong(key, 'Field required') ?? '';
    return this.#text(key, value, length) ?? '';
  }

  text(key: string, length: Length = {}): string | null | undefined {
    const value = this.#value(key);
    return value === undefined || value === null ? value : this.#text(key, value, length);
  }

  #text(key: string, value: unknown, { min = 0, max = Number.POSITIVE_INFINITY }: Length): string | undefined {
    if (typeof value !== 'string') return this.wrong(key, 'Input should be a valid string');
    if (value.length < min) return this.wrong(key, `String should have at least ${count(min, 'character')}`);
    // A code point is one or two units: only a text long in units needs counting.
    if (value.length > max && [...value].length > max) {
      return this.wrong(key, `String should have at most ${count(max, 'character')}`);
    }
    return value;
  }

  oneOf<T extends string>(key: string, allowed: Readonly<Record<T, string>>): T | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && Object.hasOwn(allowed, value)) return value as T; // one of its keys
    return this.wrong(key, `Input should be ${choices(Object.keys(allowed))}`);
  }

  /** An id; a new one when it is absent, as the backend does it. */
  idOrNew(key: string): string {
    return this.has(key) ? this.id(key) : newId();
  }

  id(key: string): string {
    if (!this.has(key)) return this.wrong(key, 'Field required') ?? '';
    return this.#id(key, this.#value(key)) ?? '';
  }

  idOrNull(key: string): string | null {
    const value = this.#value(key) ?? null;
    return value === null ? null : (this.#id(key, value) ?? null);
  }

  #id(key: string, value: unknown): string | undefined {
    return parseUuid(value) ?? this.wrong(key, 'Input should be a valid UUID');
  }

  /** A required time; if it is missing, adds an issue and returns 0. */
  requiredTime(key: string): Micros {
    if (!this.has(key)) return this.wrong(key, 'Field required') ?? 0;
    return this.#time(key, this.#value(key)) ?? 0;
  }

  time(key: string): Micros | null | undefined {
    const value = this.#value(key);
    return value === undefined || value === null ? value : this.#time(key, value);
  }

  #time(key: string, value: unknown): Micros | undefined {
    const time = parseTime(value);
    if (time === undefined) return this.wrong(key, 'Input should be a valid datetime');
    this.#addFault(key, timeFault(time));
    return time;
  }

  json(key: string): unknown {
    return this.#value(key);
  }

  object(key: string): JsonObject | null | undefined {
    const value = this.#value(key);
    if (value === undefined || value === null || isObject(value)) return value;
    return this.wrong(key, 'Input should be a valid dictionary');
  }

  /** An object that may be left out but not be null. */
  objectOrEmpty(key: string): JsonObject {
    const value = this.object(key);
    if (value === null) this.wrong(key, 'Input should be a valid dictionary');
    return value ?? {};
  }

  /** An object of numbers. A number written as a text counts, as it does on the backend. */
  numbers(key: string): Readonly<Record<string, number>> | null | undefined {
    const value = this.object(key);
    if (value === undefined || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.#number(key, name, each)]));
  }

  /** Adds a fault, if there is one, of a value that is read anyway: values that an older version has stored must be readable. */
  #addFault(key: string, fault: string | undefined): void {
    if (fault !== undefined) this.wrong(key, fault);
  }

  #number(key: string, name: string, value: unknown): number {
    const number = numberIn(value);
    if (number !== undefined) {
      if (name === 'total') this.#addFault(`${key} -> ${name}`, costFault(number));
      return number;
    }
    const why = typeof value === 'string' ? ', unable to parse string as a number' : '';
    this.wrong(`${key} -> ${name}`, `Input should be a valid number${why}`);
    return 0;
  }

  /** A list of tags. */
  texts(key: string): readonly string[] | null | undefined {
    const value = this.#value(key);
    if (value === undefined || value === null) return value;
    if (!Array.isArray(value)) return this.wrong(key, 'Input should be a valid list');
    value.forEach((each, at) => {
      if (typeof each !== 'string') this.wrong(`${key} -> ${at}`, 'Input should be a valid string');
      else this.#addFault(`${key} -> ${at}`, tagFault(each));
    });
    return value as string[]; // checked above; if an item is not a text, the issue stops the request
  }

  /** A list of tags that may be left out but not be null. */
  textsOrEmpty(key: string): readonly string[] {
    const value = this.texts(key);
    if (value === null) this.wrong(key, 'Input should be a valid list');
    return value ?? [];
  }
}

/** The finite number that a JSON value is for the backend. */
function numberIn(value: unknown): number | undefined {
  if (typeof value === 'string') return parseDecimal(value);
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Checks the length of a list. */
export function checkListLength(list: readonly unknown[], min: number, max: number): string | undefined {
  const after = `after validation, not ${list.length}`;
  if (list.length < min) return `List should have at least ${count(min, 'item')} ${after}`;
  return list.length > max ? `List should have at most ${count(max, 'item')} ${after}` : undefined;
}

/** `'A', 'B' or 'C'` */
export function choices(names: readonly string[]): string {
  const quoted = names.map((name) => `'${name}'`);
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
