import type { FilterText, NumberLimit } from '../wire/filter-text.js';
import type { PageRange } from '../wire/query.js';
import type { Database } from './database.js';
import { withSpaces } from './search-text.js';
import type { Cell } from './sqlite.js';

/** Conditions joined by AND, and the values they take in their order. */
export interface Conditions {
  readonly parts: string[];
  readonly values: Cell[];
}

/** A range of row ids of traces, both ends included. */
export interface RowRange {
  readonly low: number;
  readonly high: number;
}

/** Adds a condition and its values. */
export function add({ parts, values }: Conditions, part: string, ...given: Cell[]): void {
  parts.push(part);
  values.push(...given);
}

/** More rows than this are not counted to the end. */
const mostCounted = 1000;
/** Up to this many hits are looked up all at once; more are looked up one by one, as they are needed. */
const fewHits = 3000;

/** Counts matching rows, up to a limit beyond the page. */
export function countUpTo(
  database: Database,
  from: string,
  values: readonly Cell[],
  page: PageRange,
): { readonly total: number; readonly at_least?: true } {
  const most = mostCountedFor(page);
  const sql = `SELECT count(*) AS total FROM (SELECT 1 ${from} LIMIT ${most + 1})`;
  const total = Number(database.prepareOnce(sql).get(...values)?.total);
  return total > most ? { total, at_least: true } : { total };
}

/** How many rows are counted at most for a page. */
export function mostCountedFor({ offset, limit }: PageRange): number {
  return Math.max(mostCounted, offset + limit);
}

/** Whether a query gives few rows. */
export function isFew(database: Database, query: string, values: readonly Cell[], few = fewHits): boolean {
  const sql = `SELECT count(*) AS hits FROM (${query} LIMIT ${few})`;
  return Number(database.prepareOnce(sql).get(...values)?.hits) < few;
}

/** Adds a condition: the text equals one of these exactly, or matches a pattern with `*`, ignoring case. */
export function addExact(conditions: Conditions, column: string, texts: readonly string[] | undefined): void {
  addAny(conditions, texts, (text) =>
    text.includes('*') ? like(column, text) : { part: `${column} = ?`, value: text },
  );
}

/** Adds a condition: the text equals one of these or matches a pattern with `*`, ignoring case. */
export function addText(conditions: Conditions, column: string, texts: readonly string[] | undefined): void {
  addAny(conditions, texts, (text) => like(column, text));
}

/** LIKE ignores the case of ASCII letters only. GLOB takes each other letter as a set of its cases; it is up to three times as slow. */
function like(column: string, text: string) {
  if (!isAscii.test(text)) return { part: `${column} GLOB ?`, value: [...text].map(anyCase).join('') };
  return { part: `${column} LIKE ? ESCAPE '\\'`, value: text.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%') };
}

const isAscii = /^\p{ASCII}*$/u;

/** A character in GLOB's syntax, such as `[üÜ]`; a `*` remains what it is. A case of several characters is none: `ß` is not `SS`. */
function anyCase(char: string): string {
  if (/[[?]/.test(char)) return `[${char}]`;
  // The small sigma has a form of its own at the end of a word.
  const cases = 'Σσς'.includes(char) ? [...'Σσς'] : [char, char.toLowerCase(), char.toUpperCase()];
  const single = new Set(cases.filter((each) => [...each].length === 1));
  return single.size > 1 ? `[${[...single].join('')}]` : char;
}

function addAny(
  conditions: Conditions,
  texts: readonly string[] | undefined,
  of: (text: string) => { readonly part: string; readonly value: Cell },
): void {
  if (texts === undefined || texts.length === 0) return;
  const each = texts.map(of);
  const parts = each.map(({ part }) => part).join(' OR ');
  add(conditions, each.length === 1 ? parts : `(${parts})`, ...each.map(({ value }) => value));
}

/** Adds conditions: the column is within all limits. An unknown value never is. */
export function addLimits(conditions: Conditions, column: string, limits: readonly NumberLimit[] = []): void {
  for (const { operator, value } of limits) add(conditions, `${column} ${operator} ?`, value);
}

/**
 * Adds a condition for traces that have all the words. `key`: the column with the trace's number. `name`: a column that may contain
 * a part of the word.
 */
export function addWords(
  conditions: Conditions,
  words: readonly string[],
  {
    hasWords,
    key,
    name,
    range,
  }: {
    readonly hasWords: boolean;
    readonly key: string;
    readonly name?: string;
    /** The only traces in which the words are looked up. */
    readonly range?: RowRange | undefined;
  },
): void {
  for (const word of words) {
    const { part, values } = hasWords ? indexed(key, word, range) : readThrough(key, word);
    if (name === undefined) add(conditions, part, ...values);
    else add(conditions, `(instr(${name}, ?) > 0 OR ${part})`, word.toLowerCase(), ...values);
  }
}

function indexed(key: string, word: string, range: RowRange | undefined) {
  const match = matchOf(word);
  if (match === '') return { part: 'FALSE', values: [] };
  const within = range === undefined ? '' : ' AND rowid BETWEEN ? AND ?';
  const part = `${key} IN (SELECT rowid FROM search WHERE search MATCH ?${within})`;
  return { part, values: [match, ...(range === undefined ? [] : [range.low, range.high])] };
}

function readThrough(key: string, word: string) {
  const texts = ['request', 'input', 'output', 'metadata'].map((name) => `ifnull(${name}, '')`).join(" || ' ' || ");
  const part = `${key} IN (SELECT trace FROM trace_values WHERE instr(lower(${texts}), ?) > 0
    UNION ALL SELECT trace FROM spans WHERE instr(lower(body), ?) > 0)`;
  return { part, values: [word.toLowerCase(), word.toLowerCase()] };
}

/**
 * The word or phrase in FTS5's syntax; empty if there is none. The last word matches as a prefix, because the user may still be
 * typing.
 */
export function matchOf(words: string): string {
  // Characters other than letters and digits separate words, as in the index.
  const parts = withSpaces(words).match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
  return parts.length === 0 ? '' : `"${parts.join(' ')}" *`;
}

/** Adds conditions on the columns of `steps`. With a `+` in front of a column, SQLite does not use an index on it. */
export function addStepConditions(conditions: Conditions, { texts, limits }: FilterText, before: '' | '+' = ''): void {
  addExact(
    conditions,
    `${before}kind`,
    texts.kind?.map((kind) => kind.toUpperCase()),
  );
  addText(conditions, `${before}model`, texts.model);
  addAny(conditions, texts.error, (text) => {
    return { part: 'instr(folded_error, ?) > 0', value: text.toLowerCase() };
  });
  addLimits(conditions, `${before}latency`, limits.duration);
  addLimits(conditions, `${before}tokens`, limits.tokens);
  addLimits(conditions, `${before}cost`, limits.cost);
}
