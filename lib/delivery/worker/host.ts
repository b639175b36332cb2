import type { Report, ToSender } from '../wire/messages.js';

/** The main thread's end of a worker, which is a thread or runs on the main thread itself. */
export interface WorkerHost {
  /** Where the sender runs. */
  readonly kind: 'thread' | 'inline';
  /** Whether other senders run in the same thread: then the thread may die of an item of theirs. */
  readonly isShared?: boolean;
  send(message: ToSender): void;
  /** Passes on acknowledgements that were not reported yet. */
  drainAcks(): void;
  /**
   * With `true`, the worker posts a message for every delivery; with `false`, acknowledgements wait for `drainAcks()`.
   * @returns true if some are waiting already
   */
  requestAckNotifications(isOn: boolean): boolean;
  /**
   * Blocks the main thread until the worker reports, has ended, or `timeoutMs` is over; then passes on the reports.
   * Undefined inline.
   */
  readonly waitSync: ((timeoutMs: number) => void) | undefined;
  /** Ends the sender; no event follows. */
  close(): void;
}

/** Events of a worker. */
export interface WorkerHostEvents {
  onReport(report: Report): void;
  /** Ids of items that were delivered unchanged: they need no report. */
  onDelivered(ids: readonly number[]): void;
  /** The worker has ended, with all jobs it had. `reason` is for the log. */
  onLost(reason: string): void;
}
