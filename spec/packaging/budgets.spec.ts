import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';
import { parseAst } from 'rolldown/parseAst';
import { Visitor } from 'rolldown/utils';
import { entries } from '../support/exported-names.js';
import { root, runNode } from '../support/user-project.js';

interface Manifest {
  readonly name: string;
  readonly files: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifest = manifestIn(root);

describe('P29 The budget of the package', () => {
  it('allows three dependencies of its own', () => {
    expect(Object.keys(manifest.dependencies ?? {})).to.have.lengthOf.at.most(3);
  });

  it('allows 30 KB for the main entry, minified and compressed, with the parts of uuid and reflect-metadata in it', async () => {
    const bytes = await entryBytes();
    console.log(`      main entry: ${(bytes / 1000).toFixed(1)} KB minified and compressed`);
    expect(bytes).to.be.at.most(30_000);
  });

  it('allows no character beyond ASCII in what is loaded at once: the whole file would be held in two bytes a character', () => {
    for (const file of ['esm/index.js', 'esm/core.js', 'cjs/index.cjs', 'cjs/core.cjs'])
      expect(/[^\0-\x7f]/.exec(readFileSync(join(root, 'dist', file), 'utf8'))?.[0], file).to.equal(undefined);
  });

  it('allows no expression that names a property of characters: it would be looked up while the entry is parsed', () => {
    const code = readFileSync(join(root, 'dist/esm/core.js'), 'utf8');
    expect(code.match(/(?<!\\)\\p\{.*/g)).to.equal(null);
    expect(code).to.match(/\\\\p\{/); // in strings they may stand, and do
  });

  it('allows no text in back quotes in what is loaded at once: it would be read twice', () => {
    for (const file of ['esm/core.js', 'cjs/core.cjs']) {
      const templates: string[] = [];
      new Visitor({
        TemplateLiteral: ({ quasis, expressions }) => {
          const text = quasis[0]?.value.raw ?? '';
          if (expressions.length === 0 && !text.includes('\n')) templates.push(text);
        },
      }).visit(parseAst(readFileSync(join(root, 'dist', file), 'utf8'), { lang: 'js' }));
      expect(templates, file).to.deep.equal([]);
    }
  });

  it('allows no import.meta outside of functions: Node makes it when it is first asked for, which takes 0.2 ms', () => {
    const code = readFileSync(join(root, 'dist/esm/core.js'), 'utf8');
    expect(code).to.match(/=>import\.meta\.url|return import\.meta\.url/); // in a function it may stand, and does
    expect(code.match(/.*(?<!=>|return )import\.meta\.url.*/g)).to.equal(null);
  });

  it('lets a bundler leave out what is not used', async () => {
    const bytes = async (source: string): Promise<number> => {
      const { outputFiles } = await build({
        stdin: { contents: source, resolveDir: root },
        bundle: true,
        minify: true,
        write: false,
        format: 'esm',
        platform: 'node',
        target: 'node20',
        external: Object.keys(manifest.dependencies ?? {}),
        logLevel: 'silent',
      });
      return outputFiles.reduce((sum, { contents }) => sum + contents.length, 0);
    };
    const all = await bytes('export * from "pandaprobe-ts";');
    const one = await bytes('export { MemorySink } from "pandaprobe-ts";');
    console.log(
      `      minified: ${(all / 1000).toFixed(0)} KB for all, ${(one / 1000).toFixed(0)} KB for MemorySink alone`,
    );
    expect(await bytes('import "pandaprobe-ts";')).to.equal(0);
    expect(one).to.be.at.most(all / 4);
  });

  it('allows 6.5 MB for an installation, dependencies and the edge build included, and 120 KB for each integration and for each of platform, testing, otlp, propagation, opentelemetry and auto', () => {
    const ours = [...manifest.files.flatMap(pathsOf), join(root, 'package.json')];
    const folders = [...installedFor(root)];
    const bytes = [...ours, ...folders].reduce((sum, path) => sum + sizeOf(path), 0);
    console.log(
      `      installed: ${(bytes / 1e6).toFixed(1)} MB, of which ${(ours.reduce((sum, path) => sum + sizeOf(path), 0) / 1e6).toFixed(1)} MB ours, in ${folders.length + 1} packages`,
    );
    expect(folders.some((folder) => folder.endsWith('axios'))).to.equal(true);
    const parts = entries().filter(({ entry }) =>
      /\/(?:integrations\/.*|platform|testing|otlp|propagation|opentelemetry|auto)$/.test(entry),
    ).length;
    expect(bytes).to.be.at.most(6_500_000 + 120_000 * parts);
  });

  for (const [kind, load] of [
    ['import', "await import('pandaprobe-ts')"],
    ['require', "require('pandaprobe-ts')"],
  ] as const) {
    it(`lets ${kind} load no axios and no provider, and start no thread`, async () => {
      const script = `
        const { syncBuiltinESMExports } = require('node:module');
        const threads = require('node:worker_threads');
        let started = 0;
        threads.Worker = class extends threads.Worker { constructor(...args) { super(...args); started += 1; } };
        syncBuiltinESMExports();
        (async () => {
          ${load};
          const packages = Object.keys(require.cache).map((path) => /.*node_modules.((?:@[^\\\\/]+.)?[^\\\\/]+)/.exec(path)?.[1]);
          const report = process.report.getReport();
          console.log(JSON.stringify([started, [...new Set(packages.filter(Boolean))], report.workers.length]));
        })();`;
      const [started, packages, workers] = JSON.parse(await runNode(['-e', script]));
      expect(started).to.equal(0);
      expect(workers).to.equal(0);
      expect(packages.filter((name: string) => !['reflect-metadata', 'uuid'].includes(name))).to.deep.equal([]);
    });
  }
});

/** The entry as a bundler makes it, without delivery, which it loads with the first client. */
async function entryBytes(): Promise<number> {
  const { outputFiles, metafile } = await build({
    entryPoints: [join(root, 'dist/esm/index.js')],
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    outfile: 'out.js',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    external: ['../cjs/pandaprobe-delivery.cjs'],
    logLevel: 'silent',
  });
  const later = metafile.outputs['out.js']?.imports.filter(({ path }) => path.startsWith('.'));
  expect(later?.map(({ kind, path }) => `${kind} ${path}`)).to.deep.equal([
    'require-call ../cjs/pandaprobe-delivery.cjs',
    'dynamic-import ../cjs/pandaprobe-delivery.cjs',
  ]);
  return outputFiles.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0);
}

/** The folders of all packages that `folder`'s package needs, directly and not, as npm has laid them out here. */
function installedFor(folder: string, found = new Set<string>()): Set<string> {
  for (const name of Object.keys(manifestIn(folder).dependencies ?? {})) {
    let at = folder;
    while (!existsSync(join(at, 'node_modules', name, 'package.json'))) {
      if (at === dirname(at)) throw new Error(`${name} is not installed`);
      at = dirname(at);
    }
    const path = join(at, 'node_modules', name);
    if (!found.has(path)) installedFor(path, found.add(path));
  }
  return found;
}

/** What a line of `files` in our package.json stands for: a path, or the files of a folder with one ending. */
function pathsOf(line: string): string[] {
  const [folder = '', ending] = join(root, line).split('/*');
  if (ending === undefined) return [folder];
  return readdirSync(folder).flatMap((name) => (name.endsWith(ending) ? [join(folder, name)] : []));
}

function sizeOf(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
