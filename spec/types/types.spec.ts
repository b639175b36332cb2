import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseAst } from 'rolldown/parseAst';
import { entries, exportedNames } from '../support/exported-names.js';
import { typeErrors } from '../support/tsc.js';
import { root, userProject } from '../support/user-project.js';

describe('P24 Types', () => {
  let work: string;
  let signatures: string;
  before(async () => {
    work = await userProject();
    signatures = await readFile(fileURLToPath(new URL('signatures.ts', import.meta.url)), 'utf8');
  });
  after(() => rm(work, { recursive: true, force: true }));

  it('keeps parameters, results, generics, overloads and this, and refuses misuse', async () => {
    expect(await typeErrors(work, { 'signatures.ts': signatures })).to.deep.equal({});
  });

  it('does so with the strictest settings', async () => {
    const options = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, isolatedModules: true };
    expect(await typeErrors(work, { 'signatures.ts': signatures }, options)).to.deep.equal({});
  });

  for (const [dialect, options] of [
    ['standard', {}],
    ['legacy', { experimentalDecorators: true }],
    ['exact', { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }],
  ] as const) {
    it(`tells callbacks what they get: ${dialect} decorators`, async () => {
      const captures = await readFile(fileURLToPath(new URL('captures.ts', import.meta.url)), 'utf8');
      expect(await typeErrors(work, { 'captures.ts': captures }, options)).to.deep.equal({});
    });
  }

  it('is a check that finds a type which is not the same, and a misuse which is none', async () => {
    const changed = signatures
      .replace(
        'same<typeof tracedAsk, typeof ask>(',
        'same<typeof tracedAsk, (question: string) => Promise<string[]>>(',
      )
      .replace("withSpan('step', { kind: 'MODEL' }", "withSpan('step', { kind: 'TOOL' }");
    const lineOf = (text: string) => changed.slice(0, changed.indexOf(text)).split('\n').length;
    const found = await typeErrors(work, { 'changed.ts': changed });
    expect(Object.keys(found)).to.deep.equal([
      `changed.ts:${lineOf('same<typeof tracedAsk')}`,
      `changed.ts:${lineOf('// @ts-expect-error: no such kind')}`,
    ]);
  });

  describe('the public declarations', () => {
    const declarations = readdirSync(join(root, 'dist'), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.d\.c?ts$/.test(path))
      .map((path): [string, string] => [path, readFileSync(join(root, 'dist', path), 'utf8')]);

    it('say any nowhere', () => {
      expect(declarations.length).to.be.greaterThan(20);
      expect(declarations.filter(([, text]) => saysAny(text)).map(([path]) => path)).to.deep.equal([]);
    });

    it('say what each overload of a public function does', () => {
      const names = new Set(entries().flatMap(({ source }) => exportedNames(source)));
      const silent = declarations.flatMap(([path, text]) =>
        [...text.matchAll(/(?<!\*\/\n)^(?:export )?declare function (\w+)/gm)]
          .filter(([, name = '']) => names.has(name))
          .map(([, name]) => `${path}: ${name}`),
      );
      expect(silent).to.deep.equal([]);
    });

    it('say what each member of a handle does', () => {
      const [, handles = ''] = declarations.find(([path]) => path.endsWith('esm/engine/handles.d.ts')) ?? [];
      const members = [...handles.matchAll(/^ {4}(?:readonly )?(\w+)[<(:?]/gm)];
      expect(members.length).to.be.greaterThan(40);
      expect(
        [...handles.matchAll(/(?<!\*\/\n)^ {4}(?:readonly )?(?!bivarianceHack)(\w+)[<(:?]/gm)].map(([, name]) => name),
      ).to.deep.equal([]);
    });

    it('are searched by a check that finds any, and only as a type', () => {
      expect(saysAny('export declare function f(...args: any[]): void;')).to.equal(true);
      expect(saysAny('export type Loose = Record<string, Promise<any>>;')).to.equal(true);
      expect(saysAny('export declare function f(any: string): "any"; // any')).to.equal(false);
    });
  });
});

function saysAny(declaration: string): boolean {
  return JSON.stringify(parseAst(declaration, { lang: 'dts' })).includes('"TSAnyKeyword"');
}
