import { forgetIds } from './ids.js';
import { performance, wallMs } from './real-time.js';

/**
 * The machine's two clocks. Times within a trace come from the monotonic clock, so durations are right even when the wall clock is
 * set. The wall clock is read when the trace starts.
 *
 * ```
 *   wall clock  ──────────┬──────── set back ────────┬───────>   anchorAt(): one for each trace
 *   monotonic   ── trace 1 starts ── ends ── trace 2 starts ──>  now()
 * ```
 *
 * A time is `anchorAt(…) + now()`: milliseconds since the epoch with a fraction down to the microsecond. The backend orders
 * spans by start time, so spans of one millisecond need the fraction.
 */
export interface Clock {
  /** Milliseconds since some moment. Never runs backwards. */
  now(): number;
  /** The wall time at monotonic zero, for a recent result of `now()`: their sum is a time. */
  anchorAt(now: number): number;
}

/** How far the two clocks may be apart, in milliseconds, before the wall clock counts as set. */
const driftMs = 50;
/** Two readings are comparable if the pause between them is shorter than this, in milliseconds. */
const shortPauseMs = 1;
const maxReadings = 5;
/** The wall clock is read at most once in this many milliseconds. So in a burst, each trace reads only one clock. */
const checkEveryMs = 1;

/**
 * A clock whose anchor stays while the two clocks are less than 50 ms apart, so that traces that follow each other do not
 * overlap. If they are further apart (the wall clock was set, or the machine slept), the anchor is set to the wall clock again.
 * Smaller differences, such as those of a clock that is being adjusted slowly, are ignored until they add up to 50 ms. If the
 * process was stopped between two readings, that does not count as a clock that was set.
 *
 * A machine that goes on from a snapshot looks like a clock that was set, so ids that were drawn ahead are forgotten, too.
 */
export function createClock(wall: () => number = wallMs, monotonic: () => number = performance.now): Clock {
  let { anchor } = compare(wall, monotonic);
  forgetIds();
  let checkedAt = Number.NEGATIVE_INFINITY;
  return {
    now: monotonic,
    anchorAt(now) {
      if (Math.abs(now - checkedAt) < checkEveryMs) return anchor;
      checkedAt = now;
      if (Math.abs(wall() - (anchor + now)) <= driftMs) return anchor;
      const measured = compare(wall, monotonic);
      // The measured anchor may be wrong by as much as the pause.
      if (Math.abs(measured.anchor - anchor) > driftMs + measured.pauseMs) {
        anchor = measured.anchor;
        forgetIds();
      }
      return anchor;
    },
  };
}

/** The wall time at monotonic zero, from the pair of readings with the shortest pause between them. */
function compare(wall: () => number, monotonic: () => number): { anchor: number; pauseMs: number } {
  let anchor = 0;
  let pauseMs = Number.POSITIVE_INFINITY;
  for (let reading = 0; reading < maxReadings && pauseMs > shortPauseMs; reading += 1) {
    const before = monotonic();
    const now = wall();
    const pause = monotonic() - before;
    if (pause >= pauseMs) continue;
    pauseMs = pause;
    anchor = now - before;
  }
  return { anchor, pauseMs };
}
