// Files of lib/ that are replaced in some kinds of build, because different programs load each kind: Node, bundlers that do or do
// not know the condition `module`, browsers, edge runtimes. In a kind that is not named here, the file of lib/ is used.
import { join, relative, sep } from 'node:path';
import { root } from './root.mjs';

const besides = "'../cjs/pandaprobe-delivery.cjs'";
const files = {
  'lib/client/loading/delivery-beside.ts': {
    // For bundlers that do not know the condition `module`, in the ways they know; Node itself comes to the last line.
    esm: `
      export function deliveryBeside() {
        try {
          if (import.meta.webpackContext) {
            return import.meta.webpackContext('../cjs', { recursive: false, regExp: /pandaprobe-delivery\\.cjs$/ })(
              './pandaprobe-delivery.cjs',
            );
          }
          return requireInBundle(${besides});
        } catch {
          return import(${besides});
        }
      }`,
    browser: 'export const deliveryBeside = () => Promise.reject(new Error("there is none here"));',
    // A plain require, which bundlers and file tracers follow, and which loads delivery synchronously.
    cjs: `export const deliveryBeside = () => require(${besides});`,
    // The bundler includes the file, so that nothing has to be loaded later, when the event loop may not turn any more.
    bundled: `import * as file from './delivery-file.js';\nexport const deliveryBeside = () => file;`,
  },
  // Nothing is recorded in browsers, so the table of prices, and what only a recording client needs, must not be in a page.
  'lib/prices/genai-prices.ts': { browser: 'export const genaiPrices = () => () => undefined;' },
  'lib/client/recording/held-records.ts': { browser: 'export class HeldRecords {}' },
  'lib/client/recording/joined-otel-span.ts': { browser: 'export const joinedOtelSpan = undefined;' },
  'lib/config/platform.ts': {
    browser: `export const unsupported = 'nothing is recorded in a browser or on a device, where your key must not be: record on your server';`,
  },
  // A second way to write what another file writes as well; it is not worth its bytes on the edge.
  'lib/model/rows-walk.ts': { edge: `export { BatchWalk as RowsWalk } from './batch-walk.js';` },
  // The errors of `fetch` have no codes; `lib/edge/fetch-transport.ts` gives one when the time is over.
  'lib/delivery/report/code-advice.ts': {
    edge: `export const adviceForCode = (code) => (code === 'ETIMEDOUT' ? 'no answer in time: raise requestTimeoutMs' : undefined);`,
  },
  // There are no folders, so none is refused.
  'lib/config/usable-folder.ts': {
    edge: 'export const isUsableFolder = () => true;',
    browser: 'export const isUsableFolder = () => true;',
  },
  // Traces are sent there when they have ended, or not at all.
  'lib/client/sinks/early-deliveries.ts': {
    edge: 'export const tellOpened = () => {};',
    browser: 'export const tellOpened = () => {};',
  },
  // Code for threads, files, sockets and the loading of a second file.
  'lib/client/sinks/lazy-delivery.ts': { edge: 'export class LazyDelivery {}' },
};

/**
 * Files of lib/edge/, by the file that each replaces on runtimes without Node: a file of lib/, or of a package that is too large.
 */
const onEdge = new Map([
  ['lib/common/builtins.ts', 'builtins'],
  ['node_modules/reflect-metadata/ReflectNoConflict.js', 'metadata'],
  ['lib/common/ids.ts', 'ids'],
  ['lib/common/real-time.ts', 'real-time'],
  ['lib/client/lifecycle/request-context.ts', 'request-context'],
  ['lib/client/lifecycle/client-end.ts', 'client-end'],
  ['lib/client/live/live-delivery.ts', 'request-delivery'],
  ['lib/client/loading/load-delivery.ts', 'load-delivery'],
  ['lib/delivery/pandaprobe/unfold-body.ts', 'unfold-body'],
  ['lib/otlp/protocol.ts', 'otlp/protocol'],
  ['lib/delivery/otlp/gzip.ts', 'otlp/gzip'],
]);

/** Node's globals that lib/edge/ provides for runtimes without Node. */
export const edgeGlobals = Object.fromEntries(
  ['Buffer', 'process'].map((name) => [name, [join(root, 'lib/edge/globals.ts'), name]]),
);

/** Those that replace a file in pages, too: nothing is recorded there, but a program may read the ids of its traces and spans. */
const standInsOf = { edge: onEdge, browser: new Map([['lib/common/ids.ts', 'ids']]) };

/** Redirects imports of a file to its replacement; imports within the replacement lead to the file itself. */
export function standIns(kind) {
  return {
    name: 'stand-ins',
    async resolveId(id, importer, options) {
      const known = standInsOf[kind];
      if (known === undefined || importer === undefined) return null;
      const found = await this.resolve(id, importer, { ...options, skipSelf: true });
      const path = pathOf(found?.id ?? '');
      const name = known.get(path);
      const own = join(root, `lib/edge/${name}.ts`);
      return name === undefined || importer === own ? null : own;
    },
  };
}

function pathOf(id) {
  return relative(root, id).split(sep).join('/');
}

/** @param threadSource the module with the thread's code; undefined in the build of the thread itself */
export function replaced(kind, threadSource) {
  // Browsers get no thread, and the ES modules load delivery from the CommonJS build.
  const thread = { 'lib/delivery/worker/thread-source.ts': { cjs: threadSource, bundled: threadSource } };
  return {
    name: 'replaced',
    load(id) {
      const code = { ...files, ...thread }[pathOf(id)]?.[kind];
      return code === undefined ? null : { code, moduleType: 'js' };
    },
  };
}
