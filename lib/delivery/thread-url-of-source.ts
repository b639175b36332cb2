import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Our own sources, in specs: Node 20 does not hand a loader named by `--import` on to threads, so the thread registers it.
 * It must be the loader's ESM file: the CommonJS one does not work from within a thread.
 *
 * The build leaves this file out: bundlers of applications would look for the loader.
 */
export function threadUrlOfSource(url: URL, here: string): URL {
  const loader = pathToFileURL(
    createRequire(here)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  );
  const code = `import { register } from '${loader}'; register(); await import('${url}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
