// The service that users ask.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { injectingFetch } from 'pandaprobe-ts/propagation';
import { dieIf } from './die-if.js';

const back = fork(fileURLToPath(new URL('back.ts', import.meta.url)));
const [port] = await once(back, 'message');
const call = injectingFetch();

await withTrace('travel-agent', () =>
  withSpan('ask', { kind: 'TOOL' }, async () => {
    const answer = await call(`http://127.0.0.1:${port}/`);
    console.log(await answer.text());
    dieIf('front');
  }),
).catch((error: Error) => console.log(`no 21 °C: ${error.message}`));
process.exit();
