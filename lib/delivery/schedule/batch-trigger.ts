import { clearTimeout, performance, setTimeout, soon } from '../../common/real-time.js';

/** Full batches are handed over at most this often, in milliseconds. */
const askEveryMs = 100;

/**
 * Decides when what was recorded is asked for: when a batch is full, but not in the call that fills it, nor all the time,
 * because handing over costs time, which is the application's, and wakes a thread; else after the flush interval.
 */
export class Asking {
  readonly #batchSize: number;
  readonly #flushIntervalMs: number;
  readonly #onAsk: () => void;
  /** Items recorded since. */
  #unasked = 0;
  #isAsked = false;
  #askedAt = Number.NEGATIVE_INFINITY;
  #intervalTimer: NodeJS.Timeout | undefined;
  #soonTimer: NodeJS.Timeout | undefined;

  constructor(options: { readonly batchSize: number; readonly flushIntervalMs: number }, onAsk: () => void) {
    this.#batchSize = options.batchSize;
    this.#flushIntervalMs = options.flushIntervalMs;
    this.#onAsk = onAsk;
  }

  /** An item was recorded. @param isUrgent - it must not wait for others */
  note(isUrgent = false): void {
    this.#unasked += 1;
    if (isUrgent || this.#unasked >= this.#batchSize) this.soon();
    else this.#intervalTimer ??= setTimeout(() => this.now(), this.#flushIntervalMs).unref();
  }

  /** Asks for everything recorded so far. */
  now(): void {
    this.stop();
    this.#intervalTimer = undefined;
    this.#askedAt = performance.now();
    this.#isAsked = false;
    this.#unasked = 0;
    this.#onAsk();
  }

  stop(): void {
    clearTimeout(this.#intervalTimer);
    clearTimeout(this.#soonTimer);
  }

  /** Asks in a moment. */
  soon(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    const waitMs = this.#askedAt + askEveryMs - performance.now();
    if (waitMs <= 0) soon(() => this.now());
    else this.#soonTimer = setTimeout(() => this.now(), waitMs).unref();
  }
}
