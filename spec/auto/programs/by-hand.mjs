// A program that traces by itself, wraps a client by hand, and runs itself in a thread and a forked process. Argument: OpenAI's address.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import OpenAI from 'openai';
import { flush, withTrace } from 'pandaprobe-ts';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

const [, , url, role = 'main'] = workerData ?? process.argv;
const client = new OpenAI({ apiKey: 'k', baseURL: `${url}/v1`, maxRetries: 0 });
if (role === 'main') wrapOpenAI(client);
const messages = [{ role: 'user', content: 'How warm is it in Lisbon?' }];
await withTrace(role, () => client.chat.completions.create({ model: 'plain', messages }));
await flush();
if (isMainThread) console.log(role);
if (role === 'main') {
  const here = fileURLToPath(import.meta.url);
  await once(new Worker(here, { workerData: [...process.argv.slice(0, 3), 'thread'] }), 'exit');
  console.log('thread');
  await once(fork(here, [url, 'forked']), 'exit');
}
