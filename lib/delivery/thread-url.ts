import { threadUrlOfSource } from './thread-url-of-source.js';

/** Read as the module loads: the CommonJS build requires a module for it, and Jest lets nothing be required once a test file is over. */
const here: unknown = import.meta.url;

/**
 * Where the thread's entry is: a file named `thread` beside the file this code ends up in, with the same extension
 * (`dist/esm/thread.js`, `dist/cjs/thread.cjs`). The build keeps it an entry of its own there. Undefined when this
 * code was bundled into something that does not say where it is.
 */
export function threadUrl(): URL | undefined {
  if (typeof here !== 'string') return undefined;
  try {
    const extension = /\.[cm]?[jt]s$/.exec(new URL(here).pathname)?.[0] ?? '.js';
    // Not new URL('./…', import.meta.url): bundlers take that for a file to bundle, and with a computed name for all of them.
    const url = new URL(here.replace(/[^/]*$/, `thread${extension}`));
    return extension === '.ts' ? threadUrlOfSource(url, here) : url;
  } catch {
    return undefined;
  }
}
