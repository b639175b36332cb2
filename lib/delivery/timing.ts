/** How patient delivery is. All in milliseconds unless named otherwise. */
export interface Timing {
  /** First back-off; doubles with every further fault. */
  readonly backOffMs: number;
  /** Longest back-off. */
  readonly maxBackOffMs: number;
  /** How often a refused key or a wrong endpoint is tried again. */
  readonly blockedProbeMs: number;
  /** First wait when the backend does not know a trace yet; doubles up to `maxAbsentMs`. */
  readonly absentMs: number;
  readonly maxAbsentMs: number;
  /** Tries before a score or late spans of an unknown trace are given up. With the defaults: about a minute. */
  readonly maxAbsences: number;
  /** Faults of one item, each seen while others were delivered, before it is given up. */
  readonly maxSuspicions: number;
  /** Shortest time between two probes that a flush asks for. */
  readonly nudgeMs: number;
}

/** The defaults of {@link Timing}. */
export const defaultTiming: Timing = {
  backOffMs: 1000,
  maxBackOffMs: 30_000,
  blockedProbeMs: 60_000,
  absentMs: 100,
  maxAbsentMs: 5000,
  maxAbsences: 16,
  maxSuspicions: 5,
  nudgeMs: 1000,
};

/** `first`, doubled `step` times, at most `most`. */
export function doubled(first: number, step: number, most: number): number {
  return Math.min(most, first * 2 ** Math.min(step, 30));
}
