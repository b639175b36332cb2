import type { Report, ToSender } from '../wire/messages.js';

/** Where the sender lives. It takes messages and reports what came of them. */
export interface WorkerHost {
  /** What the log calls it. */
  readonly kind: 'thread' | 'inline';
  /** Whether other senders are in the same thread: then it may be one of them that it dies of. */
  readonly isShared?: boolean;
  send(message: ToSender): void;
  /** Passes on what was delivered and not reported yet. */
  drainAcks(): void;
  /**
   * Whether what is delivered is to be reported as soon as it is; else it may wait until it is collected.
   * @returns whether something waits to be collected from before
   */
  requestAckNotifications(isOn: boolean): boolean;
  /**
   * Blocks this thread until the sender reports, it is gone, or `timeoutMs` is over, and passes on what it reported.
   * Undefined where the sender shares this thread.
   */
  readonly waitSync: ((timeoutMs: number) => void) | undefined;
  /** Ends the sender; nothing is reported any more. */
  close(): void;
}

/** What a host tells. */
export interface WorkerHostEvents {
  onReport(report: Report): void;
  /** Jobs that were delivered as they are: what a report may leave out. */
  onDelivered(ids: readonly number[]): void;
  /** The sender is gone with everything it had in hand. `reason` is for the log. */
  onLost(reason: string): void;
}
