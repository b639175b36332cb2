import { workerData } from 'node:worker_threads';
import { createTransport } from './http.js';
import type { Report, ToSender } from './protocol.js';
import { Sender } from './sender.js';
import { signalDead, signalReports, type ThreadData } from './thread-data.js';

/** The entry of the worker thread: a sender at the other end of a port. Ends when the port is closed. */

const { port, signals, settings } = workerData as ThreadData; // the other side of thread-host.ts
const view = new Int32Array(signals);

const sender = new Sender(settings, createTransport(settings), tell);
port.on('message', (message: ToSender) => {
  sender.receive(message);
  if (message.type === 'close') port.close();
});
tell({ troubles: 0, results: [], maxBodyBytes: settings.maxBodyBytes }); // up
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
