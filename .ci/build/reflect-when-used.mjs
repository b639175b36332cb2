// Runs reflect-metadata only when one of its functions is first called, because it changes the global `Reflect`, and importing
// this package must not do that. Its other functions are left out:
// what they need is a quarter of its code.
import { readFile } from 'node:fs/promises';

/** What lib/ imports of it; the build fails where this is too little. */
const used = ['defineMetadata', 'getOwnMetadata', 'getOwnMetadataKeys'];

export function reflectWhenUsed() {
  return {
    name: 'reflect-when-used',
    load: {
      filter: { id: /[\\/]node_modules[\\/]reflect-metadata[\\/]ReflectNoConflict\.js$/ },
      handler: async (id) => ({ code: whenUsed(await readFile(id, 'utf8')), moduleType: 'js' }),
    },
  };
}

const exported = /^exports\.(\w+) = \1;$/gm;

/** A CommonJS module as an ES module whose functions run it first. */
function whenUsed(source) {
  const names = new Set([...source.matchAll(exported)].map(([, name]) => name));
  for (const name of used) if (!names.has(name)) throw new Error(`reflect-metadata is not what it was: no ${name}`);
  const code = `
let loaded;
function load() {
  const exports = {};
  loaded = exports;
${source.replace(exported, (line, name) => (used.includes(name) ? line : ''))}
  return exports;
}
${used.map((name) => `export const ${name} = (...args) => (loaded ?? load()).${name}(...args);`).join('\n')}`;
  return code;
}
