import type { FilterText, Limit } from '../wire/filter-text.js';
import type { Cell } from './sqlite.js';

/** Conditions joined by AND, and the values they take in their order. */
export interface Conditions {
  readonly parts: string[];
  readonly values: Cell[];
}

/** Adds a condition and its values. */
export function add({ parts, values }: Conditions, part: string, ...given: Cell[]): void {
  parts.push(part);
  values.push(...given);
}

/** A text that is equal in any case, or fits a pattern with `*`. */
export function addText(conditions: Conditions, column: string, text: string | undefined): void {
  if (text === undefined) return;
  const pattern = text.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%');
  add(conditions, `${column} LIKE ? ESCAPE '\\'`, pattern);
}

/** A number within a limit; what is not known is not. */
export function addLimit(conditions: Conditions, column: string, limit: Limit | undefined): void {
  if (limit !== undefined) add(conditions, `${column} ${limit.operator} ?`, limit.value);
}

/** Traces that hold all the words. `key` is the column with the number of the trace, `name` one that may have a part of the word. */
export function addWords(
  conditions: Conditions,
  words: readonly string[],
  hasWords: boolean,
  key: string,
  name?: string,
): void {
  for (const word of words) {
    const { part, values } = hasWords ? indexed(key, word) : readThrough(key, word);
    if (name === undefined) add(conditions, part, ...values);
    else add(conditions, `(instr(${name}, ?) > 0 OR ${part})`, word.toLowerCase(), ...values);
  }
}

function indexed(key: string, word: string) {
  const match = matchOf(word);
  if (match === '') return { part: 'FALSE', values: [] };
  return { part: `${key} IN (SELECT rowid FROM search WHERE search MATCH ?)`, values: [match] };
}

function readThrough(key: string, word: string) {
  const texts = ['request', 'input', 'output', 'metadata'].map((name) => `ifnull(${name}, '')`).join(" || ' ' || ");
  const part = `${key} IN (SELECT trace FROM trace_values WHERE instr(lower(${texts}), ?) > 0
    UNION ALL SELECT trace FROM spans WHERE instr(lower(body), ?) > 0)`;
  return { part, values: [word.toLowerCase(), word.toLowerCase()] };
}

/** The word or phrase for FTS5. The last word may go on: one may still be typing. */
function matchOf(words: string): string {
  // What is neither letter nor digit parts words, as in the index.
  const parts = words.match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  return parts.length === 0 ? '' : `"${parts.join(' ')}" *`;
}

/** Conditions on the columns of `steps`. */
export function addStepConditions(conditions: Conditions, { texts, limits }: FilterText): void {
  addText(conditions, 'kind', texts.kind?.toUpperCase());
  addText(conditions, 'model', texts.model);
  if (texts.error !== undefined) add(conditions, "instr(lower(ifnull(error, '')), ?) > 0", texts.error.toLowerCase());
  addLimit(conditions, 'latency', limits.duration);
  addLimit(conditions, 'tokens', limits.tokens);
  addLimit(conditions, 'cost', limits.cost);
}
