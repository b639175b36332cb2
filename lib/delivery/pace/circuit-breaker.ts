import { doubled, jittered, type Timing } from './timing.js';

/** A fault that may start a hold. */
export interface Fault {
  /** `fault`: no answer, or 5xx. `blocked`: the key or the endpoint is wrong. */
  readonly cause: 'fault' | 'blocked';
  /** The same item has failed before, so the fault says nothing new about the backend. */
  readonly isRepeat?: boolean;
  /** The item may be the cause, so a hold goes on, but with the shortest wait. */
  readonly isVague?: boolean;
  /** `Retry-After` of the backend. */
  readonly retryAfterMs?: number | undefined;
}

/** Faults of different items in a row before requests are held. */
const faultsToHold = 3;

/**
 * A circuit breaker. It knows no items and no clock: times are passed in, in milliseconds.
 *
 * ```
 *             fault × 3, or blocked                 the time is up
 *   open ───────────────────────────> holding ────────────────────> may probe
 *    ^                                   ^                             │ one request
 *    │                                   │ it failed: longer           v
 *    └──────── it was answered ──────────┴───────────────────────── probing
 * ```
 */
export class CircuitBreaker {
  readonly #timing: Timing;
  readonly #random: () => number;
  #hold: Fault['cause'] | undefined;
  #until = 0;
  #isProbing = false;
  #failedAt = Number.NEGATIVE_INFINITY;
  #faults = 0;
  #step = 0;
  /** The hold lasts until the time that the backend named. */
  #isTold = false;

  constructor(timing: Timing, random: () => number) {
    this.#timing = timing;
    this.#random = random;
  }

  /** Why requests are held, if they are. */
  get hold(): Fault['cause'] | undefined {
    return this.#hold;
  }

  /** The earliest time for the next request; 0 for at once. */
  get nextAt(): number {
    return this.#hold === undefined ? 0 : this.#until;
  }

  /** How many more requests may be made now. @param inFlight - requests in flight */
  capacity(now: number, inFlight: number): number {
    if (this.#hold === undefined) return Number.POSITIVE_INFINITY;
    return now >= this.#until && inFlight === 0 ? 1 : 0;
  }

  onSent(): void {
    if (this.#hold !== undefined) this.#isProbing = true;
  }

  /** An item came back unsent. If it was the probe, the probe is still to be made. */
  onReturned(): void {
    this.#isProbing = false;
  }

  /** A request was answered: the backend is there. Only an answer to a probe ends a hold for a refused key or for `Retry-After`. */
  onAnswered(): void {
    this.#faults = 0;
    const isCertain = this.#hold === 'fault' && !this.#isTold;
    if (!isCertain && !this.#isProbing) return; // the request was made before the hold
    this.#hold = undefined;
    this.#isProbing = false;
    this.#step = 0;
  }

  /** A request failed. @returns true when this starts a hold or makes it longer */
  onFailure(now: number, { cause, isRepeat = false, isVague = false, retryAfterMs }: Fault): boolean {
    this.#failedAt = now;
    const isNew = this.#hold === undefined;
    const wasProbing = this.#isProbing;
    this.#isProbing = false;
    if (cause === 'blocked') {
      if (this.#hold === 'blocked' && !wasProbing) return false;
      this.#start('blocked', now + this.#timing.blockedProbeMs, false);
      return true;
    }
    const toldUntil = retryAfterMs === undefined ? 0 : now + retryAfterMs;
    if (this.#hold === 'blocked' && !wasProbing) {
      const isLonger = toldUntil > this.#until;
      if (isLonger) this.#until = toldUntil;
      return isLonger;
    }
    if (isNew) {
      if (!isRepeat) this.#faults += 1;
      if (this.#faults < faultsToHold && toldUntil === 0) return false;
    } else if (!wasProbing && toldUntil <= this.#until) return false;
    const backOffUntil =
      now +
      jittered(doubled(this.#timing.backOffMs, isVague ? 0 : this.#step, this.#timing.maxBackOffMs), this.#random);
    // If the backend asks for the same short time again, the back-off makes the wait longer.
    this.#start('fault', Math.max(backOffUntil, toldUntil), toldUntil >= backOffUntil);
    if (!isVague) this.#step += 1;
    return true;
  }

  /** Makes the probe after a fault earlier, because somebody waits: at `at`, but not within `gapMs` of the last fault. `Retry-After` stays. */
  hurry(at: number, gapMs: number): void {
    if (this.#hold !== 'fault' || this.#isTold) return;
    this.#until = Math.min(this.#until, Math.max(at, this.#failedAt + gapMs));
  }

  #start(cause: Fault['cause'], until: number, isTold: boolean): void {
    this.#hold = cause;
    this.#until = until;
    this.#isTold = isTold;
  }
}
