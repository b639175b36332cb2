import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * The code of the thread, as a script for `new Worker(code, { eval: true })`. The build replaces this file with one that holds
 * all of `thread-entry.ts`, so that the thread comes along wherever the package goes: into a bundle, a zip, an image without
 * `node_modules`. A file beside would be left behind by bundlers and file tracing.
 *
 * What stands here is for our own sources, in specs: Node 20 does not hand a loader named by `--import` on to threads, so the
 * thread registers it. It must be the loader's ESM file: the CommonJS one does not work from within a thread.
 */
const loader = pathToFileURL(
  createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs'),
);

export const threadSource = `import('${loader}').then(({ register }) => (register(), import('${new URL('../thread-entry.ts', import.meta.url)}')));`;
