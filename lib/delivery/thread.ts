import { workerData } from 'node:worker_threads';
import { os } from '../common/builtins.js';
import type { Report, ToSender } from './protocol.js';
import { Signals } from './signals.js';
import { startSender } from './start-sender.js';
import type { ThreadData, ThreadReport } from './thread-data.js';

/** The entry of the worker thread: a sender at the other end of a port. Ends when the port is closed. */

/** How much less than the application this thread counts where all processors are busy: a quarter. Source: sched(7), nice. */
const niceness = 5;
/** The least a thread can count. */
const maxNiceness = 19;

const { port, signals: memory, settings } = workerData as ThreadData; // the other side of thread-host.ts
const signals = new Signals(memory);
let maxBodyBytesTold = 0;

standBack();
const receive = startSender(settings, tell);
port.on('message', (message: ToSender) => {
  receive(message);
  if (message.type === 'close') port.close();
});
tell({ troubles: 0, delivered: [], results: [], maxBodyBytes: settings.maxBodyBytes }); // up
// Whoever is blocked in waitSync() must learn that nothing comes any more.
process.once('exit', () => signals.die());

/** By message only where it is news, or waited for. */
function tell({ delivered, ...rest }: Report): void {
  signals.deliver(delivered);
  const isNews = delivered.length === 0 || rest.results.length > 0 || rest.maxBodyBytes !== maxBodyBytesTold;
  if (isNews || signals.isWanted) {
    const report: ThreadReport = { ...rest, written: signals.written };
    port.postMessage(report);
    maxBodyBytesTold = rest.maxBodyBytes;
  }
  signals.tell();
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
