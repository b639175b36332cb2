import { setTimeout as sleep } from 'node:timers/promises';

/** Longest wait, in milliseconds: a spec that fails must come to its end. */
const longestMs = 20_000;

/** Resolves once `isTrue` holds; for what tells nobody when it happens. */
export async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + longestMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`this never held: ${isTrue}`);
    await sleep(5);
  }
}
