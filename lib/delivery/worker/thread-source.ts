import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * The code of the thread, as a script for `new Worker(code, { eval: true })`. The build replaces this file with one that holds
 * all of `thread-entry.ts`, so that the thread's code is part of every bundle, zip or image. Bundlers and file tracing would leave
 * a separate file behind.
 *
 * The code here is for specs, which run from sources. Node 20 does not pass a loader named by `--import` on to threads, so the
 * thread registers it. It must be the loader's ESM file: the CommonJS one does not work in a thread.
 */
const loader = pathToFileURL(
  createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs'),
);

export const threadSource = `import('${loader}').then(({ register }) => (register(), import('${new URL('../thread-entry.ts', import.meta.url)}')));`;
