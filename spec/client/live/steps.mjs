// An agent of a few steps. Says `step N` as a step ends, then stays with the last one open. Started by killed.spec.ts.
import { setTimeout as wait } from 'node:timers/promises';
import { startTrace } from 'pandaprobe-ts';

const [count, stepMs] = process.argv.slice(2).map(Number);
const t = startTrace('agent');
for (let number = 1; number <= count; number += 1) {
  const step = t.span(`step ${number}`);
  await wait(stepMs);
  step.end();
  console.log(`step ${number}`);
}
t.span('open');
setInterval(() => {}, 1000);
