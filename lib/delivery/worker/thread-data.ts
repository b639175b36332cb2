import type { MessagePort } from 'node:worker_threads';
import type { Report, SenderSettings } from '../wire/messages.js';

/** What the thread is started with. */
export interface ThreadData {
  readonly port: MessagePort;
  /** The memory of its `AckRing`. */
  readonly acks: SharedArrayBuffer;
  readonly settings: SenderSettings;
  /** URL of the package, if known. The thread's code is not a file, so it resolves other packages from there. */
  readonly home: unknown;
}

/** A report as a message. Ids of delivered items are in the ring instead. */
export interface ThreadReport extends Omit<Report, 'delivered'> {
  /** `count` of the ring when the message was sent: later acknowledgements belong to later reports. */
  readonly count: number;
}
