// Builds dist/esm and dist/cjs from lib/: code with rolldown, declarations with tsc, both at once.
//
// Everything is made in a folder beside and moved over file by file, stale files last, so that a
// program which runs from dist while it is rebuilt never meets a missing file. Chunk names carry
// no hash for the same reason.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { rolldown } from 'rolldown';
import { declarationImports, mapDeclarationImports } from './declarations.mjs';
import { publicEntries } from './entries.mjs';
import { buildVendor } from './vendor.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/**
 * Loaded later, from both module systems: each holds all it needs. Were they built together with the entries, what they share
 * would move to chunks that every import of the package has to load. Their names are of a kind that no application uses,
 * because code taken into a bundle looks for them beside the bundle.
 */
const laterEntries = {
  'pandaprobe-delivery': 'lib/client/loading/delivery-file.ts',
  'pandaprobe-sender': 'lib/delivery/start-sender.ts',
};

/** Where an import of these leads in dist, from the folder of a module kind. */
const later = new Map([
  ['./delivery-file.js', '../cjs/pandaprobe-delivery.cjs'],
  ['./start-sender.js', '../cjs/pandaprobe-sender.cjs'],
]);

/** Runs in a thread. No file of its own: delivery holds it as text. */
const thread = { 'pandaprobe-thread': 'lib/delivery/thread-entry.ts' };

/** What the entries share is one file: each more would take a millisecond of an import. */
const core = {
  name: 'core',
  test: /[\\/]lib[\\/](?:common|config|model|engine(?![\\/]integration[\\/])|client|instrument)[\\/]/,
};

/** The command line, for the ES build alone: one file that can be run, with the viewer's files beside it. */
const program = { cli: 'lib/local/cli.ts' };

/**
 * Dependencies of which the build takes in what it uses. uuid has no CommonJS file, and runners that load modules by
 * themselves, such as Jest, cannot require an ES module on every Node this package runs on. As ES modules it is twenty
 * files of which we need four: they would be a good part of the time it takes to import this package. Of axios
 * the core is taken in: it does without the hundred milliseconds and 13 MB that the whole takes.
 * reflect-metadata as a file of its own is more than half of the time to import us; copies of it share what they hold.
 */
const takenIn = ['uuid', 'axios/unsafe', 'reflect-metadata/no-conflict'];

/**
 * Of axios's core, what serves only requests that ours is not: its own adapters, defaults for those who use
 * `axios.create()`, and what makes forms, for which it wants a package more.
 */
const leftOut = new Map([
  ['axios/lib/adapters/adapters.js', 'export default { getAdapter: (adapter) => adapter };'],
  ['axios/lib/defaults/index.js', 'export default {};'],
  ['axios/lib/helpers/buildURL.js', 'export default (url) => url;'],
  ['axios/lib/platform/node/index.js', 'export default {};'],
]);

/** Files that are others in dist, by the kind of build they are for; where none is named, as in lib/. */
const besides = "'../cjs/pandaprobe-delivery.cjs'";
const replaced = {
  'lib/client/loading/delivery-beside.ts': {
    // For bundlers that do not know the condition `module`, in the ways they know; Node itself comes to the last line.
    esm: `
      export function deliveryBeside() {
        try {
          if (import.meta.webpackContext) {
            return import.meta.webpackContext('../cjs', { recursive: false, regExp: /pandaprobe-delivery\\.cjs$/ })(
              './pandaprobe-delivery.cjs',
            );
          }
          return requireInBundle(${besides});
        } catch {
          return import(${besides});
        }
      }`,
    browser: 'export const deliveryBeside = () => Promise.reject(new Error("there is none here"));',
    // A plain require, which bundlers and file tracers follow, and which gives delivery at once.
    cjs: `export const deliveryBeside = () => require(${besides});`,
    // Taken in by a bundler, which puts both into one: nothing is loaded later, when there may be no turn of the loop left.
    bundled: `import * as file from './delivery-file.js';\nexport const deliveryBeside = () => file;`,
  },
  // Nothing is recorded there: the table of prices is not to come along into a page.
  'lib/prices/genai-prices.ts': { browser: 'export const genaiPrices = () => () => undefined;' },
  'lib/config/platform.ts': {
    browser: `export const unsupported = 'nothing is recorded here: pandaprobe-ts works in Node.js, Deno and Bun, in browsers and edge runtimes not yet';`,
  },
};

