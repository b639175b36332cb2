import { parentPort, workerData } from 'node:worker_threads';
import { os } from '../common/builtins.js';
import { startSender } from './start-sender.js';
import type { Report, ToSender } from './wire/messages.js';
import { AckRing } from './worker/ack-ring.js';
import type { ThreadData, ThreadReport } from './worker/thread-data.js';

/** The entry of the worker thread: senders, each at the other end of a port of its own. Ends when the last port is closed. */

/** How much less than the application this thread counts where all processors are busy: a quarter. Source: sched(7), nice. */
const niceness = 5;
/** The least a thread can count. */
const maxNiceness = 19;

/** Of all senders. */
const allAcks = new Set<AckRing>();

standBack();
start(workerData as ThreadData); // the other side of shared-threads.ts
parentPort?.on('message', start).unref();
// Whoever is blocked in waitSync() must learn that nothing comes any more.
process.once('exit', () => {
  for (const acks of allAcks) acks.close();
});

function start({ port, acks: memory, settings }: ThreadData): void {
  const acks = new AckRing(memory);
  let maxBodyBytesTold = 0;
  allAcks.add(acks);
  const receive = startSender(settings, report);
  port.on('message', (message: ToSender) => {
    receive(message);
    if (message.type === 'close') port.close();
  });
  port.once('close', () => allAcks.delete(acks));
  report({ obstacles: { traces: 0, other: 0 }, delivered: [], results: [], maxBodyBytes: settings.maxBodyBytes }); // up

  /** By message only where it is news, or waited for. */
  function report({ delivered, ...rest }: Report): void {
    acks.write(delivered);
    const isBody = rest.maxBodyBytes !== maxBodyBytesTold;
    const isNews = delivered.length === 0 || rest.results.length > 0 || isBody || rest.requests !== undefined;
    if (isNews || acks.isRequested) {
      const report: ThreadReport = { ...rest, count: acks.count };
      port.postMessage(report);
      maxBodyBytesTold = rest.maxBodyBytes;
    }
    acks.notify();
  }
}

/** The application goes first. Elsewhere than on Linux a priority is that of the whole process, which is not ours to change. */
function standBack(): void {
  if (process.platform !== 'linux') return;
  try {
    os().setPriority(Math.min(os().getPriority() + niceness, maxNiceness));
  } catch {
    // Not allowed here.
  }
}
