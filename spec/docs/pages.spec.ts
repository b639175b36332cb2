import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { known } from '../packaging/versions/known.js';
import { root } from '../support/user-project.js';
import { anchorsOf } from './headings.js';

/** Every page a reader may come to, by path from the top of the repository. */
const pages = new Map(
  ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...filesBelow('docs')]
    .filter((path) => path.endsWith('.md'))
    .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
);

function filesBelow(folder: string): string[] {
  const paths = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return paths.map((path) => join(folder, path).replaceAll('\\', '/'));
}

/** What a page links to within the project, without the part after `#`. */
function linksOf(path: string): string[] {
  const links = [...(pages.get(path) ?? '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^(https?:|#)/.test(link))
    .map((link) => join(dirname(path), link.replace(/#.*/, '')).split('\\').join('/'));
}

describe('The pages of the documentation', () => {
  it('link only to files that exist', () => {
    expect(pages.size).to.be.greaterThan(8);
    const broken = [...pages.keys()].flatMap((path) =>
      linksOf(path)
        .filter((link) => !existsSync(join(root, link)))
        .map((link) => `${path}: ${link}`),
    );
    expect(broken).to.deep.equal([]);
  });

  it('link only to headings and anchors that exist', () => {
    const broken = [...pages].flatMap(([path, text]) =>
      [...text.matchAll(/\]\(([^)\s#]*)#([^)\s]+)\)/g)]
        .filter(([, link = '']) => !/^https?:/.test(link))
        .filter(([, link = '', anchor = '']) => {
          const target = link === '' ? path : join(dirname(path), link).replaceAll('\\', '/');
          return !anchorsOf(pages.get(target) ?? '').has(anchor);
        })
        .map(([link]) => `${path}: ${link}`),
    );
    expect(broken).to.deep.equal([]);
  });

  // Every forge shows CONTRIBUTING.md by itself; the README, which is packed, names it without a link.
  it('can all be reached from the README or, those for maintainers, from CONTRIBUTING.md', () => {
    expect(pages.get('README.md')).to.include('`CONTRIBUTING.md`');
    const reached = new Set(['README.md', 'CONTRIBUTING.md']);
    for (const path of reached) for (const link of linksOf(path)) if (pages.has(link)) reached.add(link);
    expect([...pages.keys()].filter((path) => !reached.has(path))).to.deep.equal([]);
  });

  it('name all tested versions of clients, and no other', () => {
    const rows = (pages.get('docs/wrappers.md') ?? '').matchAll(/^\| `([^`]+)` \| (\d+\.\d[\d., ]+) \|$/gm);
    const told = Object.fromEntries([...rows].map(([, name, versions = '']) => [name, versions.split(', ')]));
    const tried = Object.values(known).map(({ package: name, versions }) => [name, versions] as const);
    expect(told).to.deep.equal(Object.fromEntries(tried));
  });
});
