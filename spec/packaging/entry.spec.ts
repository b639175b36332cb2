import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { expect } from 'chai';
import { readFacts } from '../architecture/imports.js';
import { entries } from '../support/exported-names.js';
import { root, runNode } from '../support/user-project.js';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Packages that loading `file` loads at once: static imports only. */
function loadedPackages(file: string, seen = new Set<string>(), found = new Set<string>()): Set<string> {
  if (seen.has(file)) return found;
  seen.add(file);
  for (const { specifier = '', lazy } of readFacts(readFileSync(file, 'utf8')).imports) {
    // What is loaded with the first client: for bundlers it stands there like any other import.
    if (lazy || specifier.includes('/cjs/pandaprobe-')) continue;
    if (specifier.startsWith('.')) loadedPackages(join(dirname(file), specifier), seen, found);
    else if (!isBuiltin(specifier)) found.add(specifier);
  }
  return found;
}

describe('The package', () => {
  describe('exports', () => {
    const pathsIn = (target: unknown): string[] =>
      typeof target === 'string' ? [target] : Object.values(target as object).flatMap(pathsIn);
    const paths = pathsIn(manifest.exports);
    const integrations = entries()
      .filter(({ entry }) => entry.includes('/integrations/'))
      .map(({ entry }) => basename(entry));

    it('names only files that the build makes', () => {
      expect(paths).to.have.lengthOf.above(4);
      const named = [...paths, manifest.main, manifest.module, manifest.types, ...manifest.sideEffects];
      const files = named.flatMap((path) =>
        path.includes('*') ? integrations.map((name) => path.replace('*', name)) : [path],
      );
      expect(files.filter((path) => !existsSync(join(root, path)))).to.deep.equal([]);
    });

    /** Which build a runtime or a bundler takes, by the conditions that it sets: the first that holds decides. */
    const takers: Readonly<Record<string, { readonly conditions: readonly string[]; readonly build: string }>> = {
      Deno: { conditions: ['deno', 'node', 'import'], build: 'bundled' },
      'Deno with the conditions of a bundler': {
        conditions: ['deno', 'node', 'import', 'module', 'browser', 'worker', 'workerd'],
        build: 'bundled',
      },
      Bun: { conditions: ['bun', 'node', 'import'], build: 'esm' },
      Wrangler: { conditions: ['workerd', 'worker', 'browser', 'import', 'module'], build: 'edge' },
      'an edge route of Next.js': {
        conditions: ['edge-light', 'worker', 'browser', 'module', 'import'],
        build: 'edge',
      },
      'an edge preset of Nitro': {
        conditions: ['worker', 'web', 'browser', 'workerd', 'edge-light', 'netlify', 'deno', 'import', 'module'],
        build: 'edge',
      },
      'a bundler for pages': { conditions: ['browser', 'module', 'import'], build: 'browser' },
      'a bundler for Node': { conditions: ['node', 'module', 'import'], build: 'bundled' },
      'Node, import': { conditions: ['node', 'import', 'module-sync'], build: 'esm' },
      'Node, require': { conditions: ['node', 'require', 'module-sync'], build: 'cjs' },
    };
    const pathFor = (target: unknown, conditions: readonly string[]): string | undefined => {
      if (typeof target === 'string') return target;
      for (const [condition, inner] of Object.entries(target as object)) {
        const isMet = condition === 'default' || conditions.includes(condition);
        const path = isMet ? pathFor(inner, conditions) : undefined;
        if (path !== undefined) return path;
      }
      return undefined;
    };

    for (const [taker, { conditions, build }] of Object.entries(takers)) {
      it(`lead ${taker} to the ${build} build of every entry but auto`, () => {
        const { './auto': _, './package.json': __, ...others } = manifest.exports;
        const wrong = Object.entries(others).filter(
          ([, target]) => pathFor(target, conditions)?.startsWith(`./dist/${build}/`) !== true,
        );
        expect(wrong.map(([entry]) => entry)).to.deep.equal([]);
        expect(Object.keys(others)).to.have.lengthOf.above(10);
      });
    }

    it('show tools that copy packages beside a bundle which files Node will load', () => {
      const { './auto': _, './package.json': __, ...others } = manifest.exports;
      const files = Object.values(others).map((target) => pathFor(target, ['node', 'import']) ?? '');
      const names = files.flatMap((file) =>
        file.includes('*') ? integrations.map((name) => file.replace('*', name)) : [file],
      );
      for (const name of names.map((file) => file.slice('./dist/esm/'.length, -'.js'.length))) {
        const [first] = readFacts(readFileSync(join(root, `dist/bundled/${name}.js`), 'utf8')).imports;
        expect(first?.specifier).to.equal(`#of-node/${name}`);
      }
      const copied = manifest.imports['#of-node/*'];
      expect(pathFor(copied, ['node', 'production', 'import'])).to.equal('./dist/esm/*.js');
      for (const { conditions, build } of Object.values(takers)) {
        if (build === 'bundled') expect(pathFor(copied, conditions)).to.equal('./dist/bundled/nothing.js');
      }
    });

    it('have the same names for import and require', async () => {
      const imported = Object.keys(await import('pandaprobe-ts'));
      const required = Object.keys(createRequire(import.meta.url)('pandaprobe-ts'));
      expect(imported.toSorted()).to.deep.equal(required.toSorted());
      expect(imported).to.include.members(['trace', 'span', 'init', 'withTrace', 'MemorySink']);
      expect(imported).not.to.include('default');
    });
  });

  for (const [kind, wrong] of Object.entries({
    require: ['-e', "require('pandaprobe-ts').init({ apiKy: 'k' })"],
    import: ['--input-type=module', '-e', "import { init } from 'pandaprobe-ts'; init({ apiKy: 'k' })"],
  })) {
    it(`have short lines, so that Node prints no whole file for an uncaught error under ${kind}`, async () => {
      const said = await new Promise<string>((resolve) => {
        execFile(process.execPath, wrong, { cwd: root }, (_, __, stderr) => resolve(stderr));
      });
      expect(said).to.include('got the option apiKy').and.have.lengthOf.below(4000);
    });
  }

  describe('the main entry', () => {
    it('loads no package but uuid and reflect-metadata', () => {
      const found = loadedPackages(join(root, 'dist/esm/index.js'));
      expect([...found].filter((name) => !['uuid', 'reflect-metadata'].includes(name))).to.deep.equal([]);
    });

    it('loads no axios under require', async () => {
      const script =
        "require('pandaprobe-ts'); console.log(Object.keys(require.cache).filter((path) => /axios/.test(path)))";
      expect(await runNode(['-e', script])).to.equal('[]\n');
    });

    for (const [kind, load] of [
      ['import', "await import('pandaprobe-ts')"],
      ['require', "require('pandaprobe-ts')"],
    ] as const) {
      it(`does nothing when it is loaded with ${kind}: no timer, handle, listener or variable`, async () => {
        const script = `
          const read = [];
          process.env = new Proxy(process.env, {
            get: (env, key) => (read.push(key), env[key]),
            has: (env, key) => (read.push(key), key in env),
            ownKeys: (env) => (read.push('all'), Reflect.ownKeys(env)),
          });
          const state = () => JSON.stringify([
            process.getActiveResourcesInfo().filter((name) => !/^(FS|File|Close|Pipe|TTY)/.test(name)),
            process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
          ]);
          (async () => {
            const before = state();
            ${load};
            const after = state();
            console.log(before === after ? 'same' : before + after, read.filter((key) => /^PANDAPROBE|^all$/.test(key)));
          })();`;
        expect(await runNode(['-e', script], { PANDAPROBE_API_KEY: 'key' })).to.equal('same []\n');
      });
    }
  });
});
