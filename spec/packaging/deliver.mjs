// Loads the package from the file that comes as argument, by import or require, sends one trace to the endpoint of the
// environment, and prints how many threads were started and what the flush came to.
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { pathToFileURL } from 'node:url';

const [path, worker] = process.argv.slice(2);
const require = createRequire(import.meta.url);

const threads = require('node:worker_threads');
let started = 0;
threads.Worker = class extends threads.Worker {
  constructor(...args) {
    started += 1;
    super(...args);
  }
};
syncBuiltinESMExports();

const { flush, init, withSpan, withTrace } = path.endsWith('.cjs')
  ? require(path)
  : await import(pathToFileURL(path).href);
init({ worker });
await withTrace('run', () => withSpan('step', async () => 'done'));
const { ok, delivered } = await flush();
console.log(`${started} threads; ${ok ? 'ok' : 'not ok'}, ${delivered} delivered`);
