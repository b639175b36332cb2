import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { typeErrors } from '../support/tsc.js';
import { runNode, userProject } from '../support/user-project.js';
import { type Dialect, dialects } from './compilers.js';

const here = fileURLToPath(new URL('.', import.meta.url));

/** Wrong places for a decorator, each on the second line. */
const misuses: Readonly<Record<string, string>> = {
  '@span on a field': 'export class A { \n@span field = 1; }',
  '@span() on a field': "export class A { \n@span({ kind: 'TOOL' }) field = 1; }",
  '@trace on a field that holds a function': 'export class A { \n@trace field = () => 1; }',
  '@span on a static field': 'export class A { \n@span static field = 1; }',
  '@span on a getter': 'export class A { \n@span get one() { return 1; } }',
  '@trace() on a getter': "export class A { \n@trace({ name: 'a' }) get one() { return 1; } }",
  '@span on a setter': 'export class A { \n@span set one(value: number) { void value; } }',
  '@span on a class': '\n@span export class A {}',
  '@span() on a class': "\n@span({ kind: 'TOOL' }) export class A {}",
  '@trace on a class': '\n@trace export class A {}',
};

/** One file for each misuse. */
const misusedSources = Object.fromEntries(
  Object.values(misuses).map((code, at) => [`misuse-${at}.ts`, `import { span, trace } from 'pandaprobe-ts'; ${code}`]),
);

describe('P22 Dialects', () => {
  let work: string;
  let source: string;
  before(async () => {
    source = await readFile(join(here, 'agent.ts'), 'utf8');
    work = await userProject();
  });
  after(() => rm(work, { recursive: true, force: true }));

  for (const dialect of dialects) {
    describe(dialect.name, () => {
      it('gives the tree that the source shows', async () => {
        const folder = await mkdtemp(join(work, 'case-'));
        await dialect.compile(folder, { 'agent.ts': dialect.hasPrivate ? source : withoutPrivate(source) });
        const tree = await runNode([join(here, 'print-tree.mjs'), join(folder, 'agent.js')]);
        expect(tree).to.equal(expectedTree(dialect));
      });

      it('throws a TypeError with ERR_USAGE where a decorator stands in the wrong place', async () => {
        const folder = await mkdtemp(join(work, 'case-'));
        await dialect.compile(folder, misusedSources);
        const paths = Object.keys(misusedSources).map((file) => join(folder, file.replace(/\.ts$/, '.js')));
        const thrown = JSON.parse(await runNode([join(here, 'print-faults.mjs'), ...paths]));
        Object.keys(misuses).forEach((title, at) => {
          expect(thrown[at], title).to.include({ isTypeError: true, code: 'ERR_USAGE' });
          expect(thrown[at].message, title).to.match(/^@(span|trace): expected a method to decorate, got /);
        });
      });
    });
  }

  for (const experimentalDecorators of [false, true]) {
    describe(`the types under ${experimentalDecorators ? 'experimentalDecorators' : 'standard decorators'}`, () => {
      it('accept the fixture', async () => {
        const folder = await mkdtemp(join(work, 'types-'));
        const sources = { 'agent.ts': experimentalDecorators ? withoutPrivate(source) : source };
        expect(await typeErrors(folder, sources, { experimentalDecorators })).to.deep.equal({});
      });

      it('refuse a decorator in the wrong place, where it stands', async () => {
        const folder = await mkdtemp(join(work, 'types-'));
        const errors = Object.keys(await typeErrors(folder, misusedSources, { experimentalDecorators }));
        expect(errors.toSorted()).to.deep.equal(Object.keys(misusedSources).map((file) => `${file}:2`));
      });
    });
  }
});

/** Decorators on `#private` methods do not exist in every dialect. */
function withoutPrivate(text: string): string {
  return text.replace(/ *\/\/ private: from here[\s\S]*?\/\/ private: to here\n/g, '');
}

/** What the fixture must give under every compiler: only its `#private` methods may be missing. */
function expectedTree({ hasPrivate }: Dialect): string {
  const text = '2 x 13. 2 x 14. !';
  const answer = hasPrivate ? `checked: ${text}` : text;
  const privateSpans = `
  #parts (OTHER OK) {"text":"${text}"} → ["2 x 13","2 x 14","!"]
  #check (CHAIN OK) {"count":3} → true
  #mark (OTHER OK) {"text":"${text}"} → "${answer}"`;
  return `
agent COMPLETED dialects {"question":"tea"} → "${answer}"
  plan (OTHER OK) {"question":"tea"} → "Ada plans tea"
  search (RETRIEVER OK) {"plan":"Ada plans tea"} → ["document 13","document 14"]
    look up (TOOL OK {"version":2}) {"number":13} → "document 13"
    look up (TOOL OK {"version":2}) {"number":14} → "document 14"
  write (LLM OK some-model) {"documents":["document 13","document 14"],"times":2} → ["2 x 13. ","2 x 14. "]
    shorten (OTHER OK) {"text":"document 13"} → "13"
    shorten (OTHER OK) {"text":"document 14"} → "14"
  store (OTHER OK) {"text":"2 x 13. 2 x 14. "} → 16
  fail (OTHER ERROR on purpose) {"reason":"on purpose"} → undefined${hasPrivate ? privateSpans : ''}
  format (OTHER OK) {"text":"${answer}"} → "${answer}"
answer: ${answer}
run 1, plan 1, write 1, shorten 1
`.trimStart();
}
