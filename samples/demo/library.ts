import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withSpan } from 'pandaprobe-ts';
import { Bm25, type Hit } from './bm25.js';
import { type Collection, describeSymbols, type Passage, readGuide, readProject } from './corpus.js';
import { type PublicSymbol, readReference } from './reference.js';
import { terms } from './text.js';

/** The project's documentation, ready to be searched. */
export class Library {
  readonly #root: string;
  readonly #shelves: Readonly<Record<Collection, Bm25<Passage>>>;
  /** All passages together: what a term is worth is asked here. */
  readonly index: Bm25<Passage>;
  readonly symbols: readonly PublicSymbol[];

  private constructor(
    root: string,
    passages: Readonly<Record<Collection, readonly Passage[]>>,
    symbols: readonly PublicSymbol[],
  ) {
    const { guide, reference, project } = passages;
    this.#root = root;
    this.#shelves = { guide: indexOf(guide), reference: indexOf(reference), project: indexOf(project) };
    this.index = indexOf([...guide, ...reference, ...project]);
    this.symbols = symbols;
  }

  /** Reads every file below `root` that documents the project. */
  static async read(root: string): Promise<Library> {
    const [guide, symbols, project] = await Promise.all([
      withSpan('read-guide', () => readGuide(root)),
      withSpan('read-reference', () => readReference(root)),
      withSpan('read-project', () => readProject(root)),
    ]);
    return new Library(root, { guide, reference: describeSymbols(symbols), project }, symbols);
  }

  /** How many passages each collection holds. */
  get sizes(): Readonly<Record<Collection, number>> {
    const { guide, reference, project } = this.#shelves;
    return { guide: guide.size, reference: reference.size, project: project.size };
  }

  search(collection: Collection, query: string, limit: number): Hit<Passage>[] {
    return this.#shelves[collection].search(terms(query), limit);
  }

  /** An export of this name, or else a member. @throws when there is neither */
  findSymbol(name: string): PublicSymbol {
    const named = this.symbols.filter((each) => each.name === name);
    const found = named.find(({ container }) => container === undefined) ?? named[0];
    if (found === undefined) throw new Error(`lib/index.ts exports nothing named ${name}`);
    return found;
  }

  /** @throws when the changelog has no entry for this version */
  async readReleaseNotes(version: string): Promise<string> {
    const changelog = await readFile(join(this.#root, 'CHANGELOG.md'), 'utf8');
    const entries = changelog.split(/^## /m).slice(1);
    const found = entries.find((entry) => entry.split('\n', 1)[0]?.includes(version));
    if (found === undefined) throw new Error(`CHANGELOG.md has no entry for ${version}`);
    return found.trim();
  }

  async readManifest(): Promise<{ readonly name: string; readonly version: string; readonly node: string }> {
    const manifest: unknown = JSON.parse(await readFile(join(this.#root, 'package.json'), 'utf8'));
    const { name, version, engines } = manifest as { name: string; version: string; engines: { node: string } }; // our own file
    return { name, version, node: engines.node };
  }
}

/** A title counts like text: a passage under `Masking` is about masking though it may not say so. */
function indexOf(passages: readonly Passage[]): Bm25<Passage> {
  return new Bm25(passages, ({ title, text }) => [...terms(title), ...terms(text)]);
}
