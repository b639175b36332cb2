// Records two traces, delivers them to the endpoint of the environment and ends as ENDING says: by running out of
// things to do, after a flush, or with process.exit().
import { flush, init, spanFunction, startTrace, withSpan, withTrace } from 'pandaprobe-ts';

init();

const search = spanFunction(
  async function search(word) {
    await new Promise((resolve) => setTimeout(resolve, 2));
    return word;
  },
  { name: 'search', kind: 'TOOL' },
);
await withTrace('body', async () => {
  await withSpan('plan', () => Promise.all([search('one'), search('two')]));
  withSpan('answer', { kind: 'LLM' }, () => 'done');
});

const t = startTrace('handle');
const outer = t.span('outer');
await null;
withSpan('inner', () => 1);
outer.end();
t.end();

if (process.env.ENDING === 'flush') {
  const { ok, delivered } = await flush();
  console.log(`${ok ? 'ok' : 'not ok'}, ${delivered} delivered`);
}
if (process.env.ENDING === 'exit') process.exit(3);
