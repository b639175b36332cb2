import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { root } from '../packaging/programs.js';

/** Every page a reader may come to, by path from the top of the repository. */
const pages = new Map(
  ['README.md', 'CONTRIBUTING.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);

/** What a page links to within the project, without the part after `#`. */
function linksOf(path: string): string[] {
  const links = [...(pages.get(path) ?? '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^(https?:|#)/.test(link))
    .map((link) => join(dirname(path), link.replace(/#.*/, '')).split('\\').join('/'));
}

describe('The pages of the documentation', () => {
  it('link only to what is there', () => {
    expect(pages.size).to.be.greaterThan(8);
    const broken = [...pages.keys()].flatMap((path) =>
      linksOf(path)
        .filter((link) => !existsSync(join(root, link)))
        .map((link) => `${path}: ${link}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it('can all be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const path of reached) for (const link of linksOf(path)) if (pages.has(link)) reached.add(link);
    expect([...pages.keys()].filter((path) => !reached.has(path))).to.deep.equal([]);
  });
});
