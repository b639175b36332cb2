import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { entries, exportedNames } from '../support/exported-names.js';
import { root } from '../support/user-project.js';

const folder = join(root, 'docs/api');
const pages = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.md') && path !== 'README.md')
  .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(join(folder, path), 'utf8') }));

/** What the pages that `isAsked` picks say of each name: all that stands under its heading. */
function sections(isAsked: (path: string) => boolean): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, text } of pages) {
    if (!isAsked(path)) continue;
    for (const part of text.split(/^### /m).slice(1)) {
      const [heading = '', ...lines] = part.split('\n');
      // A deprecated name is struck through.
      const name = heading.replace(/\\|~~/g, '').replace('()', '');
      // A constant and the type of its values go by one name.
      found.set(name, `${found.get(name) ?? ''}\n${lines.join('\n')}`);
    }
  }
  return found;
}

/** The sentences among headings, tables and code. */
function prose(section: string): string {
  // Overloads share what stands with the first.
  const [first = ''] = section
    .replace(/```[\s\S]*?```/g, '')
    .replace('#### Call Signature\n', '')
    .split(/\n(?=#)/);
  return first.replaceAll('***', '').trim();
}

describe('The API reference', () => {
  // One is imported for what it does, and exports nothing.
  for (const { entry, source } of entries().filter((each) => each.entry !== 'pandaprobe-ts/auto')) {
    it(`describes every name that ${entry} exports, and no other`, () => {
      const pageOf = (subpath: string) => `${subpath.replace('pandaprobe-ts/', '')}.md`;
      const others = entries().map((other) => pageOf(other.entry));
      const told = sections((path) => (entry === 'pandaprobe-ts' ? !others.includes(path) : path === pageOf(entry)));
      const names = exportedNames(source);
      expect(names.length).to.be.greaterThan(2);
      expect(names.filter((name) => prose(told.get(name) ?? '') === '')).to.deep.equal([]);
      expect([...told.keys()].filter((name) => !names.includes(name))).to.deep.equal([]);
    });
  }

  it('has parameters, result and an example for every function', () => {
    const lacking = pages.flatMap(({ path, text }) => {
      const functions = /^## Functions\n([\s\S]*?)(?=^## |(?![\s\S]))/m.exec(text)?.[1] ?? '';
      return functions
        .split(/^### /m)
        .slice(1)
        .filter((part) => !/^#{4,5} Returns$/m.test(part) || !/^#{4,5} Example$/m.test(part))
        .map((part) => `${path}: ${part.split('\n')[0]}`);
    });
    expect(lacking).to.deep.equal([]);
  });

  it('shows no private member and no path of the machine that made it', () => {
    const stray = pages.flatMap(({ path, text }) =>
      [...text.matchAll(/^#+ #\w+|@internal|file:\/\/|\/(?:home|tmp|Users)\/.*/gm)].map(
        ([found]) => `${path}: ${found}`,
      ),
    );
    expect(stray).to.deep.equal([]);
  });
});
