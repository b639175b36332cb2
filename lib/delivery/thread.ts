import { workerData } from 'node:worker_threads';
import { os } from '../common/builtins.js';
import { VERSION } from '../common/version.js';
import type { Report, ToSender } from './protocol.js';
import { startSender } from './start-sender.js';
import { signalDead, signalReports, type ThreadData } from './thread-data.js';

/** The entry of the worker thread: a sender at the other end of a port. Ends when the port is closed. */

/** How much less than the application this thread counts where all processors are busy: a quarter. Source: sched(7), nice. */
const niceness = 5;
/** The least a thread can count. */
const maxNiceness = 19;

const { version, port, signals, settings } = workerData as ThreadData; // the other side of thread-host.ts
const view = new Int32Array(signals);
if (version !== VERSION) throw new Error(`the thread is of version ${VERSION}, what starts it of ${version}`);

standBack();
const receive = startSender(settings, tell);
port.on('message', (message: ToSender) => {
  receive(message);
  if (message.type === 'close') port.close();
});
tell({ troubles: 0, delivered: [], results: [], maxBodyBytes: settings.maxBodyBytes }); // up
// Whoever is blocked in waitSync() must learn that nothing comes any more.
process.once('exit', () => {
  Atomics.store(view, signalDead, 1);
  Atomics.add(view, signalReports, 1);
  Atomics.notify(view, signalReports);
});

function tell(report: Report): void {
  port.postMessage(report);
  Atomics.add(view, signalReports, 1);
  Atomics.notify(view, signalReports);
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
