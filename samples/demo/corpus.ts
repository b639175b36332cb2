import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readMarkdown } from './markdown.js';
import type { PublicSymbol } from './reference.js';

/** Where an answer may come from: how to use the package, what each symbol does, how the project is run. */
export const collections = ['guide', 'reference', 'project'] as const;
/** One of the three. */
export type Collection = (typeof collections)[number];

/** A piece of the documentation small enough to quote. */
export interface Passage {
  readonly collection: Collection;
  /** `README.md, Settings` or `lib/model/sink.ts:12, FlushOptions`. */
  readonly source: string;
  /** Headings or symbol: counts for the ranking, is not quoted. */
  readonly title: string;
  readonly text: string;
}

/** Reads `README.md` and everything in `docs/`. */
export async function readGuide(root: string): Promise<Passage[]> {
  const pages = await readdir(join(root, 'docs')).catch(() => []);
  const files = ['README.md', ...pages.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
  return readMarkdownFiles(root, files, 'guide');
}

/** Reads the changelog and the contributing guide. */
export async function readProject(root: string): Promise<Passage[]> {
  return readMarkdownFiles(root, ['CHANGELOG.md', 'CONTRIBUTING.md'], 'project');
}

/** The comments of the public symbols as passages. */
export function describeSymbols(symbols: readonly PublicSymbol[]): Passage[] {
  return symbols
    .filter(({ text }) => text !== '')
    .map(({ name, container, file, line, text }) => {
      const title = container === undefined ? name : `${container}.${name}`;
      return { collection: 'reference', source: `${file}:${line}, ${title}`, title, text };
    });
}

/** Files that are not there are not missed. */
async function readMarkdownFiles(root: string, files: readonly string[], collection: Collection): Promise<Passage[]> {
  const passages = files.map(async (file) => {
    const blocks = readMarkdown(await readFile(join(root, file), 'utf8').catch(() => ''));
    return blocks.map(({ headings, text }) => ({
      collection,
      source: [file, ...headings.slice(1).slice(-1)].join(', '),
      title: headings.slice(1).join(' '),
      text,
    }));
  });
  return (await Promise.all(passages)).flat();
}
