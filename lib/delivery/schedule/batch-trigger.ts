import { clearTimeout, performance, setTimeout, soon } from '../../common/real-time.js';

/** Full batches are handed over at most this often, in milliseconds. */
const fireEveryMs = 100;

/**
 * Decides when what was recorded is asked for: when a batch is full, but not in the call that fills it, nor all the time,
 * because handing over costs time, which is the application's, and wakes a thread; else after the flush interval.
 */
export class BatchTrigger {
  readonly #batchSize: number;
  readonly #flushIntervalMs: number;
  readonly #onFire: () => void;
  /** Items recorded since. */
  #recorded = 0;
  #isDue = false;
  #firedAt = Number.NEGATIVE_INFINITY;
  #intervalTimer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;

  constructor(options: { readonly batchSize: number; readonly flushIntervalMs: number }, onFire: () => void) {
    this.#batchSize = options.batchSize;
    this.#flushIntervalMs = options.flushIntervalMs;
    this.#onFire = onFire;
  }

  /** An item was recorded. @param isUrgent - it must not wait for others */
  onRecorded(isUrgent = false): void {
    this.#recorded += 1;
    if (isUrgent || this.#recorded >= this.#batchSize) this.fireSoon();
    else this.#intervalTimer ??= setTimeout(() => this.fire(), this.#flushIntervalMs).unref();
  }

  /** Asks for everything recorded so far. */
  fire(): void {
    this.stop();
    this.#intervalTimer = undefined;
    this.#firedAt = performance.now();
    this.#isDue = false;
    this.#recorded = 0;
    this.#onFire();
  }

  stop(): void {
    clearTimeout(this.#intervalTimer);
    clearTimeout(this.#soonTimer);
  }

  /** Asks in a moment. */
  fireSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const waitMs = this.#firedAt + fireEveryMs - performance.now();
    if (waitMs <= 0) soon(() => this.fire());
    else this.#soonTimer = setTimeout(() => this.fire(), waitMs).unref();
  }
}
