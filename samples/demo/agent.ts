import { getCurrentSpan, span, withSpan } from 'pandaprobe-ts';
import { chooseQuotes, speak } from './answer.js';
import type { Hit } from './bm25.js';
import { collections, type Passage } from './corpus.js';
import type { Library } from './library.js';
import { type Plan, planAnswer } from './planner.js';
import { priceOf } from './price.js';
import type { PublicSymbol } from './reference.js';
import { countTokens } from './text.js';
import { pickDiverse, similarity, vectorOf } from './vectors.js';

const hitsPerSearch = 6;
const passagesPerAnswer = 10;
const instruction = 'Answer with sentences of the documentation only, and name their sources.';

/** Answers questions about this project from its own documentation, with no model and no network. */
export class DocsAgent {
  readonly #library: Library;

  constructor(library: Library) {
    this.#library = library;
  }

  /** Gives the answer in chunks, as a model would. */
  async *answer(question: string): AsyncGenerator<string> {
    const plan = this.plan(question);
    const [found, symbols, version] = await Promise.all([
      Promise.all([...plan.questions, plan.hints].filter((query) => query !== '').map((query) => this.research(query))),
      Promise.all(plan.symbols.map((symbol) => this.lookUpSymbol(symbol))),
      this.readManifest(),
    ]);
    const passages = await this.rerank(question, found.flat());
    const upcoming = await this.#isAboutToChange(version);
    const afterword = [...symbols.map(({ signature, file, line }) => `${file}:${line}  ${signature}`), upcoming];
    yield* this.write(question, plan, passages, afterword.join('\n'));
  }

  @span({ kind: 'CHAIN' })
  plan(question: string): Plan {
    return planAnswer(
      question,
      this.#library.symbols.map(({ name }) => name),
    );
  }

  /** Asks every collection at the same time. */
  @span({ kind: 'CHAIN' })
  async research(query: string): Promise<Hit<Passage>[]> {
    const searches = collections.map((collection) =>
      withSpan(`search-${collection}`, { kind: 'RETRIEVER', metadata: { ranking: 'bm25' } }, async (s) => {
        const hits = this.#library.search(collection, query, hitsPerSearch);
        s.setInput({ query, collection }).setOutput({ documents: hits });
        return hits;
      }),
    );
    return (await Promise.all(searches)).flat();
  }

  @span({ kind: 'TOOL' })
  async lookUpSymbol(name: string): Promise<PublicSymbol> {
    return this.#library.findSymbol(name);
  }

  @span({ kind: 'TOOL' })
  async readManifest(): Promise<string> {
    return (await this.#library.readManifest()).version;
  }

  @span({ kind: 'TOOL' })
  async readReleaseNotes(version: string): Promise<string> {
    return this.#library.readReleaseNotes(version);
  }

  /** Compares tf-idf vectors, so that the answer is not built of ten passages that say the same. */
  @span({ kind: 'EMBEDDING', model: 'tf-idf' })
  async rerank(question: string, hits: readonly Hit<Passage>[]): Promise<Passage[]> {
    const { index } = this.#library;
    const passages = [...new Set(hits.map(({ document }) => document))];
    const best = Math.max(1e-9, ...hits.map(({ score }) => score));
    const wanted = vectorOf(question, index);
    const candidates = passages.map((item) => {
      const vector = vectorOf(`${item.title} ${item.text}`, index);
      const rank = Math.max(...hits.filter(({ document }) => document === item).map(({ score }) => score)) / best;
      return { item, vector, relevance: (rank + similarity(wanted, vector)) / 2 };
    });
    const promptTokens = [question, ...passages.map(({ text }) => text)].reduce(
      (sum, each) => sum + countTokens(each),
      0,
    );
    getCurrentSpan()
      ?.setTokenUsage({ promptTokens, completionTokens: 0 })
      .setCost(priceOf('tf-idf', promptTokens, 0))
      .setMetadata({ vectors: passages.length + 1, dimensions: index.vocabularySize });
    return pickDiverse(candidates, passagesPerAnswer);
  }

  /** The step a model would do. */
  @span({
    kind: 'LLM',
    model: 'extractive-1',
    captureInput: false,
    reduce: (chunks: readonly string[]) => ({ messages: [{ role: 'assistant', content: chunks.join('') }] }),
  })
  async *write(question: string, plan: Plan, passages: readonly Passage[], afterword: string): AsyncGenerator<string> {
    const context = passages.map(({ source, text }) => `${source}: ${text}`).join('\n');
    const messages = [
      { role: 'system', content: `${instruction}\n${context}` },
      { role: 'user', content: question },
    ];
    const current = getCurrentSpan()?.setInput({ messages }).setModelParameters({ max_sentences: 6, temperature: 0 });
    const quotes = chooseQuotes(plan, passages, this.#library.index);
    let answer = '';
    for (const chunk of speak(quotes, afterword)) {
      answer += chunk;
      yield chunk;
    }
    const promptTokens = countTokens(messages.map(({ content }) => content).join('\n'));
    const completionTokens = countTokens(answer);
    current
      ?.setTokenUsage({ promptTokens, completionTokens })
      .setCost(priceOf('extractive-1', promptTokens, completionTokens));
  }

  /** The notes of the next release are rarely written yet: that is no reason not to answer. */
  async #isAboutToChange(version: string): Promise<string> {
    const next = version.replace(
      /^(\d+)\.(\d+).*/,
      (_, major: string, minor: string) => `${major}.${Number(minor) + 1}.0`,
    );
    try {
      return `Next release: ${await this.readReleaseNotes(next)}`;
    } catch {
      return `True of version ${version}; nothing is written about ${next} yet.`;
    }
  }
}
