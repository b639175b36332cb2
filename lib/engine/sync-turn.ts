import { nextTick, queueMicrotask } from '../common/real-time.js';

/**
 * Numbers the synchronous turns of the program: stretches of code in which nothing is awaited. If two calls see the same number,
 * nothing that the first one awaits can have resumed before the second.
 *
 * Reading the number schedules its increase, in the microtask queue and in the tick queue, whichever runs first. Work that the
 * reader starts afterwards is queued behind that.
 */
let turn = 0;
let isScheduled = false;

/** The number of the synchronous turn that is running. */
export function currentSyncTurn(): number {
  if (!isScheduled) {
    isScheduled = true;
    queueMicrotask(startNext);
    nextTick(startNext);
  }
  return turn;
}

function startNext(): void {
  turn += 1;
  isScheduled = false;
}
