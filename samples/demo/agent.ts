import { getCurrentSpan, span, withSpan } from 'pandaprobe-ts';
import { chooseQuotes, type Finding, speak } from './answer.js';
import type { Hit } from './bm25.js';
import { collections, type Passage } from './corpus.js';
import type { Library } from './library.js';
import { type Part, type Plan, planAnswer } from './planner.js';
import type { PublicSymbol } from './reference.js';
import { countTokens } from './text.js';
import { pickDiverse, similarity, vectorOf } from './vectors.js';

const hitsPerSearch = 6;
const passagesPerPart = 8;
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
      Promise.all(plan.parts.map((part) => this.research(part))),
      Promise.all(plan.symbols.map((symbol) => this.lookUpSymbol(symbol))),
      this.readManifest(),
    ]);
    const upcoming = await this.#isAboutToChange(version);
    const afterword = [...symbols.map(({ signature, file, line }) => `${file}:${line}  ${signature}`), upcoming];
    yield* this.write(question, found, afterword.join('\n'));
  }

  @span({ kind: 'CHAIN' })
  plan(question: string): Plan {
    return planAnswer(
      question,
      this.#library.symbols.map(({ name }) => name),
    );
  }

  /** Asks every collection at the same time, and keeps the best. */
  @span({ kind: 'CHAIN' })
  async research(part: Part): Promise<Finding> {
    const query = `${part.question} ${part.hints}`;
    const searches = collections.map((collection) =>
      withSpan(`search-${collection}`, { kind: 'RETRIEVER', metadata: { ranking: 'bm25' } }, async (s) => {
        const hits = this.#library.search(collection, query, hitsPerSearch);
        s.setInput({ query, collection }).setOutput({ documents: hits });
        return hits;
      }),
    );
    return { ...part, passages: this.rerank(query, (await Promise.all(searches)).flat()) };
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

  /** Compares tf-idf vectors, so that the answer is not built of passages that all say the same. */
  @span({ kind: 'EMBEDDING', model: 'tf-idf' })
  rerank(query: string, hits: readonly Hit<Passage>[]): Passage[] {
    const { index } = this.#library;
    const wanted = vectorOf(query, index);
    const best = Math.max(...hits.map(({ score }) => score));
    const candidates = hits.map(({ document, score }) => {
      const vector = vectorOf(`${document.title} ${document.text}`, index);
      return { item: document, vector, relevance: (score / best + similarity(wanted, vector)) / 2 };
    });
    const promptTokens = [query, ...hits.map(({ document }) => document.text)].map(countTokens).reduce((a, b) => a + b);
    getCurrentSpan()
      ?.setTokenUsage({ promptTokens, completionTokens: 0 })
      .setMetadata({ vectors: candidates.length + 1, dimensions: index.vocabularySize });
    return pickDiverse(candidates, passagesPerPart);
  }

  /** The step a model would do. */
  @span({
    kind: 'LLM',
    model: 'extractive-1',
    captureInput: false,
    reduce: (chunks: readonly string[]) => ({ messages: [{ role: 'assistant', content: chunks.join('') }] }),
  })
  async *write(question: string, found: readonly Finding[], afterword: string): AsyncGenerator<string> {
    const passages = new Set(found.flatMap((each) => each.passages));
    const context = [...passages].map(({ source, text }) => `${source}: ${text}`).join('\n');
    const messages = [
      { role: 'system', content: `${instruction}\n${context}` },
      { role: 'user', content: question },
    ];
    const current = getCurrentSpan()?.setInput({ messages }).setModelParameters({ max_sentences: 6, temperature: 0 });
    const quotes = chooseQuotes(found, this.#library.index);
    let answer = '';
    for (const chunk of speak(quotes, afterword)) {
      answer += chunk;
      yield chunk;
    }
    const promptTokens = countTokens(messages.map(({ content }) => content).join('\n'));
    const completionTokens = countTokens(answer);
    current?.setTokenUsage({ promptTokens, completionTokens });
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
      return `As of version ${version}; nothing is written about ${next} yet.`;
    }
  }
}
