import { type Bm25, countEach } from './bm25.js';
import { terms } from './text.js';

/** A sparse tf-idf vector of length 1: term → weight. */
export type Vector = ReadonlyMap<string, number>;

/** Turns a text into its tf-idf vector over the vocabulary of `index`. */
export function vectorOf(text: string, index: Bm25<unknown>): Vector {
  const weights = new Map<string, number>();
  for (const [term, count] of countEach(terms(text))) {
    if (index.has(term)) weights.set(term, (1 + Math.log(count)) * index.idf(term));
  }
  const length = Math.hypot(...weights.values());
  return new Map([...weights].map(([term, weight]) => [term, weight / length]));
}

/** The cosine of two vectors of length 1: 0 nothing in common, 1 the same. */
export function similarity(a: Vector, b: Vector): number {
  const [short, long] = a.size < b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [term, weight] of short) sum += weight * (long.get(term) ?? 0);
  return sum;
}

/**
 * Picks `limit` of the candidates, each close to the query and unlike those picked before.
 *
 * Source: Carbonell, Goldstein: The Use of MMR, Diversity-Based Reranking (1998).
 */
export function pickDiverse<T>(
  candidates: readonly { readonly item: T; readonly vector: Vector; readonly relevance: number }[],
  limit: number,
  weightOfRelevance = 0.75,
): T[] {
  const left = [...candidates];
  const picked: typeof left = [];
  const worth = (each: (typeof left)[number]) => {
    const nearest = Math.max(0, ...picked.map((other) => similarity(each.vector, other.vector)));
    return weightOfRelevance * each.relevance - (1 - weightOfRelevance) * nearest;
  };
  while (picked.length < limit) {
    const next = left.reduce<(typeof left)[number] | undefined>(
      (best, each) => (best === undefined || worth(each) > worth(best) ? each : best),
      undefined,
    );
    if (next === undefined) break;
    picked.push(next);
    left.splice(left.indexOf(next), 1);
  }
  return picked.map(({ item }) => item);
}
