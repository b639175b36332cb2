import { nextTick, queueMicrotask } from '../common/real-time.js';

/**
 * Numbers the stretches of code that run without letting go of the thread. Two calls see the same
 * number only when nothing awaited by the first can have resumed before the second.
 *
 * The number is moved on lazily: whoever asks for it books its end, in the microtask queue and in the
 * tick queue, whichever comes first. Work that the asker starts afterwards is queued behind that.
 */
let segment = 0;
let booked = false;

/** The number of the stretch that is running. */
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
