// Files of lib/ that are others in one kind of build, because each kind is loaded by other programs: Node, bundlers that do
// or do not know the condition `module`, pages, edge runtimes. Where a kind is not named, the file stays as in lib/.
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
    // A plain require, which bundlers and file tracers follow, and which gives delivery at once.
    cjs: `export const deliveryBeside = () => require(${besides});`,
    // Taken in by a bundler, which puts both into one: nothing is loaded later, when there may be no turn of the loop left.
    bundled: `import * as file from './delivery-file.js';\nexport const deliveryBeside = () => file;`,
  },
  // Nothing is recorded there: the table of prices is not to come along into a page.
  'lib/prices/genai-prices.ts': { browser: 'export const genaiPrices = () => () => undefined;' },
  'lib/config/platform.ts': {
    browser: `export const unsupported = 'nothing is recorded in a browser, where your key must not be: record on your server';`,
  },
  // A second way for what another writes as well, which is not worth its bytes there.
  'lib/model/rows-walk.ts': { edge: `export { BatchWalk as RowsWalk } from './batch-walk.js';` },
  // What is about threads, files, sockets and the loading of a second file.
  'lib/client/sinks/lazy-delivery.ts': { edge: 'export class LazyDelivery {}' },
  'lib/delivery/http/proxy.ts': {
    edge: 'export const percentDecoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };',
  },
};

/** Files of lib/edge/, by the file that each stands for where there is no Node: of lib/, or of a package that is too large there. */
const onEdge = new Map([
  ['lib/common/builtins.ts', 'builtins'],
  ['node_modules/reflect-metadata/ReflectNoConflict.js', 'metadata'],
  ['lib/common/ids.ts', 'ids'],
  ['lib/common/real-time.ts', 'real-time'],
  ['lib/client/lifecycle/request-context.ts', 'request-context'],
  ['lib/client/lifecycle/process-exit.ts', 'process-exit'],
  ['lib/client/live/live-delivery.ts', 'request-delivery'],
  ['lib/client/loading/load-delivery.ts', 'load-delivery'],
  ['lib/delivery/pandaprobe/unfold-body.ts', 'unfold-body'],
  ['lib/otlp/protocol.ts', 'otlp/protocol'],
  ['lib/delivery/otlp/gzip.ts', 'otlp/gzip'],
]);

/** Globals of Node that stand in lib/edge/ where there is no Node. */
export const edgeGlobals = Object.fromEntries(
  ['Buffer', 'process'].map((name) => [name, [join(root, 'lib/edge/globals.ts'), name]]),
);

/** Leads the imports of a file to what stands for it, and that one's own to the file itself. */
export function standIns(kind) {
  return {
    name: 'stand-ins',
    async resolveId(id, importer, options) {
      if (kind !== 'edge' || importer === undefined) return null;
      const found = await this.resolve(id, importer, { ...options, skipSelf: true });
      const path = pathOf(found?.id ?? '');
      const name = onEdge.get(path);
      const own = join(root, `lib/edge/${name}.ts`);
      return name === undefined || importer === own ? null : own;
    },
  };
}

function pathOf(id) {
  return relative(root, id).split(sep).join('/');
}

/** @param threadSource the module that holds the thread's code; the thread's own build has none */
export function replaced(kind, threadSource) {
  // Pages have no threads, and the ES modules load delivery from the CommonJS build.
  const thread = { 'lib/delivery/worker/thread-source.ts': { cjs: threadSource, bundled: threadSource } };
  return {
    name: 'replaced',
    load(id) {
      const code = { ...files, ...thread }[pathOf(id)]?.[kind];
      return code === undefined ? null : { code, moduleType: 'js' };
    },
  };
}
