import type { MessagePort } from 'node:worker_threads';
import type { Report, SenderSettings } from './protocol.js';

/** What the thread is started with. */
export interface ThreadData {
  /** Of the package that starts it: the thread must be of the same. */
  readonly version: string;
  readonly port: MessagePort;
  /** The memory of its `Signals`. */
  readonly signals: SharedArrayBuffer;
  readonly settings: SenderSettings;
}

/** A report as a message: what was delivered is in the signals. */
export interface ThreadReport extends Omit<Report, 'delivered'> {
  /** How many had been delivered when it was sent: what came later is told later. */
  readonly written: number;
}
