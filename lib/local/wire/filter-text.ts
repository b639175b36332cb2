import { SpanKind, SpanStatusCode, TraceStatus } from '../../model/kinds.js';
import type { Issues } from './issues.js';

/** Compares a number with a limit. */
export interface NumberLimit {
  readonly operator: '<' | '<=' | '>' | '>=' | '=';
  readonly value: number;
}

/** A parsed filter such as `kind:llm duration:>2s "card declined"`; absent fields select all. */
export interface FilterText {
  /** Words and phrases that must all be in the trace. */
  readonly words: readonly string[];
  /** For each key, words or patterns with `*`; one of them must match. */
  readonly texts: Readonly<Partial<Record<TextKey, readonly string[]>>>;
  readonly tags: readonly string[];
  /** For each key, limits that must all hold. Duration in milliseconds, cost in dollars. */
  readonly limits: Readonly<Partial<Record<LimitKey, readonly NumberLimit[]>>>;
}

const textKeys = ['kind', 'model', 'status', 'release', 'env', 'user', 'session', 'name', 'error'] as const;
const limitKeys = ['duration', 'tokens', 'cost', 'spans'] as const;
type TextKey = (typeof textKeys)[number];
type LimitKey = (typeof limitKeys)[number];

const kinds: readonly string[] = Object.keys(SpanKind).map((kind) => kind.toLowerCase());
/** Statuses of traces and of spans. */
const statuses: readonly string[] = [...new Set([...Object.keys(TraceStatus), ...Object.keys(SpanStatusCode)])].map(
  (status) => status.toLowerCase(),
);

/** The units of durations, in milliseconds, and of all other numbers. */
const durationUnits: Units = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000 };
const countUnits: Units = { k: 1000 };
type Units = Readonly<Record<string, number>>;

/**
 * Parses a filter. If a key is given more than once, one of its values must match; but all values of `tag` must be there, and all
 * limits must hold. A word with an unknown key, such as a URL, is searched as a word.
 */
export function readFilterText(text: string, issues: Issues): FilterText {
  const words: string[] = [];
  const texts: Partial<Record<TextKey, string[]>> = {};
  const tags: string[] = [];
  const limits: Partial<Record<LimitKey, NumberLimit[]>> = {};
  for (const [, key, quoted, plain] of text.matchAll(/(?:([a-z]+):(?=\S))?(?:"([^"]*)"?|(\S+))/gi)) {
    const value = quoted ?? plain ?? '';
    const name = key?.toLowerCase() ?? 'text';
    if (value === '') continue;
    if (name === 'text') words.push(value);
    else if (name === 'tag') tags.push(value);
    else if (isOneOf(textKeys, name)) {
      const fault = valueFault(name, value);
      if (fault !== undefined) issues.add('query', 'filter', fault);
      texts[name] = [...(texts[name] ?? []), value];
    } else if (isOneOf(limitKeys, name)) {
      const limit = readLimit(value, name === 'duration' ? durationUnits : countUnits);
      if (limit !== undefined) limits[name] = [...(limits[name] ?? []), limit];
      else
        issues.add(
          'query',
          'filter',
          `${name}:${value} should be a number such as ${name}:>${name === 'duration' ? '2s' : '100'}`,
        );
    } else words.push(`${key}:${value}`);
  }
  return { words, texts, tags, limits };
}

/** The fault of a value for a key that has only a few values; patterns are always allowed. */
function valueFault(name: TextKey, value: string): string | undefined {
  const known = name === 'kind' ? kinds : name === 'status' ? statuses : undefined;
  if (known === undefined || value.includes('*') || known.includes(value.toLowerCase())) return undefined;
  return `${name}:${value} is not known; use ${known.slice(0, -1).join(', ')} or ${known.at(-1)}`;
}

function readLimit(text: string, units: Units): NumberLimit | undefined {
  const [, operator = '', digits = '', unit = ''] = /^([<>]=?|=)?\$?(\d+(?:\.\d+)?)([a-z]*)$/i.exec(text) ?? [];
  const factor = unit === '' ? 1 : units[unit.toLowerCase()];
  if (digits === '' || factor === undefined) return undefined;
  // Without a sign it means "at least", because nobody looks for exactly 2 seconds.
  return { operator: operator === '' ? '>=' : (operator as NumberLimit['operator']), value: Number(digits) * factor };
}

function isOneOf<T extends string>(keys: readonly T[], key: string): key is T {
  return (keys as readonly string[]).includes(key);
}
