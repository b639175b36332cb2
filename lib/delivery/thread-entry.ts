import { parentPort, workerData } from 'node:worker_threads';
import { fs, os } from '../common/builtins.js';
import { applyNetwork } from './http/network-facts.js';
import { startSender } from './start-sender.js';
import type { ToSender } from './wire/messages.js';
import { AckRing } from './worker/ack-ring.js';
import { reportToMain } from './worker/report-to-main.js';
import type { ThreadData } from './worker/thread-data.js';

/** Entry of the worker thread. It runs senders, each with a port of its own, and ends when the last port is closed. */

/** Niceness added to this thread: with all processors busy it gets a third of an application thread's share. Source: sched(7), nice. */
const niceness = 5;
/** Highest niceness (lowest priority) of a thread. */
const maxNiceness = 19;

/** The acknowledgement rings of all senders. */
const allAcks = new Set<AckRing>();

standBack();
start(workerData as ThreadData); // from shared-threads.ts
parentPort?.on('message', start).unref();
// Wakes a main thread that is blocked in waitSync(): nothing more will be delivered.
process.once('exit', () => {
  for (const acks of allAcks) acks.close();
});

function start({ port, acks: memory, settings }: ThreadData): void {
  const acks = new AckRing(memory);
  allAcks.add(acks);
  applyNetwork(settings.network);
  const report = reportToMain(acks, (message) => port.postMessage(message));
  const receive = startSender(settings, report);
  port.on('message', (message: ToSender) => {
    receive(message);
    if (message.type === 'close') port.close();
  });
  port.once('close', () => allAcks.delete(acks));
  report({ obstacles: { traces: 0, other: 0 }, delivered: [], results: [], maxBodyBytes: settings.maxBodyBytes }); // says that the sender is up
}

/**
 * Lowers the priority of this thread. On Linux only: elsewhere the priority is that of the whole process. A new thread takes the
 * priority of the one that starts it, so Node's thread pool, which all threads share, is started before.
 */
function standBack(): void {
  if (process.platform !== 'linux') return;
  try {
    fs().stat('/', () => {}); // starts the pool, if nothing has used it. Source: Node's documentation, *UV_THREADPOOL_SIZE*
    os().setPriority(Math.min(os().getPriority() + niceness, maxNiceness));
  } catch {
    // Not permitted on this machine.
  }
}
