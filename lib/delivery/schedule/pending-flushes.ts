import { clearTimeout, longestTimerMs, performance, setTimeout } from '../../common/real-time.js';
import type { Timing } from '../pace/timing.js';
import type { Stats, Watch } from '../report/stats.js';

/** How a flush ended. `isOk`: all was delivered. `isFinal`: none of the items it waited for is pending. */
export interface Flushed {
  readonly isOk: boolean;
  readonly isFinal: boolean;
}

/** Items of ended processes, for which a flush waits as well. */
interface Unread {
  /** There are items that were not read yet. Their number is unknown, so they do not count as pending. */
  readonly isUnread: boolean;
  /** Id of the last item that was read; 0 if there is none. */
  readonly lastReadId: number;
}

interface Flush {
  readonly deadline: number;
  readonly finish: () => void;
  watch: Watch;
}

/**
 * The flushes somebody waits for. A flush ends when all items recorded before it, and all items that ended processes have left, are
 * settled; or when its time is up.
 */
export class PendingFlushes {
  readonly #stats: Stats;
  readonly #timing: Timing;
  readonly #unread: Unread | undefined;
  readonly #onUnread: () => void;
  readonly #waiting = new Set<Flush>();

  /** @param onUnread - called when a flush still waits, but only for unread items */
  constructor(stats: Stats, timing: Timing, unread: Unread | undefined, onUnread: () => void) {
    this.#stats = stats;
    this.#timing = timing;
    this.#unread = unread;
    this.#onUnread = onUnread;
  }

  /** Whether somebody waits for a flush. */
  get isAwaited(): boolean {
    return this.#waiting.size > 0;
  }

  /** Starts a flush. @param onWait - called if there is something to wait for */
  start(timeoutMs: number, onWait: () => void): Promise<Flushed> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#stats.unwatch(flush.watch);
        this.#waiting.delete(flush);
        const isFinal = this.#isOver(flush);
        resolve({ isOk: isFinal && !flush.watch.hasLost, isFinal });
      };
      // The only timer that keeps the process alive: the caller awaits the result.
      const timer = setTimeout(() => finish(), Math.min(Math.max(timeoutMs, 0) || 0, longestTimerMs));
      const flush: Flush = { deadline: performance.now() + timeoutMs, finish, watch: this.#watch(() => flush) };
      if (this.#isOver(flush)) return finish();
      this.#waiting.add(flush);
      onWait();
    });
  }

  /** Called after every tick: flushes that waited for unread items now wait for those that were read, or end. */
  check(): void {
    for (const flush of this.#waiting) {
      if (!flush.watch.isFinal) continue;
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
    return watch.isFinal && this.#unread?.isUnread !== true && this.#lastReadId <= watch.upTo;
  }

  /** When items that wait after a fault are tried at the latest, because somebody waits. Undefined when nobody waits, or no try is left. */
  tryAt(now: number): number | undefined {
    if (this.#waiting.size === 0) return undefined;
    let deadline = Number.NEGATIVE_INFINITY;
    for (const flush of this.#waiting) deadline = Math.max(deadline, flush.deadline);
    return latestTryAt(now, deadline, this.#timing);
  }

  /** Ends flushes whose time is up before `wakeAt`, the next time at which something can be sent. */
  endBefore(wakeAt: number): void {
    for (const flush of this.#waiting) if (wakeAt >= flush.deadline) flush.finish();
  }

  endAll(): void {
    for (const flush of this.#waiting) flush.finish();
  }
}

/**
 * When items that wait after a fault are tried at the latest, because a flush waits until `deadline`. The last try comes shortly
 * before it. Undefined when no try is left.
 */
export function latestTryAt(
  now: number,
  deadline: number,
  { minFlushRetryMs, maxFlushRetryMs }: Timing,
): number | undefined {
  const at = Math.max(now + minFlushRetryMs, Math.min(now + maxFlushRetryMs, deadline - minFlushRetryMs));
  return at < deadline ? at : undefined;
}
