import { doubled, type Timing } from './timing.js';

/** After so many answers in a row, for different items, that a trace is not stored, the other items wait, too. */
const notFoundToWait = 3;
/** Requests at one time at first, before an accepted item has shown that storing keeps up. */
const firstWindow = 4;
/** Longest wait between two tries whether traces are stored by now, in milliseconds. */
const longestWaitMs = 5000;

/**
 * Adapts to the lag between acknowledging and storing. A trace that was acknowledged may be stored moments or minutes later
 * (backend-contract.md, *Storing lags*); until then its late spans and scores are answered 404. When that happens to several items in
 * a row, one item at a time is tried, another one each time, with growing waits. When one is accepted, more are tried at a time. So
 * a lag of minutes costs a few requests, not a few for each item. Times are passed in, in milliseconds.
 */
export class StorageLag {
  readonly #timing: Timing;
  readonly #most: number;
  #window = firstWindow;
  #until = 0;
  #notFoundCount = 0;
  #step = 0;

  /** @param most - most items in flight */
  constructor(timing: Timing, most: number) {
    this.#timing = timing;
    this.#most = most;
  }

  /** The earliest time for the next request; 0 for at once. */
  get nextAt(): number {
    return this.#until;
  }

  capacity(now: number, inFlight: number): number {
    return now < this.#until ? 0 : this.#window - inFlight;
  }

  /** Spans or a score were accepted. */
  onStored(): void {
    this.#until = 0;
    this.#notFoundCount = 0;
    if (this.#step > 0) this.#step -= 1;
    this.#window = Math.min(this.#window + 1, this.#most);
  }

  /** A trace is not stored yet. @param isRepeat - not for the first time with this item */
  onNotStored(now: number, isRepeat: boolean): void {
    if (now < this.#until) return; // this request was sent before the wait began
    const isWaiting = this.#until > 0;
    if (!isWaiting && isRepeat) return;
    this.#notFoundCount += 1;
    if (this.#notFoundCount < notFoundToWait) return;
    this.#window = 1;
    this.#until = now + doubled(this.#timing.absentMs, this.#step, Math.min(longestWaitMs, this.#timing.maxAbsentMs));
    this.#step += 1;
  }

  /** Makes the next try earlier, because somebody waits: at `at`. */
  hurry(at: number): void {
    this.#until = Math.min(this.#until, at);
  }
}
