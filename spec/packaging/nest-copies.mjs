// Loads three copies of the package into one process, the third a bundle whose path comes as argument,
// mixes their spans and prints the trees.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import * as esm from 'pandaprobe-ts';

const cjs = createRequire(import.meta.url)('pandaprobe-ts');
const bundle = await import(pathToFileURL(process.argv[2]).href);
if (new Set([esm.withSpan, cjs.withSpan, bundle.withSpan]).size !== 3) throw new Error('these are not three copies');

const sink = new esm.MemorySink();
esm.init({ sinks: [sink] });

// Spans of the others inside spans of each: bodies, wrapped functions, handles, and what is current.
for (const [title, outer, middle, inner] of [
  ['esm', esm, cjs, bundle],
  ['cjs', cjs, bundle, esm],
  ['bundle', bundle, esm, cjs],
]) {
  await outer.withTrace(`trace of ${title}`, async (trace) => {
    const search = inner.spanFunction(
      async function search(word) {
        await null;
        outer.getCurrentSpan().setModel(`model of ${word}`);
        return word;
      },
      { kind: 'TOOL' },
    );
    await middle.withSpan('plan', async () => {
      await null;
      await Promise.all([search('one'), search('two')]);
      inner.getCurrentSpan().setMetadata({ by: 'inner' });
    });
    const handle = trace.span('answer', { kind: 'CHAIN' });
    inner.withSpan('write', { kind: 'LLM' }, () => middle.getCurrentTrace().setMetadata({ by: title }));
    handle.end();
  });
}

for (const trace of sink.traces) {
  const spans = trace.spans.map(({ name, model, metadata }) => `${name}: ${model} ${JSON.stringify(metadata)}`);
  console.log(`${trace.status} ${JSON.stringify(trace.metadata)}\n${spans.join('\n')}`);
}
console.log(sink.tree());
