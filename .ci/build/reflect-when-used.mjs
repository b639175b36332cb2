// Runs reflect-metadata only when one of its functions is first called, because it changes the global `Reflect`, and importing
// this package must not do that. Left out are its other functions, whose needs are a quarter of its code, and its tests for Symbol,
// Map, Set and WeakMap, which every engine has that runs this package.
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

/** `typeof Map === "function" ? Map : fail("…")`, and the like. */
const tested = /= [^;?]+ \? ([\w.]+) : fail\("[^"]*"\);/g;

/** A CommonJS module as an ES module whose functions run it first. */
function whenUsed(source) {
  const names = new Set([...source.matchAll(exported)].map(([, name]) => name));
  for (const name of used) if (!names.has(name)) throw new Error(`reflect-metadata is not what it was: no ${name}`);
  if (source.match(tested)?.length !== 5)
    throw new Error('reflect-metadata is not what it was: it tests for something else');
  const body = source
    .replace(tested, '= $1;')
    .replace('typeof Symbol === "function"', 'true')
    .replace(exported, (line, name) => (used.includes(name) ? line : ''));
  const code = `
let loaded;
function load() {
  const exports = {};
  loaded = exports;
${body}
  return exports;
}
${used.map((name) => `export const ${name} = (...args) => (loaded ?? load()).${name}(...args);`).join('\n')}`;
  return code;
}
