import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';
import { readFacts } from '../architecture/imports.js';
import { root } from '../support/user-project.js';

/** The files of a build, by path from it. */
function filesOf(kind: string): Map<string, string> {
  const folder = join(root, 'dist', kind);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.c?js$/.test(path));
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** What stands in lib/edge/scope-storage.ts alone. */
const mark = 'Cloudflare-Workers';

describe('The build for edge runtimes', () => {
  let work: string;
  before(async () => {
    work = await mkdtemp(join(tmpdir(), 'edge-'));
  });
  after(() => rm(work, { recursive: true, force: true }));

  it('imports no module of Node, except one that only Workers load', () => {
    const files = filesOf('edge');
    expect(files.size).to.be.greaterThan(20);
    const outside = [...files].flatMap(([path, code]) =>
      readFacts(code.replace(/import\(`([^`$]*)`\)/g, "import('$1')"))
        .imports.filter(({ specifier }) => !specifier?.startsWith('.'))
        .map(({ specifier, lazy }) => `${path}: ${lazy ? 'later ' : ''}${specifier}`),
    );
    expect(outside.toSorted()).to.deep.equal([
      'core.js: later node:async_hooks',
      'prices.js: later @pydantic/genai-prices',
    ]);
    const [globals] = [...files.values()].flatMap((code) => code.match(/(?<![.\w$`])(?:Buffer|process)\.\w+/g) ?? []);
    expect(globals).to.equal(undefined);
  });

  it('is in no other build', () => {
    expect(filesOf('edge').get('core.js')).to.include(mark);
    for (const kind of ['esm', 'cjs', 'bundled', 'browser']) {
      const found = [...filesOf(kind)].filter(([, code]) => code.includes(mark) || code.includes('lib/edge/'));
      expect(
        found.map(([path]) => path),
        kind,
      ).to.deep.equal([]);
    }
  });

  it('is used by every entry, so that no entry brings another build along', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const [entry, target] of Object.entries<Record<string, unknown>>(exports)) {
      if (typeof target === 'string' || entry === './auto') continue;
      for (const condition of ['edge-light', 'workerd', 'worker']) {
        expect(target[condition], `${entry}, ${condition}`).to.match(/^\.\/dist\/edge\//);
      }
    }
  });

  it('has the names that Node has, in every entry', async () => {
    const names = async (path: string) => Object.keys(await import(join(root, 'dist', path))).toSorted();
    for (const path of [...filesOf('edge').keys()].filter((path) => filesOf('bundled').has(path))) {
      if (
        !/^(?:index|prices|platform|testing|otlp|propagation|opentelemetry|wrappers.*|integrations.*)\.js$/.test(path)
      )
        continue;
      expect(await names(`edge/${path}`), path).to.deep.equal(await names(`esm/${path}`));
    }
  });

  /** Bundles a program, and runs it in a runtime with nothing of Node. @returns what it prints */
  async function outputOf(program: string): Promise<unknown> {
    const outfile = join(work, program);
    await build({
      ...{ entryPoints: [join(root, 'spec/packaging', program)], outfile, bundle: true, format: 'esm' },
      ...{ platform: 'neutral', conditions: ['workerd', 'import'], logLevel: 'silent' },
    });
    const args = ['--no-warnings', '--experimental-vm-modules', join(root, 'spec/packaging/run-page.mjs'), outfile];
    return JSON.parse((await promisify(execFile)(process.execPath, args, { timeout: 20_000 })).stdout);
  }

  it('accepts every option and variable, also those without effect', async () => {
    expect(await outputOf('page-options.mjs')).to.deep.equal([...Array(6).fill('made'), 'said']);
  });

  it('sees the end of calls whose promises are of another realm, such as those of an outer `fetch`', async () => {
    const traces = ['text COMPLETED', 'response COMPLETED', 'json ERROR'];
    expect(await outputOf('edge-realms.mjs')).to.deep.equal(traces);
  });

  for (const condition of ['edge-light', 'workerd', 'worker']) {
    it(`is chosen by bundlers by ${condition}, and records in a runtime without Node's modules`, async () => {
      const outfile = join(work, `${condition}.mjs`);
      const { warnings, metafile } = await build({
        ...{ entryPoints: [join(root, 'spec/packaging/page-program.mjs')], outfile, bundle: true, format: 'esm' },
        ...{ platform: 'neutral', conditions: [condition, 'import'], metafile: true, logLevel: 'silent' },
      });
      expect(warnings).to.deep.equal([]);
      expect(Object.keys(metafile.inputs)).to.include('dist/edge/core.js');
      const args = ['--no-warnings', '--experimental-vm-modules', join(root, 'spec/packaging/run-page.mjs'), outfile];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
      expect(JSON.parse(stdout)).to.deep.equal(['value', 2, 5, 3, 'completion', true, true, true]);
      expect(stderr).to.match(/body[^\n]*\n[^\n]*step/);
    });
  }

  it('has at most 60.7 KB of code with its dependencies, minified and compressed', async () => {
    const { outputFiles } = await build({
      ...{ entryPoints: [join(root, 'dist/edge/index.js')], bundle: true, minify: true, write: false },
      ...{ format: 'esm', platform: 'neutral', external: ['node:async_hooks'], logLevel: 'silent' },
    });
    const bytes = outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
    console.log(`      edge entry: ${(bytes / 1000).toFixed(1)} KB minified and compressed, delivery included`);
    expect(bytes).to.be.at.most(60_700);
  });
});