/** In front of what is built for pages and edge runtimes. */
const noNode = await readFile(join(root, '.ci/no-node.js'), 'utf8');

/** Without rolldown's own way, which fails where a bundler makes an ES module of CommonJS: there is no __filename. */
const hereInCjs =
  '(typeof __filename === "string" ? process.getBuiltinModule("node:url").pathToFileURL(__filename).href : undefined)';

/** A script that is no file looks for packages from the current folder: this one looks from where delivery is. */
const requireInThread =
  'try { return require("node:module").createRequire(require("node:worker_threads").workerData.home); } catch { return require; }';

/** The ES modules are what people read. Elsewhere names stay, for the stack of an error, and space goes. */
const withoutSpace = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
/** Of code that only bundlers read, and of the files that are loaded later: the names of classes stay. */
const small = { ...withoutSpace, compress: true, mangle: { keepNames: { class: true, function: false } } };

const startedAt = performance.now();
const cache = join(root, 'node_modules', '.cache');
await mkdir(cache, { recursive: true });
const work = await mkdtemp(join(cache, 'build-'));
try {
  const code = await threadAsText();
  replaced['lib/delivery/worker/thread-source.ts'] = { cjs: code, bundled: code };
  // All are awaited even when one fails: none may still write while the folder goes.
  const parts = await Promise.allSettled([
    buildCode('esm', publicEntries, { codeSplitting: { groups: [core] } }),
    buildCode('cjs', publicEntries, { codeSplitting: { groups: [core] }, minify: withoutSpace }),
    // For bundlers alone.
    buildCode('bundled', publicEntries, { codeSplitting: { groups: [core] }, minify: small }),
    buildCode('browser', publicEntries, { codeSplitting: { groups: [core] }, minify: true }),
    ...Object.entries(laterEntries).map(([name, path]) =>
      buildCode('cjs', { [name]: path }, { codeSplitting: false, minify: small }),
    ),
    buildProgram(),
    buildDeclarations(),
  ]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
  await replaceDist();
  if (!process.argv.includes('--quiet')) console.log(`built dist in ${Math.round(performance.now() - startedAt)} ms`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}

async function buildCode(kind, input, output = {}) {
  const extension = kind === 'cjs' ? 'cjs' : 'js';
  const bundle = await openBundle(kind, input);
  try {
    await bundle.write({
      dir: join(work, kind),
      format: kind === 'cjs' ? 'cjs' : 'esm',
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name].${extension}`,
      // No source maps: the code is not minified, and tools warn of maps whose sources are not in the package.
      exports: 'named',
      // Runners that load modules by themselves, such as Jest, have no import() where a file is CommonJS.
      dynamicImportInCjs: false,
      // The declarations carry the documentation.
      comments: { jsdoc: false },
      banner: (chunk) => credits(chunk.moduleIds),
      ...output,
    });
  } finally {
    await bundle.close();
  }
}

function openBundle(kind, input) {
  return rolldown({
    cwd: root,
    input,
    platform: 'node',
    // A slow machine is no fault.
    checks: { pluginTimings: false },
    external: (id) => isExternal(id) && !takenIn.some((name) => id === name || id.startsWith(`${name}/`)),
    // What a source file does when it is loaded is kept, whatever package.json promises about dist.
    treeshake: {
      moduleSideEffects: (path) => !takenIn.some((name) => isOf(packageOf(name), path)),
    },
    transform: { target: 'node20' },
    plugins: [
      {
        name: 'replaced',
        load(id) {
          const code = replaced[relative(root, id).split(sep).join('/')]?.[kind];
          return code === undefined ? null : { code, moduleType: 'js' };
        },
      },
      {
        name: 'here',
        transform: (code, id) =>
          kind === 'cjs' && code.includes('import.meta.url') && id.startsWith(join(root, 'lib'))
            ? code.replaceAll('import.meta.url', hereInCjs)
            : null,
      },
      {
        name: 'when-used',
        load: {
          filter: {
            id: /[\\/]node_modules[\\/](?:reflect-metadata[\\/]ReflectNoConflict|axios[\\/]lib[\\/]utils)\.js$/,
          },
          async handler(id) {
            const source = await readFile(id, 'utf8');
            return { code: id.endsWith('utils.js') ? withoutForms(source) : whenUsed(source), moduleType: 'js' };
          },
        },
      },
      {
        name: 'left-out',
        load(id) {
          const [, path] = id.split(sep).join('/').split('/node_modules/');
          const code = leftOut.get(path);
          return code === undefined ? null : { code, moduleType: 'js' };
        },
      },
      {
        name: 'later',
        resolveId(id, _, { kind: by }) {
          const file = by === 'dynamic-import' && kind !== 'bundled' ? later.get(id) : id;
          return /^\.\.\/cjs\/pandaprobe-\w+\.cjs$/.test(file) ? { id: file, external: 'relative' } : null;
        },
      },
      {
        name: 'require-in-bundle',
        // Not before: rolldown would make it work in Node, where it is to fail.
        renderChunk: (code) => (kind === 'esm' ? code.replaceAll('requireInBundle(', 'require(') : null),
      },
      {
        name: 'no-node',
        renderChunk: (code) => (kind === 'browser' && /\bprocess\b/.test(code) ? `${noNode}${code}` : null),
      },
      {
        name: 'no-empty-runtime',
        // rolldown's own helpers get a file, also where none of them is used: one more to load with each entry.
        generateBundle(_, chunks) {
          const runtime = Object.values(chunks).find(({ name }) => name === 'rolldown-runtime');
          if (runtime === undefined || runtime.exports.length > 0) return;
          delete chunks[runtime.fileName];
          for (const chunk of Object.values(chunks)) {
            chunk.code = chunk.code?.replace(/(?<=^|;)import ?"\.{1,2}\/rolldown-runtime\.js";\n?/m, '');
          }
        },
      },
    ],
    onLog(level, log, forward) {
      if (log.code === 'PLUGIN_TIMINGS') return; // of a busy machine
      if (level === 'warn') throw new Error(`rolldown: ${log.message}`);
      forward(level, log);
    },
  });
}

/** The module that holds the thread's code. */
async function threadAsText() {
  const bundle = await openBundle('cjs', thread);
  try {
    const options = { format: 'cjs', dynamicImportInCjs: false, minify: true, codeSplitting: false };
    const { output } = await bundle.generate(options);
    if (output.length !== 1) throw new Error('the code of the thread is more than one file');
    const [{ code, moduleIds }] = output;
    const script = `(require => {${code}})((() => {${requireInThread}})());`;
    return `${credits(moduleIds)}\nexport const threadSource = ${JSON.stringify(script)};`;
  } finally {
    await bundle.close();
  }
}

/** A CommonJS module that is run when one of its functions is first called: what it does to the global `Reflect` is not done at import. */
function whenUsed(source) {
  const names = [...source.matchAll(/^exports\.(\w+) = \1;$/gm)].map(([, name]) => name);
  const code = `
let loaded;
function load() {
  const exports = {};
  loaded = exports;
${source}
  return exports;
}
${names.map((name) => `export const ${name} = (...args) => (loaded ?? load()).${name}(...args);`).join('\n')}`;
  if (names.length === 0) throw new Error('reflect-metadata is not what it was');
  return code;
}

/** Asking for the global `FormData` loads all of `fetch`, and where there is no WebAssembly (`--jitless`) that ends the thread. */
function withoutForms(source) {
  const code = source.replace(/^const FormDataCtor = .*;$/m, 'const FormDataCtor = undefined;');
  if (code === source) throw new Error('axios is not what it was');
  return code;
}

async function buildProgram() {
  await buildCode('esm', program, { codeSplitting: false, minify: withoutSpace });
  await chmod(join(work, 'esm', 'cli.js'), 0o755);
  await buildVendor();
  await cp(join(root, 'lib/local/viewer'), join(work, 'esm', 'viewer'), {
    recursive: true,
    filter: (path) => !/\.(?:ts|md)$|[\\/]tsconfig[^\\/]*\.json$/.test(path),
  });
}

function isExternal(id) {
  return !id.startsWith('.') && !id.startsWith('/') && !/^[a-z]:\\/i.test(id);
}

/** The package a module is imported from. */
function packageOf(specifier) {
  return specifier.split('/')[0];
}

/** Whether the module at `path` belongs to the dependency. */
function isOf(name, path) {
  return path.split(sep).join('/').includes(`/node_modules/${name}/`);
}

/** Says whose code a file holds besides ours; the licence is installed with the dependency. */
function credits(paths) {
  const names = takenIn.map(packageOf).filter((name) => paths.some((path) => isOf(name, path)));
  return names.map((name) => `/* Holds parts of ${name}, under the licence in its package. */`).join('\n');
}

/** Declarations the public entries reach, as .d.ts for ESM and .d.cts for CommonJS. */
async function buildDeclarations() {
  const outDir = join(work, 'types');
  const config = join(work, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: join(root, '.ci', 'tsconfig.build.json'),
      compilerOptions: { outDir, rootDir: join(root, 'lib'), typeRoots: [join(root, 'node_modules/@types')] },
      files: [...Object.values(publicEntries), 'lib/delivery/http/axios-core.d.ts'].map((path) => join(root, path)),
      include: [],
    }),
  );
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    await promisify(execFile)(process.execPath, [tsc, '-p', config, '--pretty', 'false'], { cwd: root });
  } catch (error) {
    throw new Error(`tsc:\n${error.stdout || error.stderr || error.message}`);
  }

  const wanted = Object.values(publicEntries).map((path) => posix.relative('lib', path).replace(/\.ts$/, '.d.ts'));
  const seen = new Set();
  for (let file = wanted.pop(); file !== undefined; file = wanted.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = await readFile(join(outDir, file), 'utf8');
    for (const target of declarationImports(text)) {
      if (target.startsWith('.')) wanted.push(posix.join(posix.dirname(file), target.replace(/\.js$/, '.d.ts')));
    }
    const cjsText = mapDeclarationImports(text, (target) =>
      target.startsWith('.') ? target.replace(/\.js$/, '.cjs') : target,
    );
    await write(join(work, 'esm', file), text);
    await write(join(work, 'cjs', file.replace(/\.d\.ts$/, '.d.cts')), cjsText);
  }
}

async function write(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function replaceDist() {
  const fresh = new Set();
  for (const kind of ['esm', 'cjs', 'bundled', 'browser']) {
    for (const path of await filesBelow(join(work, kind))) {
      const target = join(dist, relative(work, path));
      await mkdir(dirname(target), { recursive: true });
      await rename(path, target);
      fresh.add(target);
    }
  }
  for (const path of await filesBelow(dist)) {
    if (!fresh.has(path)) await rm(path, { force: true });
  }
  await removeEmptyFolders(dist);
}

async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function removeEmptyFolders(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await removeEmptyFolders(join(folder, entry.name));
  }
  if (folder !== dist) await rmdir(folder).catch(() => {});
}
