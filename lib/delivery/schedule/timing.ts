/** How patient delivery is. All in milliseconds unless named otherwise. */
export interface Timing {
  /** First back-off; doubles with every further fault. */
  readonly backOffMs: number;
  /** Longest back-off. */
  readonly maxBackOffMs: number;
  /** How often a refused key or a wrong endpoint is tried again. */
  readonly blockedProbeMs: number;
  /**
   * How often it is tried whether a used-up quota is there again. It comes back with the month, or when somebody buys more: with
   * ten minutes that somebody need not wait long, and a process makes six requests an hour.
   */
  readonly quotaProbeMs: number;
  /** First wait when the backend does not know a trace yet; doubles up to `maxAbsentMs`. */
  readonly absentMs: number;
  readonly maxAbsentMs: number;
  /**
   * How long late spans and scores wait for their trace to be stored before they are given up. The backend's storage worker may lag
   * behind by minutes (backend-contract.md, *Storing lags*); a trace that is not there after a quarter of an hour will not come.
   */
  readonly maxAbsentTotalMs: number;
  /** Shortest time between two tries that a flush asks for. */
  readonly nudgeMs: number;
  /** Longest time between two of these while somebody waits for a flush. */
  readonly flushTryMs: number;
  /** A fault that has lasted this long is told; less than the 5 seconds of promise P33. */
  readonly faultLogMs: number;
}

/** The defaults of {@link Timing}. */
export const defaultTiming: Timing = {
  backOffMs: 1000,
  maxBackOffMs: 30_000,
  blockedProbeMs: 60_000,
  quotaProbeMs: 600_000,
  absentMs: 100,
  maxAbsentMs: 30_000,
  maxAbsentTotalMs: 900_000,
  nudgeMs: 1000,
  flushTryMs: 5000,
  faultLogMs: 3000,
};

/** `first`, doubled `step` times, at most `most`. */
export function doubled(first: number, step: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(step, 30));
}
