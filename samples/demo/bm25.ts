/** A document and how well it fits the query; higher is better. */
export interface Hit<T> {
  readonly document: T;
  readonly score: number;
}

interface Entry<T> {
  readonly document: T;
  readonly length: number;
  readonly counts: ReadonlyMap<string, number>;
}

/**
 * Okapi BM25 over any kind of document. `k1` says how soon repeating a term stops to help, `b` how much a long
 * document is held back.
 *
 * Source: Robertson, Zaragoza: The Probabilistic Relevance Framework: BM25 and Beyond (2009), with the idf of
 * Lucene, which never gets negative.
 */
export class Bm25<T> {
  readonly #k1 = 1.2;
  readonly #b = 0.75;
  readonly #entries: Entry<T>[] = [];
  /** Term → the documents that hold it, so that a search reads only those. */
  readonly #postings = new Map<string, Entry<T>[]>();
  readonly #averageLength: number;

  constructor(documents: Iterable<T>, termsOf: (document: T) => readonly string[]) {
    let total = 0;
    for (const document of documents) {
      const terms = termsOf(document);
      const entry = { document, length: terms.length, counts: countEach(terms) };
      total += entry.length;
      this.#entries.push(entry);
      for (const term of entry.counts.keys()) {
        const known = this.#postings.get(term);
        if (known === undefined) this.#postings.set(term, [entry]);
        else known.push(entry);
      }
    }
    this.#averageLength = total / Math.max(1, this.#entries.length);
  }

  get size(): number {
    return this.#entries.length;
  }

  get vocabularySize(): number {
    return this.#postings.size;
  }

  /** How much a term tells: near 0 for one that is everywhere, high for a rare or unknown one. */
  idf(term: string): number {
    const containing = this.#postings.get(term)?.length ?? 0;
    return Math.log(1 + (this.#entries.length - containing + 0.5) / (containing + 0.5));
  }

  has(term: string): boolean {
    return this.#postings.has(term);
  }

  /** The best `limit` documents, best first; documents that hold none of the terms are left out. */
  search(query: readonly string[], limit: number): Hit<T>[] {
    const scores = new Map<Entry<T>, number>();
    for (const term of new Set(query)) {
      const idf = this.idf(term);
      for (const entry of this.#postings.get(term) ?? []) {
        const count = entry.counts.get(term) ?? 0;
        const norm = this.#k1 * (1 - this.#b + (this.#b * entry.length) / this.#averageLength);
        scores.set(entry, (scores.get(entry) ?? 0) + (idf * count * (this.#k1 + 1)) / (count + norm));
      }
    }
    return [...scores]
      .map(([{ document }, score]) => ({ document, score }))
      .sort((a, b) => b.score - a.score)
      .slice(0, limit);
  }
}

/** How often each term occurs. */
export function countEach(terms: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1);
  return counts;
}
