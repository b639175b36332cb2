import { performance, wallMs } from './real-time.js';

/**
 * Milliseconds since the epoch with a fraction down to the microsecond. The backend orders spans by
 * start time, so spans of one millisecond need the fraction. It never runs backwards, except when the
 * wall clock was set back: see {@link createClock}.
 */
export type Clock = () => number;

/** How far the two clocks may be apart, in milliseconds, before the wall clock counts as set. */
const driftMs = 50;
/** A pause between two readings shorter than this, in milliseconds, leaves them comparable. */
const shortPauseMs = 1;
const maxReadings = 5;
/** The wall clock is looked at once in so many milliseconds: a burst of spans reads one clock each, not two. */
const checkEveryMs = 1;

/**
 * A clock anchored to the wall clock and moved on by the monotonic one: two calls are as far apart as the
 * monotonic clock says, and the second is never smaller. The exception is a wall clock found more than 50 ms away from it:
 * - ahead (it was set forward, or the machine slept): this clock jumps forward to it, once;
 * - behind (it was set back): this clock steps back to it, once, so a span open at that moment may end before it started.
 * Smaller differences, such as those of a clock being slowed or sped up gently, are followed only once they add up to that.
 * A process stopped between two readings does not count as a wall clock that was set.
 */
export function createClock(wall: () => number = wallMs, monotonic: () => number = performance.now): Clock {
  let { anchor } = compare(wall, monotonic);
  let checkedAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = monotonic();
    const at = anchor + now;
    if (now - checkedAt < checkEveryMs) return at;
    checkedAt = now;
    if (Math.abs(wall() - at) <= driftMs) return at;
    const measured = compare(wall, monotonic);
    // The pause is how wrong the measured anchor may be.
    if (Math.abs(measured.anchor - anchor) > driftMs + measured.pauseMs) anchor = measured.anchor;
    return anchor + monotonic();
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
