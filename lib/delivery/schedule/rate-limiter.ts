import { doubled, type Timing } from './timing.js';

/** Why requests of one route are held: `rate`, a limit that comes back by itself; `quota`, the plan's allowance is used up. */
export type Limit = { readonly cause: 'rate'; readonly retryAfterMs: number | undefined } | { readonly cause: 'quota' };

/** Accepted items that pay for one refused by the rate limit (promise P4: at most 10 % more requests). */
const acceptedPerRefusal = 10;
/** Share of the learned allowance that is used at full speed; the rest goes one by one, so that the limit costs one request. */
const fullSpeedShare = 0.9;
/** A learned period is tried this much early, so that it can become shorter again. */
const periodShare = 0.95;
/**
 * Spaced items are brought nearer by this factor after so many accepted, by its square after as many more, then by the square
 * of that, and moved apart by `slowDown` after a round that did not pay.
 */
const speedUp = 0.95;
const acceptedPerSpeedUp = 20;
const slowDown = 1.25;
/** A learned period longer than this is an outage, not a rate limit. */
const longestPeriodMs = 10 * 60_000;

/**
 * The pace that the backend's limit of one route asks for. It knows no items and no clock: the time is handed in, in
 * milliseconds.
 *
 * ```
 *                  429                          the time is up
 *   open ──────────────────────────> holding ────────────────────> may probe
 *    ^                                 ^                               │ one request
 *    │                                 │ it was refused: longer        v
 *    └──────── it was answered ────────┴────────────────────────── probing
 * ```
 *
 * `Retry-After` is kept to the letter. Without it the pace learns what the backend allows: how many
 * were accepted since it opened (`allowance`) and how long until it opened again (`period`). The next round goes
 * at full speed up to nine tenths of the allowance, then one by one, and probes first when the period is about over.
 * After a round that did not pay for itself (ten accepted for each one refused) the back-off does not start over, and items
 * go one by one at the rate that was learned, faster and faster as long as that goes well: a backend that refused for a
 * moment only is soon used in full again. So a fixed window, a moving window and a small bucket that trickles all come to a
 * few per cent of wasted requests.
 */
export class RateLimiter {
  readonly #timing: Timing;
  readonly #random: () => number;
  readonly #window: number;
  #hold: Limit['cause'] | undefined;
  #holdUntil = 0;
  #isProbing = false;
  #sentAt = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;
  /** Time between two items, when the limit is too tight for rounds at full speed; 0 when there is none. */
  #spacingMs = 0;
  /** Factor for the next speed-up, and the spacing before the last one. */
  #speedUp = speedUp;
  #slowerMs = 0;
  #step = 0;
  #isPeriodTold = false;
  /** The round since this last opened: when its first request went, what came of it. */
  #roundAt: number | undefined;
  #accepted = 0;
  #refused = 0;
  #learned: { readonly allowance: number; readonly period: number } | undefined;

  /** @param window - most items in the worker's hands. */
  constructor(timing: Timing, window: number, random: () => number = Math.random) {
    this.#timing = timing;
    this.#window = window;
    this.#random = random;
  }

  /** Why requests are held, if they are. */
  get hold(): Limit['cause'] | undefined {
    return this.#hold;
  }

