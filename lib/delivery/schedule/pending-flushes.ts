import { clearTimeout, performance, setTimeout } from '../../common/real-time.js';
import type { Stats, Watch } from '../report/stats.js';
import type { Timing } from './timing.js';

/** Longest time a timer can be set to. Source: Node's `setTimeout`. */
export const longestTimerMs = 2 ** 31 - 1;

/** How a flush ended: `isOk` when all was delivered, `isSettled` when nothing is pending of what it waited for. */
export interface Flushed {
  readonly isOk: boolean;
  readonly isSettled: boolean;
}

/** What a flush waits for, besides what was recorded. */
export interface Unread {
  /** Other processes have left items that are not read yet: their number is not known, so they are not pending. */
  readonly isUnread: boolean;
  /** Id of the last one that was read; 0 where there is none. */
  readonly lastReadId: number;
}

interface Flush {
  readonly deadline: number;
  readonly finish: () => void;
  watch: Watch;
}

/**
 * The flushes somebody waits for. Each ends when what was recorded before it is settled and all that other processes have left
 * as well, or when its time is up.
 */
export class PendingFlushes {
  readonly #stats: Stats;
  readonly #timing: Timing;
  readonly #unread: Unread | undefined;
  readonly #onUnread: () => void;
  readonly #waiting = new Set<Flush>();

  /** @param onUnread - a flush waits for what is unread only */
  constructor(stats: Stats, timing: Timing, unread: Unread | undefined, onUnread: () => void) {
    this.#stats = stats;
    this.#timing = timing;
    this.#unread = unread;
    this.#onUnread = onUnread;
  }

  /** Whether somebody waits for one. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Starts one; `onWait` is called when there is something to wait for. */
  start(timeoutMs: number, onWait: () => void): Promise<Flushed> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#stats.unwatch(flush.watch);
        this.#waiting.delete(flush);
        const isSettled = this.#isOver(flush);
        resolve({ isOk: isSettled && !flush.watch.hasLost, isSettled });
      };
      // This one timer is not unref'd: whoever awaits a flush must get its answer.
      const timer = setTimeout(() => finish(), Math.min(Math.max(timeoutMs, 0) || 0, longestTimerMs));
      const flush: Flush = { deadline: performance.now() + timeoutMs, finish, watch: this.#watch(() => flush) };
      if (this.#isOver(flush)) return finish();
      this.#waiting.add(flush);
      onWait();
    });
  }

  /** After items were read: those who waited for them wait until they are settled. */
  check(): void {
    for (const flush of this.#waiting) {
      if (!flush.watch.isSettled) continue;
      if (this.#lastReadId > flush.watch.upTo) flush.watch = this.#watch(() => flush);
      if (this.#isOver(flush)) flush.finish();
    }
  }

  get #lastReadId(): number {
    return this.#unread?.lastReadId ?? 0;
  }

  #watch(flush: () => Flush): Watch {
    return this.#stats.watch(() => {
      if (this.#isOver(flush())) flush().finish();
      else this.#onUnread();
    });
  }

  #isOver({ watch }: Flush): boolean {
    return watch.isSettled && this.#unread?.isUnread !== true && this.#lastReadId <= watch.upTo;
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
