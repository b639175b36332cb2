// Prints the size of the edge entry by room: `node .ci/edge-size.mjs`. It bundles two programs by esbuild as Wrangler does, one
// that imports every name, and one with decorators, callbacks and handles; then it prints how much smaller the second one would
// be without each room.
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { openBundle } from './build/bundle.mjs';
import { root } from './build/root.mjs';

const usual = 'flushAfter, init, span, startTrace, trace, withSpan, withTrace';
const programs = { 'every name': '*', [usual]: `{ ${usual} }` };
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

for (const [title, names] of Object.entries(programs)) {
  const { outputFiles } = await build({
    stdin: { contents: `export ${names} from 'pandaprobe-ts';`, resolveDir: root },
    ...{ bundle: true, minify: true, write: false, format: 'esm', platform: 'neutral', logLevel: 'error' },
    ...{ conditions: ['workerd', 'import'], external: ['node:async_hooks'] },
  });
  const [{ contents }] = outputFiles;
  const [gzip, brotli] = [gzipSync(contents).length, brotliCompressSync(contents).length];
  console.log(`${title}: ${kilobytes(contents.length)} minified, ${kilobytes(gzip)} gzip, ${kilobytes(brotli)} brotli`);
}

const rooms = new Map();
for (const [path, code] of await modulesOf(`export { ${usual} } from ${JSON.stringify(join(root, 'lib/index.ts'))};`)) {
  const [first, second, third] = path.split('/');
  const room = first !== 'lib' ? 'packages' : ['delivery', 'client'].includes(second) ? `${second}/${third}` : second;
  rooms.set(room, `${rooms.get(room) ?? ''}${code}`);
}
const zipped = (without) => gzipSync([...rooms].map(([room, code]) => (room === without ? '' : code)).join('')).length;
const all = zipped();
const rows = [...rooms].map(([room, code]) => [room, code.length, all - zipped(room)]).sort((a, b) => b[2] - a[2]);
for (const [room, bytes, share] of rows)
  console.log(`${room.padEnd(24)} ${kilobytes(bytes)} minified, ${kilobytes(share)} gzip`);

/** The modules of the edge build that a program uses, each minified. */
async function modulesOf(code) {
  const entry = {
    name: 'entry',
    resolveId: (id) => (id === 'program' ? id : null),
    load: (id) => (id === 'program' ? code : null),
  };
  const bundle = await openBundle('edge', { index: 'program' }, '', [entry]);
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false, comments: { jsdoc: false } });
  await bundle.close();
  const modules = output.flatMap((chunk) => Object.entries(chunk.modules ?? {})).filter(([, { code }]) => code);
  return Promise.all(
    modules.map(async ([id, { code }]) => [
      id.slice(root.length).replaceAll('\\', '/').replace(/^\//, ''),
      (await transform(code, { minify: true })).code,
    ]),
  );
}
