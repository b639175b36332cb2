// What loading the edge build costs in workerd: `npx tsx spec/bench/edge-import.ts <folder>`, where Miniflare is installed in the folder's
// node_modules. Linux alone.
//
// A Worker's clock stands still while it computes. So this reads the processor time of the workerd process from outside, for a
// Worker that imports 20 copies of the package, each of other text so that nothing is compiled once for all, and for one that
// imports 20 empty modules. The difference divided by 20 is one copy: once imported as the Worker starts, and once by import() in
// a request, by when workerd has compiled it.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));
const copies = Array.from({ length: 20 }, (_, at) => at);
const rounds = 6;
/** Milliseconds of a tick of the processor's clock. Source: proc(5), `sysconf(_SC_CLK_TCK)` is 100 on Linux. */
const tickMs = 10;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('expected the folder that Miniflare is installed in, got none');
const { Miniflare } = createRequire(join(resolve(folder), 'package.json'))('miniflare');

const { outputFiles } = await build({
  stdin: { contents: `export * from 'pandaprobe-ts';`, resolveDir: root },
  ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'browser', target: 'es2022' },
  ...{ conditions: ['workerd', 'worker', 'browser'], external: ['node:*'], logLevel: 'error' },
});
const ours = outputFiles[0]?.text ?? '';
const empty = 'export const name = 1;';

const asItStarts = copies.map((at) => `import './m${at}.mjs';`).join('');
const inARequest = copies.map((at) => `await import('./m${at}.mjs');`).join('');
const worker = (first: string, then: string) =>
  `${first} export default { async fetch() { ${then} return new Response('done'); } };`;

const rows = { 'as the Worker starts': worker(asItStarts, ''), 'by import() in a request': worker('', inARequest) };
const found = Object.keys(rows).map((title) => ({ title, ours: [] as number[], empty: [] as number[] }));
for (let round = 0; round < rounds; round += 1) {
  for (const [at, code] of Object.values(rows).entries()) {
    found[at]?.empty.push(await measure(code, empty, at === 1));
    found[at]?.ours.push(await measure(code, ours, at === 1));
  }
}
for (const { title, ...costs } of found) {
  const ms = (median(costs.ours) - median(costs.empty)) / copies.length;
  console.log(`${title}: ${ms.toFixed(1)} ms of processor time (${(ours.length / 1000).toFixed(0)} KB minified)`);
}

/** Processor time in milliseconds: of the start with one request, or of the request alone. */
async function measure(code: string, module: string, isOfRequest: boolean): Promise<number> {
  const modules = copies.map((at) => ({
    ...{ type: 'ESModule', path: `m${at}.mjs` },
    contents: `${module}\n// ${at} ${Math.random()}`,
  }));
  const started = new Miniflare({
    modules: [{ type: 'ESModule', path: 'worker.mjs', contents: code }, ...modules],
    ...{ compatibilityDate: '2025-09-01', compatibilityFlags: ['nodejs_compat'] },
  });
  try {
    const url: URL = await started.ready;
    const before = isOfRequest ? workerdMs() : 0;
    if ((await (await fetch(url)).text()) !== 'done') throw new Error('the Worker did not answer');
    return workerdMs() - before;
  } finally {
    await started.dispose();
  }
}

/** Processor time of the workerd processes that this one has started. Source: proc(5), `/proc/pid/stat`. */
function workerdMs(): number {
  const lines = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(statOf)
    .filter((line) => line.includes('(workerd)'));
  const fields = lines.map((line) => line.slice(line.lastIndexOf(')') + 2).split(' '));
  const own = fields.filter(([, parent]) => Number(parent) === process.pid);
  return own.reduce((sum, field) => sum + (Number(field[11]) + Number(field[12])) * tickMs, 0);
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return ''; // it has ended meanwhile
  }
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