  /** The earliest time for the next item; 0 when it may go at once. */
  get nextAt(): number {
    if (this.#hold !== undefined) return this.#holdUntil;
    return this.#spacingMs === 0 ? 0 : this.#sentAt + this.#spacingMs;
  }

  /** How many more items may be handed to the worker now, which has `away` of them. */
  capacity(now: number, away: number): number {
    if (this.#hold !== undefined) return now >= this.#holdUntil && away === 0 ? 1 : 0;
    if (this.#spacingMs > 0) return now >= this.nextAt && away === 0 ? 1 : 0;
    const left = this.#left(now) - away;
    return Math.min(this.#window - away, Math.max(left, away === 0 ? 1 : 0));
  }

  /** Items were handed to the worker. */
  onSent(now: number): void {
    this.#roundAt ??= now;
    this.#sentAt = now;
    if (this.#hold !== undefined) this.#isProbing = true;
  }

  /** Items came back untouched; if one was the probe, it is still to be made. */
  onReturned(): void {
    this.#isProbing = false;
  }

  /** An item was answered, whatever the answer: the backend is not limiting us. */
  onAnswered(): void {
    this.#accepted += 1;
    if (this.#spacingMs > 0 && this.#accepted % acceptedPerSpeedUp === 0) {
      this.#slowerMs = this.#spacingMs;
      this.#spacingMs *= this.#speedUp;
      this.#speedUp **= 2;
      if (this.#spacingMs < 1) this.#spacingMs = 0;
    }
    if (this.#hold !== undefined && this.#isProbing) this.#open();
  }

  /** An item was refused. Returns true when this starts a hold or makes it longer. */
  onRefused(now: number, limit: Limit): boolean {
    const wasProbing = this.#isProbing;
    this.#isProbing = false;
    if (limit.cause === 'quota') {
      if (this.#hold === 'quota' && !wasProbing) return false;
      this.#start('quota', now + this.#timing.quotaProbeMs);
      return true;
    }
    if (this.#hold === 'quota' && !wasProbing) return false;
    this.#refused += 1;
    this.#refusedAt = now;
    this.#speedUp = speedUp;
    this.#spacingMs = Math.max(this.#spacingMs, this.#slowerMs);
    this.#slowerMs = 0;
    if (limit.retryAfterMs !== undefined) return this.#keepAway(now, limit.retryAfterMs, wasProbing);
    if (this.#hold !== undefined && !wasProbing) return false; // sent before the hold: the same refusal again
    return this.#limit(now);
  }

  /** Somebody waits: where the limit is not known, the probe may go at `at`, but not within `gapMs` of the last refusal. */
  hurry(at: number, gapMs: number): void {
    if (this.#hold !== 'rate' || this.#isPeriodTold || this.#learned !== undefined) return;
    this.#holdUntil = Math.min(this.#holdUntil, Math.max(at, this.#refusedAt + gapMs));
  }

  /** How many more the backend is expected to take in this round. */
  #left(now: number): number {
    if (this.#learned === undefined) return Number.POSITIVE_INFINITY;
    if (this.#roundAt !== undefined && now >= this.#roundAt + this.#learned.period) {
      this.#startRound(undefined, 0);
    } else if (this.#accepted > this.#learned.allowance * 1.2 + 1) {
      this.#learned = undefined; // the limit was lifted
      return Number.POSITIVE_INFINITY;
    }
    return Math.floor(this.#learned.allowance * fullSpeedShare) - this.#accepted;
  }

  /** A backend that goes on refusing at the end of the time it asked for is left alone longer each time, whatever it asks for. */
  #keepAway(now: number, retryAfterMs: number, wasProbing: boolean): boolean {
    const least = wasProbing ? this.#backOff(this.#step) : 0;
    if (wasProbing) this.#step += 1;
    const until = now + Math.max(retryAfterMs + this.#random() * Math.min(1000, retryAfterMs * 0.05), least);
    const isLonger = this.#hold !== 'rate' || until > this.#holdUntil;
    this.#isPeriodTold = true;
    this.#start('rate', Math.max(until, this.#hold === undefined ? 0 : this.#holdUntil));
    return isLonger;
  }

  #limit(now: number): boolean {
    let until = now + this.#jitter(this.#backOff(this.#step));
    const isFirst = this.#hold === undefined;
    if (isFirst) {
      this.#isPeriodTold = false;
      if (this.#learned !== undefined && this.#roundAt !== undefined) {
        until = Math.max(until, this.#roundAt + this.#learned.period * periodShare);
      }
    }
    this.#step += 1;
    this.#start('rate', until);
    return true;
  }

  #start(cause: Limit['cause'], until: number): void {
    this.#hold = cause;
    this.#holdUntil = until;
  }

  /** The probe was answered. */
  #open(): void {
    const openedAt = this.#sentAt;
    if (this.#hold === 'rate') {
      const isPaid = this.#accepted - 1 >= this.#refused * acceptedPerRefusal;
      const period = openedAt - (this.#roundAt ?? openedAt);
      const allowance = this.#accepted - 1; // the probe is the first of the next round
      const isLearnable = allowance > 0 && period > 0 && period <= longestPeriodMs;
      this.#learned = isLearnable && !this.#isPeriodTold ? { allowance, period } : undefined;
      // A time that was told is to be trusted, unless next to nothing is taken after it.
      const isTight = this.#isPeriodTold ? allowance <= this.#refused : !isPaid;
      if (isLearnable && isTight) {
        const spacing = this.#spacingMs === 0 ? period / allowance : this.#spacingMs * slowDown;
        this.#spacingMs = Math.min(spacing, this.#timing.maxBackOffMs);
      }
      if (isPaid || this.#isPeriodTold || this.#spacingMs > 0) this.#step = 0;
    }
    this.#hold = undefined;
    this.#isProbing = false;
    this.#startRound(openedAt, 1);
  }

  #startRound(at: number | undefined, accepted: number): void {
    this.#roundAt = at;
    this.#accepted = accepted;
    this.#refused = 0;
  }

  #backOff(step: number): number {
    return doubled(this.#timing.backOffMs, step, this.#timing.maxBackOffMs);
  }

  /** Spreads processes that fail together: 75 to 125 per cent. */
  #jitter(ms: number): number {
    return ms * (0.75 + 0.5 * this.#random());
  }
}
