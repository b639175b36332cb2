import { expect } from 'chai';
import { root } from '../../support/local-server.js';
import { type Fields, trace, useViewer } from './viewer.js';

describe('Viewer: comparing', () => {
  const viewer = useViewer();

  it('offers the runs of the same name, even if the name has quotes', async () => {
    const name = 'say "hi" to * all';
    const id = await viewer.send(trace(name));
    for (const other of [name, 'say hi to * all', 'SAY "HI" TO * ALL']) await viewer.send(trace(other));
    const page = await viewer.open(`#/compare/${id}`);
    await page.getByRole('heading', { name: `Compare ${name} with` }).waitFor();
    expect(await page.locator('.runs li a').allTextContents()).to.satisfy(
      ([first = '', ...others]: string[]) => first.endsWith(` ${name}`) && others.length === 0,
    );
  });

  it('pairs steps, however many there are below one', async () => {
    // A file of the page: types.spec.ts looks after its types.
    const { alignTrees } = (await import(`${root}/lib/local/viewer/compare/align.js`)) as {
      readonly alignTrees: (one: Fields, other: Fields) => { readonly left?: Fields; readonly right?: Fields }[];
    };
    const tree = (names: readonly string[]) => ({
      ...{ name: 'run', kind: 'TRACE' },
      children: names.map((each) => ({ name: each, kind: 'TOOL', children: [] })),
    });
    const names = Array.from({ length: 2500 }, (_, at) => `step ${at}`);
    const other = ['new at the start', ...names.filter((_, at) => at % 100 !== 50)];
    const pairs = alignTrees(tree(names), tree(other));
    const count = (is: (pair: (typeof pairs)[number]) => boolean) => pairs.filter(is).length;
    expect([
      count(({ left, right }) => left !== undefined && right !== undefined),
      count(({ right }) => right === undefined),
      count(({ left }) => left === undefined),
    ]).to.deep.equal([2476, 25, 1]);
  });
});
