import { guardCallback } from '../../common/guard-callback.js';
import type { Log } from '../../common/log.js';
import { outside } from '../../common/outside.js';
import { clearTimeout, performance, queueMicrotask, setTimeout } from '../../common/real-time.js';

/** Items that were given up, and why. A `DeliveryError` has the same fields. */
export interface Loss {
  readonly message: string;
  /** HTTP status of the last answer, if there was one. */
  readonly status?: number | undefined;
  readonly attempts: number;
  readonly items: number;
}

/**
 * Drops are reported at most once in this many milliseconds, with their sum: there may be thousands in a second, and an `onError`
 * that records something may itself cause the next drop.
 */
const dropsEveryMs = 1000;

/** Calls `onLoss` for every loss, outside of the program's async contexts. */
export class LossReports {
  readonly #options: { readonly log: Log; onLoss(loss: Loss): void };
  #losses: Loss[] = [];
  #isOver = false;
  /** Drops that are not reported yet. */
  #drops: Loss | undefined;
  /** When the next drops may be reported. */
  #dropsAt = Number.NEGATIVE_INFINITY;
  /** On edge runtimes the timer is lost if its request ends; then the next drop reports the earlier ones, too. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { readonly log: Log; onLoss(loss: Loss): void }) {
    this.#options = options;
  }

  /** Calls `onLoss` in a microtask: a callback that ends the process must find delivery in a consistent state. */
  add(loss: Loss): void {
    if (this.#isOver) return;
    this.#losses.push(loss);
    if (this.#losses.length === 1) outside(() => queueMicrotask(() => this.#report()));
  }

  /** Items were dropped: reports them now, or together with those of the next second. */
  addDrop(message: string, items: number): void {
    this.#drops = { message, attempts: 0, items: items + (this.#drops?.items ?? 0) };
    const waitMs = this.#dropsAt - performance.now();
    if (waitMs <= 0) this.addDrops();
    else this.#timer ??= setTimeout(() => this.addDrops(), waitMs).unref();
  }

  /** Reports the drops that were not reported yet. */
  addDrops(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#drops === undefined) return;
    this.#dropsAt = performance.now() + dropsEveryMs;
    this.add(this.#drops);
    this.#drops = undefined;
  }

  /**
   * Calls `onLoss` at once, because the process ends. Later losses are not reported: a listener that records something would cause
   * the next one, and so on.
   */
  reportLast(): void {
    if (this.#losses.length === 0) return;
    this.#isOver = true;
    this.#report();
  }

  #report(): void {
    for (const loss of this.#losses.splice(0)) {
      guardCallback(
        () => this.#options.onLoss(loss),
        () => this.#options.log.warn('onLoss', 'onLoss threw; that is ignored'),
      );
    }
  }
}
