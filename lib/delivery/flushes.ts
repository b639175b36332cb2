import { clearTimeout, performance, setTimeout } from '../common/real-time.js';
import type { Ledger } from './ledger.js';
import type { Timing } from './timing.js';

/** Longest time a timer can be set to. Source: Node's `setTimeout`. */
export const longestTimerMs = 2 ** 31 - 1;

/** How a flush ended: `isOk` when all was delivered, `isSettled` when nothing is pending of what it waited for. */
export interface Flushed {
  readonly isOk: boolean;
  readonly isSettled: boolean;
}

/** The flushes somebody waits for. Each ends when what was recorded before it is settled, or its time is up. */
export class Flushes {
  readonly #ledger: Ledger;
  readonly #timing: Timing;
  readonly #waiting = new Set<{ readonly deadline: number; readonly finish: () => void }>();

  constructor(ledger: Ledger, timing: Timing) {
    this.#ledger = ledger;
    this.#timing = timing;
  }

  /** Whether somebody waits for one. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Starts one; `onWait` is called when there is something to wait for. */
  start(timeoutMs: number, onWait: () => void): Promise<Flushed> {
    return new Promise((resolve) => {
      const deadline = performance.now() + timeoutMs;
      const finish = () => {
        clearTimeout(timer);
        watch.stop();
        this.#waiting.delete(flush);
        resolve({ isOk: watch.isOk(), isSettled: watch.isSettled() });
      };
      // This one timer is not unref'd: whoever awaits a flush must get its answer.
      const timer = setTimeout(() => finish(), Math.min(Math.max(timeoutMs, 0) || 0, longestTimerMs));
      const watch = this.#ledger.watch(() => finish());
      const flush = { deadline, finish };
      if (watch.isSettled()) return finish();
      this.#waiting.add(flush);
      onWait();
    });
  }

  /**
   * While somebody waits, their time is used: when what waits after a fault is to be tried at the latest. The last try comes
   * shortly before the time is up. Undefined when nobody waits, or no try is left.
   */
  tryAt(now: number): number | undefined {
    if (this.#waiting.size === 0) return undefined;
    const { nudgeMs, flushTryMs } = this.#timing;
    let deadline = Number.NEGATIVE_INFINITY;
    for (const flush of this.#waiting) deadline = Math.max(deadline, flush.deadline);
    const at = Math.max(now + nudgeMs, Math.min(now + flushTryMs, deadline - nudgeMs));
    return at < deadline ? at : undefined;
  }

  /** Ends those whose time is up before `wakeAt`, when the next thing can happen. */
  endBefore(wakeAt: number): void {
    for (const flush of this.#waiting) if (wakeAt >= flush.deadline) flush.finish();
  }

  endAll(): void {
    for (const flush of this.#waiting) flush.finish();
  }
}
