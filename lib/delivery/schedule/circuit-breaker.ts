import { doubled, type Timing } from './timing.js';

/** Why requests are held, for as long as a wait lasts. */
export interface Fault {
  /** `fault`: no answer, or 5xx. `blocked`: the key or the endpoint is wrong. */
  readonly cause: 'fault' | 'blocked';
  /** The same item failed before, so it says nothing new about the backend. */
  readonly isRepeat?: boolean;
  /** It may be the item's own fault, so a hold goes on but does not become longer. */
  readonly isVague?: boolean;
  /** How long the backend asked to be left alone. */
  readonly retryAfterMs?: number | undefined;
}

/** Faults of different items in a row before requests are held. */
const faultsToHold = 3;

/**
 * A circuit breaker. It knows no items and no clock: the time is handed in, in milliseconds.
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
  /** The hold lasts as long as the backend said. */
  #isTold = false;

  constructor(timing: Timing, random: () => number) {
    this.#timing = timing;
    this.#random = random;
  }

  /** Why requests are held, if they are. */
  get hold(): Fault['cause'] | undefined {
    return this.#hold;
  }

  /** The earliest time for the next request; 0 when it may go at once. */
  get nextAt(): number {
    return this.#hold === undefined ? 0 : this.#until;
  }

  /** How many more requests may be made now, of which `away` are under way. */
  capacity(now: number, away: number): number {
    if (this.#hold === undefined) return Number.POSITIVE_INFINITY;
    return now >= this.#until && away === 0 ? 1 : 0;
  }

  onSent(): void {
    if (this.#hold !== undefined) this.#isProbing = true;
  }

  /** Items came back untouched; if one was the probe, it is still to be made. */
  onReturned(): void {
    this.#isProbing = false;
  }

  /** A request was answered: the backend is there. Only a probe says that it takes our key, or no longer wants to be left alone. */
  onAnswered(): void {
    this.#faults = 0;
    const isCertain = this.#hold === 'fault' && !this.#isTold;
    if (!isCertain && !this.#isProbing) return; // to a request made before
    this.#hold = undefined;
    this.#isProbing = false;
    this.#step = 0;
  }

  /** A request failed. Returns true when this starts a hold or makes it longer. */
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
    if (this.#hold === 'blocked' && !wasProbing) return false;
    const toldUntil = retryAfterMs === undefined ? 0 : now + retryAfterMs;
    if (isNew) {
      if (!isRepeat) this.#faults += 1;
      if (this.#faults < faultsToHold && toldUntil === 0) return false;
    } else if (!wasProbing && toldUntil <= this.#until) return false;
    const backOffUntil =
      now + this.#jitter(doubled(this.#timing.backOffMs, isVague ? 0 : this.#step, this.#timing.maxBackOffMs));
    // A backend that asks again for the same short time is left alone longer each time.
    this.#start('fault', Math.max(backOffUntil, toldUntil), toldUntil >= backOffUntil);
    if (!isVague) this.#step += 1;
    return true;
  }

  /** Somebody waits: after a fault, the probe may go at `at`, but not within `gapMs` of the last, nor before the backend said. */
  hurry(at: number, gapMs: number): void {
    if (this.#hold !== 'fault' || this.#isTold) return;
    this.#until = Math.min(this.#until, Math.max(at, this.#failedAt + gapMs));
  }

  #start(cause: Fault['cause'], until: number, isTold: boolean): void {
    this.#hold = cause;
    this.#until = until;
    this.#isTold = isTold;
  }

  /** Spreads processes that fail together: 75 to 125 per cent. */
  #jitter(ms: number): number {
    return ms * (0.75 + 0.5 * this.#random());
  }
}
