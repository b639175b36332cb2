import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * Where the thread's entry is: a file named `thread` beside the file this code ends up in, with the same extension
 * (`dist/esm/thread.js`, `dist/cjs/thread.cjs`). The build keeps it an entry of its own there. Undefined when this
 * code was bundled into something that does not say where it is.
 */
export function threadUrl(): URL | undefined {
  const here: unknown = import.meta.url;
  if (typeof here !== 'string') return undefined;
  try {
    const extension = /\.[cm]?[jt]s$/.exec(new URL(here).pathname)?.[0] ?? '.js';
    const url = new URL(`./thread${extension}`, here);
    return extension === '.ts' ? fromSource(url, here) : url;
  } catch {
    return undefined;
  }
}

/**
 * Our own sources, in specs: Node 20 does not hand a loader named by `--import` on to threads, so the thread registers it.
 * It must be the loader's ESM file: the CommonJS one does not work from within a thread.
 */
function fromSource(url: URL, here: string): URL {
  const loader = pathToFileURL(
    createRequire(here)
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs'),
  );
  const code = `import { register } from '${loader}'; register(); await import('${url}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
