import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait, in milliseconds, so that a failing spec ends. */
const longestMs = 20_000;

/** Resolves when `isTrue` returns true. It polls, for conditions that have no event. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + longestMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`this never held: ${isTrue}`);
    await sleep(5);
  }
}
