// Runs reflect-metadata only when one of its functions is first called, because it changes the global `Reflect`, and importing
// this package must not do that.
import { readFile } from 'node:fs/promises';

export function reflectWhenUsed() {
  return {
    name: 'reflect-when-used',
    load: {
      filter: { id: /[\\/]node_modules[\\/]reflect-metadata[\\/]ReflectNoConflict\.js$/ },
      handler: async (id) => ({ code: whenUsed(await readFile(id, 'utf8')), moduleType: 'js' }),
    },
  };
}

/** A CommonJS module as an ES module whose functions run it first. */
function whenUsed(source) {
  const names = [...source.matchAll(/^exports\.(\w+) = \1;$/gm)].map(([, name]) => name);
  const code = `
let loaded;
function load() {
  const exports = {};
  loaded = exports;
${source}
  return exports;
}
${names.map((name) => `export const ${name} = (...args) => (loaded ?? load()).${name}(...args);`).join('\n')}`;
  if (names.length === 0) throw new Error('reflect-metadata is not what it was');
  return code;
}
