import { doubled, type Timing } from './timing.js';

/** Absences of different items in a row before the others wait, too. */
const absencesToWait = 3;
/** Requests at one time before the first of them has shown that storing keeps up. */
const firstWindow = 4;
/** Longest wait between two looks whether a trace is stored by now, in milliseconds. */
const longestWaitMs = 5000;

/**
 * How far the backend's storing lags behind its acknowledging. A trace that was acknowledged is not there yet for moments, or for
 * minutes (backend-contract.md, *Storing lags*); until then its late spans and scores are answered 404. Where that happens to several, one
 * at a time is tried, at growing distances, each time another one; when one is taken, twice as many as before. So a lag of
 * minutes costs some requests, and not some for each item. Times are handed in, in milliseconds.
 */
export class StorageLag {
  readonly #timing: Timing;
  readonly #most: number;
  #window = firstWindow;
  #until = 0;
  #notFoundCount = 0;
  #step = 0;

  /** @param most - most items in the worker's hands */
  constructor(timing: Timing, most: number) {
    this.#timing = timing;
    this.#most = most;
  }

  /** The earliest time for the next request; 0 when it may go at once. */
  get nextAt(): number {
    return this.#until;
  }

  capacity(now: number, away: number): number {
    return now < this.#until ? 0 : this.#window - away;
  }

  /** A trace's spans or score were taken. */
  onStored(): void {
    this.#until = 0;
    this.#notFoundCount = 0;
    if (this.#step > 0) this.#step -= 1;
    this.#window = Math.min(this.#window + 1, this.#most);
  }

  /** The trace is not there yet. `isRepeat`: nor was it when this item was tried before. */
  onNotStored(now: number, isRepeat: boolean): void {
    if (now < this.#until) return; // sent before the wait
    const isWaiting = this.#until > 0;
    if (!isWaiting && isRepeat) return;
    this.#notFoundCount += 1;
    if (!isWaiting && this.#notFoundCount < absencesToWait) return;
    this.#window = 1;
    this.#until = now + doubled(this.#timing.absentMs, this.#step, Math.min(longestWaitMs, this.#timing.maxAbsentMs));
    this.#step += 1;
  }

  /** Somebody waits: the next try may be made at `at`. */
  hurry(at: number): void {
    this.#until = Math.min(this.#until, at);
  }
}
