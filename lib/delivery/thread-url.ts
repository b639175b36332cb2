import { threadUrlOfSource } from './thread-url-of-source.js';

/** Read as the module loads: the CommonJS build requires a module for it, and Jest lets nothing be required once a test file is over. */
const here: unknown = import.meta.url;

/**
 * Where the thread's entry is: `dist/cjs/pandaprobe-thread.cjs`, for both module systems. Undefined when this code was
 * bundled into something that does not say where it is. A bundle has no such file near it, nor has an application one of
 * this name that would be started by mistake.
 */
export function threadUrl(): URL | undefined {
  if (typeof here !== 'string') return undefined;
  try {
    // Not new URL('./…', import.meta.url): bundlers take that for a file to bundle, and with a computed name for all of them.
    if (here.endsWith('.ts')) return threadUrlOfSource(new URL(here.replace(/[^/]*$/, 'thread.ts')), here);
    return new URL(here.replace(/[^/]*\/[^/]*$/, 'cjs/pandaprobe-thread.cjs'));
  } catch {
    return undefined;
  }
}
