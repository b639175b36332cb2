// Records the traces `from` to `to` over `spreadMs` milliseconds, and writes each number down once its trace has finished.
// Then: `stay` until it is killed, or `exit` by process.exit() in the middle of everything. Started by chaos.ts.
import { openSync, writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { getClient, init, score, startTrace } from 'pandaprobe-ts';

const [from, to, spreadMs, file, then] = process.argv
  .slice(2)
  .map((word) => (/^\d+$/.test(word) ? Number(word) : word));
const finished = openSync(file, 'a');
init({ requestTimeoutMs: 500, exitTimeoutMs: 1000, debug: process.env.CHAOS_DEBUG === '1' });

function record(number) {
  const t = startTrace(`t${number}`, { input: { messages: [{ role: 'user', content: `question ${number}` }] } });
  t.withSpan('plan', { kind: 'LLM', model: 'gpt-5.4' }, (plan) =>
    plan.withSpan('look up', { kind: 'TOOL' }, () => 'found'),
  );
  const count = number % 500 === 0 ? 700 : 2; // some are larger than a request may be
  for (let i = 0; i < count; i += 1) t.withSpan(`step ${i}`, () => 'x'.repeat(200));
  t.setOutput({ messages: [{ role: 'assistant', content: 'answer' }] }).end();
  if (number % 10 === 0) score(t.traceId, 'quality', (number % 100) / 100); // from 0 to 1
  writeSync(finished, `${number}\n`);
}

const perTick = Math.ceil(((to - from) * 20) / spreadMs);
for (let number = from; number < to; ) {
  for (let i = 0; i < perTick && number < to; i += 1, number += 1) record(number);
  await wait(20);
}
console.log('recorded');
if (then === 'exit') process.exit(0);
setInterval(() => console.log(`pending ${getClient().stats().pending}`), 1000);
