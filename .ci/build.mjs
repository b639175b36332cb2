// Builds dist/esm, dist/cjs, dist/bundled, dist/edge and dist/browser from lib/: code with rolldown, declarations with tsc, all at once.
// The parts are in build/, each plugin with its reason.
//
// Everything is made in a folder beside and then moved over dist. Chunk names carry no hash, because a program that runs
// from dist while it is rebuilt asks for the files it knows.
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildCode } from './build/bundle.mjs';
import { laterEntries } from './build/later.mjs';
import { replaceDist } from './build/replace-dist.mjs';
import { root } from './build/root.mjs';
import { readThreadSource } from './build/thread-source.mjs';
import { buildTypes } from './build/types.mjs';
import { earlyEntries, publicEntries } from './entries.mjs';
import { buildVendor } from './vendor.mjs';

/**
 * The code that entries share, as one file, because each further file would add a millisecond to an import. Without what the main
 * entry does not use: the options of OTLP, and logins in addresses.
 */
const core = {
  name: 'core',
  test: /[\\/]lib[\\/](?:common(?![\\/]url-login)|config(?![\\/]otlp)|model|engine(?![\\/]integration[\\/])|client|instrument)[\\/]/,
};
const codeSplitting = { groups: [core] };
/** For runtimes without Node, delivery is part of the shared file (except OTLP), because it cannot be loaded later. */
const edgeCore = {
  ...core,
  test: /[\\/]lib[\\/](?:common|config|delivery(?![\\/]otlp[\\/])|edge(?![\\/]otlp[\\/])|model|engine(?![\\/]integration[\\/])|client|instrument)[\\/]/,
};

/** The command line, only in the ES build: one executable file, next to the viewer's files. */
const program = { cli: 'lib/local/cli.ts' };

/** Removes white space, but keeps names, for the stacks of errors. */
const withoutSpace = { compress: false, mangle: false, codegen: { removeWhitespace: true } };
/** The same with shorter statements: 19 KB less of the command line. */
const compressed = { ...withoutSpace, compress: true };
/** For code that only bundlers read, and for files that are loaded later: keeps only the names of classes. */
const small = { ...compressed, mangle: { keepNames: { class: true, function: false } } };
/**
 * What Node loads at once: functions, classes and methods keep their names, for the stack of an error; local names are short.
 * Compiling is most of what the import costs, and it grows with the text: with all names and spaces it takes 1.5 ms more (`spec/bench/import.ts`).
 */
const shortLocals = { ...small, mangle: { ...small.mangle, toplevel: false } };

const startedAt = performance.now();
const cache = join(root, 'node_modules', '.cache');
await mkdir(cache, { recursive: true });
const work = await mkdtemp(join(cache, 'build-'));
try {
  const threadSource = await readThreadSource();
  const build = (kind, input, output) => buildCode(kind, input, { folder: work, threadSource, output });
  // All are awaited even if one fails, because none may still write when the folder is removed.
  const parts = await Promise.allSettled([
    build('esm', publicEntries, { codeSplitting, minify: shortLocals }),
    build('cjs', publicEntries, { codeSplitting, minify: shortLocals }),
    // For bundlers alone.
    build('bundled', publicEntries, { codeSplitting, minify: small }),
    build('edge', publicEntries, { codeSplitting: { groups: [edgeCore] }, minify: true }),
    build('browser', publicEntries, { codeSplitting, minify: true }),
    ...Object.entries(laterEntries).map(([name, path]) =>
      build('cjs', { [name]: path }, { codeSplitting: false, minify: small }),
    ),
    ...Object.entries(earlyEntries).flatMap(([name, kinds]) =>
      Object.entries(kinds).map(([kind, path]) =>
        build(kind, { [name]: path }, { codeSplitting: false, minify: withoutSpace }),
      ),
    ),
    buildProgram(build),
    buildTypes(work),
  ]);
  for (const part of parts) if (part.status === 'rejected') throw part.reason;
  await replaceDist(work, ['esm', 'cjs', 'bundled', 'edge', 'browser']);
  if (!process.argv.includes('--quiet')) console.log(`built dist in ${Math.round(performance.now() - startedAt)} ms`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(work, { recursive: true, force: true });
}

async function buildProgram(build) {
  await build('esm', program, { codeSplitting: false, minify: compressed });
  await chmod(join(work, 'esm', 'cli.js'), 0o755);
  await buildVendor();
  await cp(join(root, 'lib/local/viewer'), join(work, 'esm', 'viewer'), {
    recursive: true,
    filter: (path) => !/\.(?:ts|md)$|[\\/]tsconfig[^\\/]*\.json$/.test(path),
  });
}
