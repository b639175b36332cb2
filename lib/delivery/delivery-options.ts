import type { Log } from '../common/log.js';
import type { FoldedLateSpans, FoldedTrace, ScoreRecord } from '../model/records.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import type { DeliveryStats } from './ledger.js';
import type { Timing } from './timing.js';

/** What was given up; a `DeliveryError` holds the same. */
export interface Loss {
  readonly message: string;
  /** HTTP status of the last answer, if there was one. */
  readonly status?: number | undefined;
  readonly attempts: number;
  readonly items: number;
}

export const defaultMaxBodyBytes = 4 * 1_048_576;
export const defaultFlushMs = 30_000;
export const defaultMaxSpoolBytes = 512 * 1_048_576;

/** How records get to the backend. */
export interface DeliveryOptions {
  /** Where the backend is, e.g. `https://api.pandaprobe.com`. */
  readonly endpoint: string;
  /** Never logged, never part of an error. */
  readonly apiKey: string;
  readonly projectName: string;
  /** Items that start a send. */
  readonly batchSize: number;
  /** Longest wait before a send. */
  readonly flushIntervalMs: number;
  /** Most pending items: queued, under way, waiting for a retry. */
  readonly maxQueueSize: number;
  /** Most memory of the pending items' bodies. */
  readonly maxQueueBytes: number;
  /** A folder in which items are kept until they are settled, so that they survive the process. @defaultValue none */
  readonly spoolDir?: string | undefined;
  /** Most bytes of this delivery's files there; the oldest goes first. @defaultValue 512 MiB */
  readonly maxSpoolBytes?: number;
  /** `auto`: a thread, or inline where one cannot be started or `isServerless`. */
  readonly worker: 'auto' | 'thread' | 'inline';
  /** The platform freezes between invocations (Lambda and its like): a thread would freeze with requests half done. */
  readonly isServerless?: boolean;
  /** @defaultValue 4 MiB */
  readonly maxBodyBytes?: number;
  /** The whole request, from connecting to the answer. @defaultValue 10000 */
  readonly requestTimeoutMs?: number;
  /** Such as `pandaprobe-ts/1.0.0`. */
  readonly userAgent: string;
  /**
   * The thread's environment: proxy variables (`HTTPS_PROXY`, `NO_PROXY` and their like, both cases) and TLS ones
   * (`NODE_TLS_REJECT_UNAUTHORIZED`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`). @defaultValue nothing
   */
  readonly env?: Readonly<Record<string, string>>;
  /** The longest `exit` may take as it was set, for the log. @defaultValue what `exit` is given */
  readonly exitTimeoutMs?: number;
  /** Every request is a line of `log.debug`. @defaultValue false */
  readonly debug?: boolean;
  /** Patience; for specs. */
  readonly timing?: Partial<Timing>;
  readonly log: Log;
  /** Told of every item that was given up. What it throws is logged and goes no further. */
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
