import type { Log } from '../common/log.js';
import { quote } from './capture-text.js';
import { maxCost, maxTokens } from './limits.js';
import type { JsonText } from './records.js';
import { cleanText } from './text.js';

/** Most entries that are read; a usage has about ten. */
const maxEntries = 100;
/** Longest name of an entry; a longer one is cut. */
const maxNameChars = 128;

/**
 * Token usage as JSON text in the backend's form: snake_case keys, whole numbers from 0 to 2147483647; undefined if no entry is
 * valid. Keys may be in camelCase; unknown keys are kept. Other values are left out (numbers with a warning), because one of them
 * breaks the backend's trace list. So does a sum of prompt and completion tokens over 2147483647; it is capped.
 */
export function tokenUsageJson(usage: unknown, log: Log): JsonText | undefined {
  return json(tokenCounts(usage, log));
}

/**
 * Token usage that begins with the two counts that the platform adds up. A count that is absent is 0. A count that is undefined, null
 * or invalid is left out, because it is unknown: the provider did not say it. Source: Python's `pandaprobe` package,
 * `set_token_usage(prompt_tokens=0, completion_tokens=0, …)`.
 */
export function summedUsageJson(usage: unknown, log: Log): JsonText | undefined {
  const isGiven = typeof usage === 'object' && usage !== null;
  const counts = isGiven ? new NamedNumbers(['prompt_tokens', 'completion_tokens'], [0, 0]) : undefined;
  return json(tokenCounts(usage, log, counts));
}

/**
 * Cost as JSON text in the backend's form: snake_case keys, finite numbers from 0; undefined if no entry is valid. Other values
 * are left out (numbers with a warning), because the backend refuses the whole trace for one of them. A number over 1e12 is
 * capped.
 */
export function costJson(amounts: unknown, log: Log): JsonText | undefined {
  const costs = read(amounts, new NamedNumbers(), isAmount, 'cost', 'a finite number from 0 up', log);
  costs.values.forEach((value, at) => {
    if (value <= maxCost) return;
    costs.values[at] = maxCost;
    log.warn('cost', `cost: an amount is more than the platform can add up; ${maxCost} is recorded`);
  });
  return json(costs);
}

function tokenCounts(usage: unknown, log: Log, into = new NamedNumbers()): NamedNumbers {
  read(usage, into, isTokenCount, 'token usage', `a whole number from 0 to ${maxTokens}`, log);
  const completion = into.names.indexOf('completion_tokens');
  const room = maxTokens - (into.values[into.names.indexOf('prompt_tokens')] ?? 0);
  if ((into.values[completion] ?? 0) <= room) return into;
  into.values[completion] = room;
  log.warn('token usage', `token usage: prompt and completion tokens are more than ${maxTokens} together; capped`);
  return into;
}

function isTokenCount(value: unknown): value is number {
  return Number.isInteger(value) && isAmount(value) && value <= maxTokens;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
}

/** A few numbers by name, in insertion order. It uses arrays: no name is special in them, and filling them is cheap. */
class NamedNumbers {
  constructor(
    readonly names: string[] = [],
    readonly values: number[] = [],
  ) {}

  /** Removes a name whose value was not accepted: its 0 would be wrong. Keeps an accepted number from 1 up. */
  refuse(name: string): void {
    const at = this.names.indexOf(name);
    if (at < 0 || this.values[at] !== 0) return;
    this.names.splice(at, 1);
    this.values.splice(at, 1);
  }

  set(name: string, value: number): void {
    const known = this.names.indexOf(name);
    const at = known < 0 ? this.names.push(name) - 1 : known;
    this.values[at] = value;
  }
}

/** Reads the accepted entries of `source` into `into`. @returns `into` */
function read(
  source: unknown,
  into: NamedNumbers,
  accepts: (value: unknown) => value is number,
  what: string,
  expected: string,
  log: Log,
): NamedNumbers {
  if (source === undefined || source === null) return into;
  let keys: readonly string[] = [];
  try {
    if (typeof source === 'object') keys = Object.keys(source);
    else log.debug(`${what}: expected an object, got a ${typeof source}; left out`);
  } catch {
    log.debug(`${what}: it cannot be read; left out`);
  }
  for (let at = 0; at < keys.length && at < maxEntries; at += 1) {
    const key = keys[at] as string; // in range
    const value = entryOf(source, key);
    const name = wireName(key).slice(0, maxNameChars);
    if (accepts(value) && name !== '') {
      into.set(name, value === 0 ? 0 : value);
      continue;
    }
    into.refuse(name);
    if (value === undefined || value === null) continue;
    warnOfNumber(
      typeof value,
      what,
      `${what}: expected ${expected} for ${loggedName(name)}, got ${loggedValue(value)}; left out`,
      log,
    );
  }
  return into;
}

/** A provider's usage also holds values that are no counts; only a number that is left out is worth a warning. */
function warnOfNumber(type: string, cause: string, message: string, log: Log): void {
  if (type === 'number') log.warn(cause, message);
  else log.debug(message);
}

const camelCase = /^[a-z][a-zA-Z0-9]*$/;

/** The backend's name for each key seen; a usage has about ten keys, the same every time. */
const wireNames = new Map<string, string>();
const maxWireNames = 256;

/**
 * `promptTokens` → `prompt_tokens`. A key that is not camelCase stays unchanged, except for characters that the backend cannot
 * store.
 */
function wireName(key: string): string {
  const known = wireNames.get(key);
  if (known !== undefined) return known;
  const clean = cleanText(key);
  const name = camelCase.test(clean) ? snakeCase(clean) : clean;
  if (key.length <= 64 && wireNames.size < maxWireNames) wireNames.set(key, name);
  return name;
}

function snakeCase(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

function json({ names, values }: NamedNumbers): JsonText | undefined {
  if (names.length === 0) return undefined;
  let text = '';
  for (let at = 0; at < names.length; at += 1) {
    text += `${at === 0 ? '{' : ','}${quotedName(names[at] as string)}:${values[at]}`; // in range
  }
  return `${text}}` as JsonText; // clean keys and finite numbers
}

const quotedNames = new Map<string, string>();

/** A name as a JSON string. Not by `keyText`, which remembers names that are no credentials': users may choose any name here. */
function quotedName(name: string): string {
  const known = quotedNames.get(name);
  if (known !== undefined) return known;
  const quoted = quote(name);
  if (name.length <= 64 && quotedNames.size < maxWireNames) quotedNames.set(name, quoted);
  return quoted;
}

function entryOf(source: object, key: string): unknown {
  try {
    return (source as Readonly<Record<string, unknown>>)[key];
  } catch {
    return '[unreadable]';
  }
}

/** Most digits of a number that may be logged; a card's number has more. */
const maxShownDigits = 6;
/** Names that contain no secret. */
const knownNames = /^(?:prompt|completion|total|input|output)(?:_tokens|_cost)?$/;

/** A name for a message: one that may contain a secret is not shown. */
function loggedName(name: string): string {
  return knownNames.test(name) ? name : 'each entry';
}

/** A value for a message: a short number is shown; of anything else, which may be a secret, only its type. */
function loggedValue(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : '';
  return text === '' || text.length > maxShownDigits ? `a ${typeof value}` : text;
}
