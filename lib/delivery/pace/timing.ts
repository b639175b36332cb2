/** Back-offs and waits, in milliseconds. */
export interface Timing {
  /** First back-off; doubles with every further fault. */
  readonly backOffMs: number;
  /** Longest back-off. */
  readonly maxBackOffMs: number;
  /** Time between two probes after a refused key or a wrong endpoint. */
  readonly blockedProbeMs: number;
  /**
   * Time between two probes after a used-up quota. A quota comes back with the next month, or when somebody buys more. Ten minutes
   * are not long for a buyer, and are only six requests an hour.
   */
  readonly quotaProbeMs: number;
  /** First wait when a trace is not stored yet; doubles up to `maxAbsentMs`. */
  readonly absentMs: number;
  readonly maxAbsentMs: number;
  /**
   * Longest wait of late spans and scores for their trace, after which they are given up. The backend may store traces minutes late
   * (backend-contract.md, *Storing lags*), but hardly more than a quarter of an hour.
   */
  readonly maxAbsentTotalMs: number;
  /**
   * Longest wait for the trace of another process, which sends it when it has ended. After that the spans are sent with a placeholder
   * trace, which the true one replaces whenever it comes.
   */
  readonly remoteMs: number;
  /** The wait instead of `remoteMs` at the end of delivery: enough for a process that ends at the same time to send its trace first. */
  readonly remoteEndMs: number;
  /** Shortest time between two retries while somebody waits for a flush. */
  readonly minFlushRetryMs: number;
  /** Longest time between two retries while somebody waits for a flush. */
  readonly maxFlushRetryMs: number;
  /** A fault that has lasted this long is logged; less than the 5 seconds of promise P33. */
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
  remoteMs: 600_000,
  remoteEndMs: 500,
  minFlushRetryMs: 1000,
  maxFlushRetryMs: 5000,
  faultLogMs: 3000,
};

/** `first`, doubled `step` times, at most `most`. */
export function doubled(first: number, step: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(step, 30));
}

/** 75 to 125 per cent of a wait, so that processes that failed together do not retry together. @param random - as `Math.random` */
export function jittered(ms: number, random: () => number): number {
  return ms * (0.75 + 0.5 * random());
}
