// 100,000 turns of 6 spans at full speed, `traced` or `bare`. Prints its largest resident memory and what became of the traces.
const [mode, count] = process.argv.slice(2);
const text = 'He said "the refund for order #48213 is due",\nso we looked it up; <b>eligible</b>. '
  .repeat(6)
  .slice(0, 500);
const messages = (content) => ({ messages: [{ role: 'user', content }] });

const tracing = mode === 'traced' ? await import('pandaprobe-ts') : undefined;
const step =
  (name, inner = []) =>
  async (input) => {
    await null;
    for (const next of inner) await next(messages(`${name}: ${input.messages[0].content}`.slice(0, 500)));
    return messages(`${name} done: ${text}`);
  };
const recorded = (name, inner) =>
  tracing === undefined ? step(name, inner) : tracing.spanFunction(step(name, inner), { name, captureInput: true });
const plan = recorded('plan');
const retrieve = recorded('retrieve', [recorded('rank')]);
const generate = recorded('generate', [recorded('check')]);
const agent = step('agent', [plan, retrieve, generate]);
const turn = tracing === undefined ? agent : tracing.traceFunction(agent, { name: 'agent' });

let rss = 0;
const startedAt = performance.now();
for (let i = 0; i < Number(count); i += 1) {
  await turn(messages(text));
  if (i % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
  if (i % 500 === 0) rss = Math.max(rss, process.memoryUsage.rss());
}
const seconds = (performance.now() - startedAt) / 1000;
rss = Math.max(rss, process.memoryUsage.rss());
console.log(JSON.stringify({ rss, seconds, stats: tracing?.getClient().stats() }));
