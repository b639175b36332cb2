import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { attachments } from '../../lib/auto/attachments.js';
import { knownPackages } from '../../lib/common/known-packages.js';
import { root } from '../support/user-project.js';

const pages = { wrappers: 'docs/wrappers.md', integrations: 'docs/integrations.md' } as const;

/** The first table of a page, and the packages with versions in it, such as `openai` 4 to 7. */
function toldOn(page: string): readonly string[] {
  const table =
    readFileSync(join(root, page), 'utf8')
      .split(/\n\n(?=\|)/)[1]
      ?.split('\n\n')[0] ?? '';
  const told = [...table.matchAll(/`([@\w/-]+)` (\d[\d.x]*(?: (?:to|and) \d[\d.x]*)*)/g)].map(
    ([, name, versions]) => `${name} ${versions}`,
  );
  return [...new Set(told)];
}

describe('The versions of packages', () => {
  for (const [kind, page] of Object.entries(pages)) {
    it(`are those of the first table of ${page}`, () => {
      const known = knownPackages.filter(({ entry }) => entry.startsWith(kind));
      expect(toldOn(page)).to.have.members(known.map(({ name, versions }) => `${name} ${versions}`));
    });
  }

  it('that are recorded without code are those of docs/auto.md', () => {
    const rows = [...readFileSync(join(root, 'docs/auto.md'), 'utf8').matchAll(/^\| `([\w-]+)` \| .* \| (.*) \|$/gm)];
    const told = rows.flatMap(([, id, versions = '']) => versions.split(', ').map((each) => `${id} ${each}`));
    const attached = attachments.map(({ id, versions }) => `${id} ${versions}`);
    expect(new Set(told)).to.deep.equal(new Set(attached));
  });
});
