import type { MessagePort } from 'node:worker_threads';
import type { Report, SenderSettings } from '../wire/messages.js';

/** What the thread is started with. */
export interface ThreadData {
  readonly port: MessagePort;
  /** The memory of its `AckRing`. */
  readonly acks: SharedArrayBuffer;
  readonly settings: SenderSettings;
  /** Where the package is, if that is known: the thread's code is no file, and finds other packages from there. */
  readonly home: unknown;
}

/** A report as a message: what was delivered is in the signals. */
export interface ThreadReport extends Omit<Report, 'delivered'> {
  /** How many had been delivered when it was sent: what came later is told later. */
  readonly count: number;
}
