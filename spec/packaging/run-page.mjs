// Runs the module whose path comes as argument as a page does: with what browsers have, without what further arguments name, and
// nothing of Node.
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const names = [
  'URL',
  'URLSearchParams',
  'TextEncoder',
  'TextDecoder',
  'Headers',
  'Request',
  'Response',
  'ReadableStream',
];
const more = [
  'AbortController',
  'Blob',
  'queueMicrotask',
  'performance',
  'setTimeout',
  'clearTimeout',
  'crypto',
  'console',
];
const [path, ...without] = process.argv.slice(2);
const there = [...names, ...more].filter((name) => !without.includes(name));
const page = vm.createContext(Object.fromEntries(there.map((name) => [name, globalThis[name]])));
const module = new vm.SourceTextModule(readFileSync(path, 'utf8'), {
  context: page,
  initializeImportMeta: (meta) => {
    meta.url = 'https://page.invalid/page.js';
  },
});
await module.link((specifier) => {
  throw new Error(`a page cannot load ${specifier}`);
});
await module.evaluate();
