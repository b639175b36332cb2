// An agent whose step ends, and the next one begins, with each line of standard input; it ends with the last step. Says what it
// has done and when. Started by live-program.spec.ts and by spec/bench/live.bench.ts.
import { createInterface } from 'node:readline';
import { shutdown, startTrace } from 'pandaprobe-ts';

const steps = Number(process.argv[2]);
const say = (what) => console.log(JSON.stringify({ what, at: Date.now() }));
const t = startTrace(process.argv[3] ?? 'live agent');
let number = 1;
let step = t.span('step 1');
say('running');
for await (const _ of createInterface({ input: process.stdin })) {
  step.end();
  say(`step ${number}`);
  number += 1;
  if (number > steps) break;
  step = t.span(`step ${number}`);
}
t.end();
process.stdin.destroy(); // an open pipe would keep the process
await shutdown();
