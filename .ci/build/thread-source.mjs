// The code of delivery's thread as text in a module, because a separate file would not be found if a bundler moves the code that
// starts the thread.
import { openBundle } from './bundle.mjs';
import { credits } from './taken-in.mjs';

const thread = { 'pandaprobe-thread': 'lib/delivery/thread-entry.ts' };

/** A script without a file resolves packages from the current folder; this makes it resolve them from delivery's folder. */
const requireInThread =
  'try { return require("node:module").createRequire(require("node:worker_threads").workerData.home); } catch { return require; }';

/** The module that holds the thread's code. */
export async function readThreadSource() {
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
