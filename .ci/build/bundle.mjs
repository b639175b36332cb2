// The options of rolldown for every kind of build: `esm` and `cjs` for Node, `bundled` for bundlers, `edge` for runtimes without
// Node's modules, `browser` for pages. The plugins stand in one place because their order matters: the first that gives a file
// its code wins.
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { asciiOnly } from './ascii-only.mjs';
import { axiosLeftOut } from './axios-left-out.mjs';
import { axiosWithoutForms } from './axios-without-forms.mjs';
import { hereInCjs } from './here-in-cjs.mjs';
import { later } from './later.mjs';
import { leftAlone } from './left-alone.mjs';
import { noEmptyRuntime } from './no-empty-runtime.mjs';
import { noProcess } from './no-process.mjs';
import { plainQuotes } from './plain-quotes.mjs';
import { reflectWhenUsed } from './reflect-when-used.mjs';
import { edgeGlobals, replaced, standIns } from './replaced.mjs';
import { requireInBundle } from './require-in-bundle.mjs';
import { root } from './root.mjs';
import { runTimeCopy } from './run-time-copy.mjs';
import { shortLines } from './short-lines.mjs';
import { credits, isTakenIn, staysImported } from './taken-in.mjs';
import { viewerFiles } from './viewer-files.mjs';

/** Writes the entries `input` of one kind below `folder`. */
export async function buildCode(kind, input, { folder, threadSource, output }) {
  const extension = kind === 'cjs' ? 'cjs' : 'js';
  const bundle = await openBundle(kind, input, threadSource);
  try {
    await bundle.write({
      dir: join(folder, kind),
      format: kind === 'cjs' ? 'cjs' : 'esm',
      entryFileNames: `[name].${extension}`,
      chunkFileNames: `[name].${extension}`,
      // No source maps: functions and classes keep their names, and tools warn of maps whose sources are not in the package.
      exports: 'named',
      // Runners with their own module loader, such as Jest, do not support import() in a CommonJS file.
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

/** @param first plugins that come before all others */
export function openBundle(kind, input, threadSource, first = []) {
  return rolldown({
    cwd: root,
    input,
    platform: 'node',
    // No warnings about slow plugins, which a slow machine would cause.
    checks: { pluginTimings: false },
    external: staysImported,
    // Side effects of source files are kept, although package.json says that dist has none.
    treeshake: { moduleSideEffects: (path) => !isTakenIn(path) },
    transform: {
      target: 'node20',
      ...(kind === 'edge' ? { inject: edgeGlobals } : {}),
      // The engine of React Native has no `import.meta`, and cannot parse a file with it.
      ...(kind === 'browser' ? { define: { 'import.meta.url': 'undefined' } } : {}),
    },
    plugins: [
      ...first,
      standIns(kind),
      replaced(kind, threadSource),
      hereInCjs(kind),
      reflectWhenUsed(),
      axiosWithoutForms(),
      axiosLeftOut(),
      later(kind),
      viewerFiles(),
      requireInBundle(kind),
      noProcess(kind),
      leftAlone(kind),
      runTimeCopy(kind),
      noEmptyRuntime(),
      plainQuotes(kind),
      asciiOnly(),
      shortLines(kind),
    ],
    onLog(level, log, forward) {
      if (log.code === 'PLUGIN_TIMINGS') return; // of a busy machine
      if (level === 'warn') throw new Error(`rolldown: ${log.message}`);
      forward(level, log);
    },
  });
}
