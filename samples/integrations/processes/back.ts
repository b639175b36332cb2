// The service behind it, which puts long jobs into a queue: here, messages to its worker.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { inject, withRemoteParent } from 'pandaprobe-ts/propagation';
import { dieIf } from './die-if.js';

const worker = fork(fileURLToPath(new URL('worker.ts', import.meta.url)));
await once(worker, 'message');
process.once('disconnect', () => process.exit());

const server = createServer((request, response) =>
  withRemoteParent(request.headers, () =>
    withTrace('advise', async () => {
      const answered = Promise.race([
        once(worker, 'message'),
        once(worker, 'exit').then(() => ['the worker has died']),
      ]);
      withSpan('enqueue', () => worker.send({ city: 'Lisbon', context: inject() }));
      const [answer] = await answered;
      dieIf('back');
      response.end(answer);
    }),
  ),
);
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
