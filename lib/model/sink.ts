import type { DeliveryError } from '../common/errors.js';
import type { LateSpansRecord, ScoreRecord, TraceRecord } from './records.js';

/** The result of a flush or a shutdown. It counts items: traces, late-span batches and scores. */
export interface FlushResult {
  /** True only when every item recorded before the call was acknowledged by the receiver. */
  readonly ok: boolean;
  /** Acknowledged by the receiver since the client was made. */
  readonly delivered: number;
  /** Dropped since the client was made, because of bounds, sampling or shutdown. */
  readonly dropped: number;
  /** Refused for good by the receiver since the client was made. */
  readonly failed: number;
  /** Still queued, in flight or waiting for a retry. */
  readonly pending: number;
}

/** How long a flush or a shutdown may take, in milliseconds. */
export interface FlushOptions {
  /** In milliseconds, from 0. @defaultValue 30000 */
  readonly timeoutMs?: number | undefined;
}

/** Default time limit of a flush, in milliseconds. */
export const defaultFlushMs = 30_000;

/**
 * Counts of items by where they are. At every moment `created = delivered + failed + pending + dropped`.
 */
export interface SinkStats {
  /** All items so far: traces, late-span batches and scores. */
  readonly created: number;
  /** Acknowledged by the receiver. */
  readonly delivered: number;
  /** Refused for good by the receiver. */
  readonly failed: number;
  /** Queued, in flight or waiting for a retry. */
  readonly pending: number;
  /** Dropped, because of bounds, sampling or shutdown. */
  readonly dropped: number;
  /** Dropped items by reason, e.g. `{ queue_full: 3 }`. */
  readonly droppedByReason: Readonly<Record<string, number>>;
  /** Bytes held for pending items. */
  readonly pendingBytes: number;
}

/**
 * Takes finished records. Implement `trace` and you have a sink; the rest is optional.
 * An error that a method throws is logged and not passed on.
 */
export interface Sink {
  /** Names the sink in the log. */
  readonly name: string;
  /** Takes a trace, as soon as it has ended. */
  trace(record: TraceRecord): void;
  /** Takes spans that ended after their trace. */
  lateSpans?(record: LateSpansRecord): void;
  /** Takes a score. */
  score?(record: ScoreRecord): void;
  /**
   * Sends everything queued. Resolves when every item recorded before the call is sent or given up, or when the time is up. Never
   * rejects.
   */
  flush?(options?: FlushOptions): Promise<FlushResult>;
  /** Flushes, then accepts nothing more. */
  shutdown?(options?: FlushOptions): Promise<FlushResult>;
  /** Called in the process's `exit` event: deliver synchronously, within `timeoutMs`. */
  exit?(timeoutMs: number): void;
  /** Counts of its items. */
  stats?(): SinkStats;
  /** Called once by the client that uses the sink: where to report losses. */
  reportTo?(listener: (error: DeliveryError) => void): void;
}

/** The counts before anything was recorded. */
export const noStats: SinkStats = {
  created: 0,
  delivered: 0,
  failed: 0,
  pending: 0,
  dropped: 0,
  droppedByReason: {},
  pendingBytes: 0,
};

/** The result of a flush that had nothing to do. */
export const nothing: FlushResult = { ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 };
