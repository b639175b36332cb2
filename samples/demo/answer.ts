import type { Bm25 } from './bm25.js';
import type { Passage } from './corpus.js';
import type { Part } from './planner.js';
import { sentences, terms } from './text.js';

/** A sentence taken from the documentation, word for word; one of a comment begins with its symbol. */
export interface Quote {
  readonly text: string;
  readonly source: string;
}

/** A part of the question with the passages found for it, best first. */
export interface Finding extends Part {
  readonly passages: readonly Passage[];
}

const maxQuotes = 6;
const maxQuotesPerPart = 4;
/** A term that an earlier quote holds already is worth this much. */
const worthOfRepetition = 0.3;
/** A term that stands in the passage's title only, or that the planner brought in. */
const worthOfHint = 0.5;
/** A quote that is worth less than this part of the best one is left out. */
const leastWorth = 0.15;

interface Candidate {
  readonly quote: Quote;
  readonly order: number;
  readonly trust: number;
  readonly own: ReadonlySet<string>;
  readonly title: ReadonlySet<string>;
}

/** Picks the sentences that answer each part best, and keeps them in the order of the parts. */
export function chooseQuotes(found: readonly Finding[], index: Bm25<unknown>): Quote[] {
  const limit = Math.min(maxQuotesPerPart, Math.ceil(maxQuotes / found.length));
  const chosen = new Map<string, Quote>();
  for (const finding of found) {
    const fresh = candidatesOf(finding.passages).filter(({ quote }) => !chosen.has(quote.text));
    for (const { quote } of cover(finding, fresh, limit, index)) chosen.set(quote.text, quote);
  }
  return [...chosen.values()];
}

/** The candidates that together cover the question best, greedily: each time the one that adds most. */
function cover({ question, hints }: Part, candidates: Candidate[], limit: number, index: Bm25<unknown>): Candidate[] {
  const weights = new Map<string, number>();
  for (const term of terms(hints)) weights.set(term, worthOfHint * index.idf(term));
  for (const term of terms(question)) weights.set(term, index.idf(term));

  const covered = new Set<string>();
  const worth = ({ own, title, trust }: Candidate) => {
    let sum = 0;
    for (const [term, weight] of weights) {
      const share = own.has(term) ? 1 : title.has(term) ? worthOfHint : 0;
      sum += share * weight * (covered.has(term) ? worthOfRepetition : 1);
    }
    return sum * trust;
  };

  const chosen: Candidate[] = [];
  let worthOfFirst = 0;
  while (chosen.length < limit) {
    const left = candidates.filter((each) => !chosen.includes(each));
    const [best] = left.sort((a, b) => worth(b) - worth(a));
    if (best === undefined || worth(best) <= worthOfFirst * leastWorth) break;
    if (chosen.length === 0) worthOfFirst = worth(best);
    chosen.push(best);
    for (const term of best.own) covered.add(term);
  }
  return chosen.sort((a, b) => a.order - b.order);
}

function candidatesOf(passages: readonly Passage[]): Candidate[] {
  return passages.flatMap(({ collection, text, title, source }, rank) =>
    sentences(text)
      .filter((sentence) => /\w+\W+\w+\W+\w+/.test(sentence) && !sentence.endsWith(':'))
      .map((sentence, position) => ({
        // A comment speaks of its symbol without naming it.
        quote: { text: collection === 'reference' ? `${title}: ${sentence}` : sentence, source },
        order: rank * 1000 + position,
        // A passage ranked first is likelier to be meant; a short sentence says less than its few words make believe.
        trust: (sentence.length < 40 ? 0.7 : 1) / (1 + rank / 10) / (1 + Math.log1p(sentence.length / 200)),
        own: new Set(terms(sentence)),
        title: new Set(terms(title)),
      })),
  );
}

/** The quotes as one text with numbered sources, word by word. */
export function* speak(quotes: readonly Quote[], afterword: string): Generator<string> {
  const sources = [...new Set(quotes.map(({ source }) => source))];
  const lines = quotes.map(({ text, source }) => `${text} [${sources.indexOf(source) + 1}]`);
  const notes = sources.map((source, at) => `[${at + 1}] ${source}`);
  const text = quotes.length === 0 ? 'The documentation says nothing about that.' : lines.join('\n');
  yield* `${[text, notes.join('\n'), afterword].filter((part) => part !== '').join('\n\n')}\n`.match(/\S+\s*/g) ?? [];
}

/** How much of what was asked the answer speaks of: 0 nothing, 1 every word, rare words counting more. */
export function coverage(question: string, answer: string, index: Bm25<unknown>): number {
  const said = new Set(terms(answer));
  let asked = 0;
  let met = 0;
  for (const term of new Set(terms(question))) {
    const weight = index.idf(term);
    asked += weight;
    if (said.has(term)) met += weight;
  }
  return asked === 0 ? 0 : Math.round((met / asked) * 100) / 100;
}
