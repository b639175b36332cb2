// Runs the module whose path comes as argument as a page does: with what browsers have, without what further arguments name, and
// nothing of Node. With a second argument that begins with `workflow`, as Temporal runs the code of workflows. Source:
// `@temporalio/workflow`, `global-overrides.js`.
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
const inWorkflows = ['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController', 'console'];
const [path, place = 'page', ...without] = process.argv.slice(2);
const isWorkflow = place.startsWith('workflow');
const given = (isWorkflow ? inWorkflows : [...names, ...more]).filter((name) => !without.includes(name));
const page = vm.createContext(Object.fromEntries(given.map((name) => [name, globalThis[name]])));
if (isWorkflow) {
  for (const name of ['FinalizationRegistry', 'WeakRef']) {
    page[name] = function refused() {
      throw new Error(`${name} cannot be used in Workflows`);
    };
  }
}
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
