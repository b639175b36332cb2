import type { MessagePort } from 'node:worker_threads';
import type { SenderSettings } from './protocol.js';

/** What the thread is started with. */
export interface ThreadData {
  /** Of the package that starts it: the thread must be of the same. */
  readonly version: string;
  readonly port: MessagePort;
  /** Two 32-bit integers: see {@link signalReports} and {@link signalDead}. */
  readonly signals: SharedArrayBuffer;
  readonly settings: SenderSettings;
}

/** Counts the thread's reports, so that the main thread can wait for the next one without its event loop. */
export const signalReports = 0;
/** 1 when the thread has ended. */
export const signalDead = 1;
