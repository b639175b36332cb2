import { nextTick, queueMicrotask } from '../common/real-time.js';

/**
 * Numbers the segments of the program: stretches of code in which nothing is awaited. Two calls see the same number only if nothing
 * that the first one awaits can have resumed before the second.
 *
 * The number is increased lazily: reading it schedules the increase in the microtask queue and in the tick queue, whichever runs
 * first. Work that the reader starts afterwards is queued behind that.
 */
let segment = 0;
let booked = false;

/** The number of the segment that is running. */
export function currentSegment(): number {
  if (!booked) {
    booked = true;
    queueMicrotask(moveOn);
    nextTick(moveOn);
  }
  return segment;
}

function moveOn(): void {
  segment += 1;
  booked = false;
}
