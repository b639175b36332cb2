import type { FoldedLateSpans, FoldedTrace, ScoreRecord } from '../model/records.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import type { Loss } from './report/diagnostics.js';
import type { DeliveryStats } from './report/stats.js';
import type { Timing } from './schedule/timing.js';
import type { WorkerOptions } from './worker/create-supervisor.js';

export const defaultMaxBodyBytes = 4 * 1_048_576;
export const defaultFlushMs = 30_000;
export const defaultMaxSpoolBytes = 512 * 1_048_576;

/** How records get to the backend. */
export interface DeliveryOptions extends WorkerOptions {
  /** Items that start a send. */
  readonly batchSize: number;
  /** Longest wait before a send. */
  readonly flushIntervalMs: number;
  /** Most pending items: queued, in flight, waiting for a retry. */
  readonly maxQueueSize: number;
  /** Most memory of the pending items' bodies. */
  readonly maxQueueBytes: number;
  /** A folder in which items are kept until they are settled, so that they survive the process. @defaultValue none */
  readonly spoolDir?: string | undefined;
  /** Most bytes of this delivery's files there; the oldest goes first. @defaultValue 512 MiB */
  readonly maxSpoolBytes?: number;
  /** @defaultValue 4 MiB */
  readonly maxBodyBytes?: number;
  /** The longest `exit` may take as it was set, for the log. @defaultValue what `exit` is given */
  readonly exitTimeoutMs?: number;
  /** Back-offs and waits; for specs. */
  readonly timing?: Partial<Timing>;
  /** Called for every item that was given up. What it throws is logged and goes no further. */
  onLoss(loss: Loss): void;
}

/** Takes records and gets them to the backend. Nothing happens before the first record. */
export interface Delivery {
  trace(record: FoldedTrace): void;
  lateSpans(record: FoldedLateSpans): void;
  score(record: ScoreRecord): void;
  /**
   * Sends what is queued now. Settles when everything recorded before the call is settled, when the time is up, or at once when
   * nothing can be sent within it (such as inside a long `Retry-After`). Never rejects; keeps the process alive until it settles.
   */
  flush(options?: FlushOptions): Promise<FlushResult>;
  /** Flushes, then takes nothing more; what could not be sent in time is dropped and counted. The second call gets the first's result. */
  shutdown(options?: FlushOptions): Promise<FlushResult>;
  /**
   * Delivers synchronously, for the process's `exit` event, and blocks for at most `timeoutMs`. What is left stays in the spool for
   * the next process, or is dropped, with one line in the log, where there is none. Inline there is nobody to wait for.
   */
  exit(timeoutMs: number): void;
  /** Whether `exit` has somebody to wait for. */
  readonly isReadyForExit: boolean;
  stats(): DeliveryStats;
}
