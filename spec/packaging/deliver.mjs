// Loads the package from the file that comes as argument, by import or require, sends one trace to the endpoint of the
// environment, and prints which thread files were started and what the flush came to.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { basename } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const [path, worker] = process.argv.slice(2);
const require = createRequire(import.meta.url);

const threads = require('node:worker_threads');
const started = [];
threads.Worker = class extends threads.Worker {
  constructor(url, options) {
    started.push(basename(fileURLToPath(url)));
    super(url, options);
  }
};
syncBuiltinESMExports();

const { flush, init, withSpan, withTrace } = path.endsWith('.cjs')
  ? require(path)
  : await import(pathToFileURL(path).href);
init({ worker });
await withTrace('run', () => withSpan('step', async () => 'done'));
const { ok, delivered } = await flush();
console.log(`${started.join() || 'no thread'}; ${ok ? 'ok' : 'not ok'}, ${delivered} delivered`);
