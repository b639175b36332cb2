import type { CapturedLateSpans, CapturedTrace, ScoreRecord } from '../model/records.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import type { Timing } from './pace/timing.js';
import type { Loss } from './report/loss-reports.js';
import type { DeliveryStats } from './report/stats.js';
import type { BroughtProtocol } from './wire/brought-protocol.js';
import type { UpdateOutcome } from './wire/update-outcome.js';
import type { WorkerOptions } from './worker/create-supervisor.js';

export type { UpdateOutcome } from './wire/update-outcome.js';

/** Options of a delivery. */
export interface DeliveryOptions extends WorkerOptions {
  /** Number of recorded items that starts a send. */
  readonly batchSize: number;
  /** Longest time from a record to a send. */
  readonly flushIntervalMs: number;
  /** Most pending items: queued, in flight, waiting for a retry. */
  readonly maxQueueSize: number;
  /** Most bytes of the pending items' bodies. */
  readonly maxQueueBytes: number;
  /** A folder in which items are kept until they are settled, so that they survive the process. @defaultValue none */
  readonly spoolDir?: string | undefined;
  /** Most bytes of this delivery's files there; the oldest file is deleted first. */
  readonly maxSpoolBytes: number;
  /** Most bytes of a request body. @defaultValue 4 MiB */
  readonly maxBodyBytes?: number;
  /** The time that a log line about `exit` names as the setting. @defaultValue the argument of `exit` */
  readonly exitTimeoutMs?: number;
  /**
   * The protocol of a sink that brings its own. Used on edge runtimes, which have no worker with that code. @defaultValue
   * PandaProbe's
   */
  readonly protocol?: BroughtProtocol | undefined;
  /** Back-offs and waits; for specs. */
  readonly timing?: Partial<Timing>;
  /** Called for items that were given up. If it throws, that is logged and ignored. */
  onLoss(loss: Loss): void;
}

/** Delivers records to the backend. Nothing is started before the first record. */
export interface Delivery {
  trace(record: CapturedTrace): void;
  lateSpans(record: CapturedLateSpans): void;
  score(record: ScoreRecord): void;
  /**
   * Sends everything that is queued. Resolves when everything recorded before the call is settled (with a spool, everything that
   * earlier processes have left as well), when the time is up, or at once when nothing can be sent in time, such as within a long
   * `Retry-After`. Never rejects. Keeps the process alive until then.
   */
  flush(options?: FlushOptions): Promise<FlushResult>;
  /** Flushes, then drops and counts the remaining items, and those recorded later. Further calls return the result of the first. */
  shutdown(options?: FlushOptions): Promise<FlushResult>;
  /**
   * Delivers synchronously in the process's `exit` event, for at most `timeoutMs`. Items that are left stay in the spool for the
   * next process; without a spool they are dropped, with one line in the log. Inline nothing can be sent here.
   */
  exit(timeoutMs: number): void;
  /** Whether `exit` can send: there is a thread, or one would be started. */
  readonly isReadyForExit: boolean;
  stats(): DeliveryStats;
}

/** A delivery that also sends what is known of a trace before it ends. */
export interface EarlyDelivery extends Delivery {
  /**
   * Sends an update, which is what is known so far of an open trace: the trace with spans, or more spans of one that was sent. It is
   * queued like an item, but nothing counts it and no flush waits for it. A later update and the finished trace take its place. It is
   * left out if the queue has no room.
   * @param onSettled - called once, unless another one has taken its place
   */
  update(record: CapturedTrace | CapturedLateSpans, onSettled: (outcome: UpdateOutcome) => void): void;
  /** Reads acknowledgements, so that `onSettled` is called for updates that were settled meanwhile. */
  settleUpdates(): void;
  /** Starts the worker, because an update will come; so the first one need not wait for the start. */
  warmUp(): void;
  /** Whether the backend has ever refused a request for a rate limit or a quota. */
  readonly isLimited: boolean;
  /** Takes a part of an open trace: its state so far, with spans that no other record of it will have. */
  part(record: CapturedTrace): void;
}
