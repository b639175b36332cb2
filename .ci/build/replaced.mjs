// Files of lib/ that are others in one kind of build, because each kind is loaded by other programs: Node, bundlers that do
// or do not know the condition `module`, pages. Where a kind is not named, the file stays as in lib/.
import { relative, sep } from 'node:path';
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
    browser: `export const unsupported = 'nothing is recorded here: pandaprobe-ts works in Node.js, Deno and Bun, in browsers and edge runtimes not yet';`,
  },
};

/** @param threadSource the module that holds the thread's code; the thread's own build has none */
export function replaced(kind, threadSource) {
  // Pages have no threads, and the ES modules load delivery from the CommonJS build.
  const thread = { 'lib/delivery/worker/thread-source.ts': { cjs: threadSource, bundled: threadSource } };
  return {
    name: 'replaced',
    load(id) {
      const code = { ...files, ...thread }[relative(root, id).split(sep).join('/')]?.[kind];
      return code === undefined ? null : { code, moduleType: 'js' };
    },
  };
}
