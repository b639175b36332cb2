import { clearTimeout, performance, setTimeout, soon } from '../../common/real-time.js';

/** Shortest time between two releases of full batches, in milliseconds. */
const fireEveryMs = 100;

/**
 * Decides when recorded items are released for sending: when a batch is full (at most every 100 ms, never inside the recording
 * call), else after `flushIntervalMs`. Each release costs time on the application's thread, and wakes the worker.
 */
export class BatchTrigger {
  #batchSize: number;
  readonly #flushIntervalMs: number;
  readonly #onFire: () => void;
  /** Items recorded since the last release. */
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

  /** An item was recorded. */
  onRecorded(): void {
    this.#recorded += 1;
    if (this.#recorded >= this.#batchSize) this.fireSoon();
    else this.#intervalTimer ??= setTimeout(() => this.fire(), this.#flushIntervalMs).unref();
  }

  /** Releases everything recorded so far. */
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

  /** From now on every item is released in a moment, because nothing pending could be sent when the process ends. */
  stopBatching(): void {
    this.#batchSize = 1;
    this.fireSoon();
  }

  /** Releases in a moment. */
  fireSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    const waitMs = this.#firedAt + fireEveryMs - performance.now();
    if (waitMs <= 0) soon(() => this.fire());
    else this.#soonTimer = setTimeout(() => this.fire(), waitMs).unref();
  }
}
