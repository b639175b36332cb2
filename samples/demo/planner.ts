import { stem, terms } from './text.js';

/** One part of a question, to be researched and answered on its own. */
export interface Part {
  readonly question: string;
  /** Words the documentation may use instead; empty when there are none. */
  readonly hints: string;
}

/** What the agent intends to do about a question. */
export interface Plan {
  readonly parts: readonly Part[];
  /** Symbols of the package the question seems to be about. */
  readonly symbols: readonly string[];
}

/** Words users say, and the words documentation uses for the same. */
const synonyms: Readonly<Record<string, string>> = {
  hide: 'mask redact',
  secret: 'mask sensitive redact value',
  redact: 'mask',
  private: 'mask',
  exception: 'error throw',
  error: 'throw ERROR status',
  fail: 'error throw',
  down: 'outage retry unreachable back-off queue',
  offline: 'outage retry spool',
  outage: 'retry queue spool',
  lose: 'drop deliver flush',
  exit: 'flush shutdown process',
  conversation: 'session',
  customer: 'user',
  price: 'cost',
  token: 'usage prompt completion',
  stream: 'generator chunk first',
  nest: 'parent child tree',
  decorate: 'decorator method',
  disable: 'enabled off',
  test: 'MemorySink record',
  start: 'init key project',
};

const maxParts = 3;
const maxSymbols = 2;

/**
 * Plans by rules instead of a model: the question falls apart at its conjunctions, and what users say is put in the
 * words of the documentation.
 */
export function planAnswer(question: string, knownSymbols: Iterable<string>): Plan {
  const parts = question
    .split(/[?;.]\s*|,?\s+(?:and|but|then|also)\s+(?=\w+\s+\w+)/i)
    .map((part) => part.trim())
    .filter((part) => terms(part).length > 0)
    .slice(0, maxParts)
    .map((part) => ({ question: part, hints: hintsFor(part) }));
  return { parts, symbols: symbolsIn(question, knownSymbols) };
}

/** The synonyms of what is asked, without what is asked already; empty when there are none. */
function hintsFor(question: string): string {
  const asked = new Set(terms(question));
  const byStem = new Map(Object.entries(synonyms).map(([word, others]) => [stem(word), others]));
  const others = [...asked].flatMap((term) => byStem.get(term)?.split(' ') ?? []);
  return [...new Set(others)].filter((word) => !asked.has(stem(word.toLowerCase()))).join(' ');
}

/** Symbols the question names: as they are written, or as a plain word, `masking` for `mask`. */
function symbolsIn(question: string, knownSymbols: Iterable<string>): string[] {
  const words = new Set(question.match(/[\w$]+/g) ?? []);
  const stems = new Set([...words].map((word) => stem(word.toLowerCase())));
  const named = [...new Set(knownSymbols)].filter((symbol) => words.has(symbol) || stems.has(stem(symbol)));
  return named.sort((a, b) => Number(words.has(b)) - Number(words.has(a))).slice(0, maxSymbols);
}
