import type { Attributes } from '../wire/any-value.js';

/**
 * Parses a value that is the JSON text of an object, a list or a string. Any other value is returned unchanged, also the text of
 * a number.
 */
export function parsed(value: unknown): unknown {
  return typeof value === 'string' && /^\s*["[{]/.test(value) ? jsonOr(value) : value;
}

/** The value of a JSON text; any other text unchanged. */
export function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The entry of a table for a word that a sender chose; undefined for one that every object has, such as `constructor`. */
export function entryOf<T>(table: Readonly<Record<string, T | undefined>>, word: string): T | undefined {
  return Object.hasOwn(table, word) ? table[word] : undefined;
}

/** The first of the attributes that exists and is not empty. */
export function firstOf(attributes: Attributes, names: readonly string[]): unknown {
  for (const name of names) {
    const value = attributes[name];
    if (value !== undefined && value !== null && value !== '') return value;
  }
  return undefined;
}

export function textOrNone(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
