// One run in four processes: a service, a service behind it, a worker behind a queue, and an MCP server. Needs no key; the
// frameworks are installed by `npm run integrations`. Without PANDAPROBE_ENDPOINT it shows the tree of a local server of its own.
// DIES=front, back, worker or weather kills one of them in the middle: what the others have recorded arrives all the same.
//
// travel-agent
// └─ ask TOOL
//    └─ advise AGENT
//       └─ enqueue OTHER
//          └─ job AGENT
//             └─ forecast TOOL
//                └─ forecast TOOL
//                   └─ geocode RETRIEVER
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { receiverEnv, sampleProject } from '../launch.js';
import { startReceiving } from '../receiving/receiving.js';
import { renderTrees } from '../tree.js';

const front = fileURLToPath(new URL('processes/front.ts', import.meta.url));
const receiving = process.env.PANDAPROBE_ENDPOINT === undefined ? await startReceiving(sampleProject) : undefined;
const env = receiving === undefined ? process.env : { ...process.env, ...receiverEnv(receiving.server.url) };
// Each process ends when the one before it has ended; the pipe closes with the last of them.
const child = fork(front, { env, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
child.stdout?.on('data', (text) => process.stdout.write(text));
await once(child, 'close');
if (receiving !== undefined) {
  const { traces } = await receiving.readBack();
  console.log(renderTrees(traces));
  await receiving[Symbol.asyncDispose]();
}
