import { captureJson } from './capture.js';
import { maxTokens } from './limits.js';
import type { JsonText } from './records.js';
import { cleanText } from './text.js';

/** Most entries that are read; a usage has about ten. */
const maxEntries = 100;
const maxBytes = 64 * 1024;

/**
 * Token usage as a plain object of the wire's form, to be spread over an earlier one: snake_case keys, whole
 * numbers from 0 to 2147483647. Keys may come in camelCase and unknown ones are kept. Other values are left
 * out, each with a debug line: one such value breaks the backend's trace list.
 */
export function tokenUsage(usage: unknown, debug: (message: string) => void): Readonly<Record<string, number>> {
  return numbers(usage, isTokenCount, 'token usage', `a whole number from 0 to ${maxTokens}`, debug);
}

/** {@link tokenUsage} as JSON text; undefined when nothing is left of it. */
export function tokenUsageJson(usage: unknown, debug: (message: string) => void): JsonText | undefined {
  return json(tokenUsage(usage, debug));
}

/**
 * Cost as a plain object of the wire's form: snake_case keys, finite numbers from 0 up. Other values are left
 * out, each with a debug line: the backend refuses the whole trace for one of them.
 */
export function cost(amounts: unknown, debug: (message: string) => void): Readonly<Record<string, number>> {
  return numbers(amounts, isAmount, 'cost', 'a finite number from 0 up', debug);
}

/** {@link cost} as JSON text; undefined when nothing is left of it. */
export function costJson(amounts: unknown, debug: (message: string) => void): JsonText | undefined {
  return json(cost(amounts, debug));
}

function isTokenCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxTokens;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/**
 * Numbers by name. Nothing is inherited, so a key such as `__proto__` is a key like any other; and other than an
 * `Object.create(null)` it is no hash table, which costs three times as much to fill and list.
 */
const Numbers = function Numbers() {} as unknown as new () => Record<string, number>; // by its prototype below
Numbers.prototype = Object.create(null);

function numbers(
  source: unknown,
  accepts: (value: unknown) => value is number,
  what: string,
  expected: string,
  debug: (message: string) => void,
): Readonly<Record<string, number>> {
  const result = new Numbers();
  if (source === undefined || source === null) return result;
  if (typeof source !== 'object') {
    debug(`${what}: expected an object, got a ${typeof source}; left out`);
    return result;
  }
  let keys: readonly string[];
  try {
    keys = Object.keys(source);
  } catch {
    debug(`${what}: it cannot be read; left out`);
    return result;
  }
  for (const key of keys.slice(0, maxEntries)) {
    const value = read(source, key);
    const name = wireName(key);
    if (value === undefined || value === null) continue;
    if (name !== '' && accepts(value)) result[name] = value === 0 ? 0 : value;
    else debug(`${what}: expected ${expected} for ${name}, got ${show(value)}; left out`);
  }
  return result;
}

const camelCase = /^[a-z][a-zA-Z0-9]*$/;

/** Wire names by the key they came as; a usage has about ten, the same every time. */
const wireNames = new Map<string, string>();
const maxWireNames = 256;

/** `promptTokens` → `prompt_tokens`. A key that is not camelCase stays as it is, but for what the backend cannot hold. */
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

function json(entries: Readonly<Record<string, number>>): JsonText | undefined {
  return Object.keys(entries).length === 0 ? undefined : captureJson(entries, { maxBytes });
}

function read(source: object, key: string): unknown {
  try {
    return (source as Readonly<Record<string, unknown>>)[key];
  } catch {
    return '[unreadable]';
  }
}

/** The value of a number, the type of anything else: a text might be a secret. */
function show(value: unknown): string {
  return typeof value === 'number' ? String(value) : `a ${typeof value}`;
}
