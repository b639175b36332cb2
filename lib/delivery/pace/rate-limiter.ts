import { doubled, jittered, type Timing } from './timing.js';

/** Why requests of one route are held. `rate`: a rate limit, which passes by itself. `quota`: the plan's allowance is used up. */
export type Limit = { readonly cause: 'rate'; readonly retryAfterMs: number | undefined } | { readonly cause: 'quota' };

/** The requests before a limiter was made, which is at the first refusal. */
interface Before {
  /** When the first one was sent. */
  readonly sentAt: number | undefined;
  readonly accepted: number;
}

/** Accepted requests that make up for one that was refused (promise P4: at most 10 % more requests). */
const acceptedPerRefusal = 10;
/** Share of the learned allowance that is used at full speed. The rest is sent one by one, so that only one request is refused. */
const fullSpeedShare = 0.9;
/** The probe goes after this share of the learned period, so that the period can become shorter again. */
const periodShare = 0.95;
/**
 * Spaced requests speed up: after so many accepted ones the time between them is multiplied by the factor, which is squared each
 * time. A spacing that was learned from a few requests may come from a moment's refusals: it is given up after 25 accepted ones.
 */
const speedUps = { ofFew: { accepted: 5, factor: 0.8 }, ofMany: { accepted: 20, factor: 0.95 } };
/** Fewer accepted requests than this are few. */
const leastMany = 4;
/** Spaced requests slow down by this factor after a round that did not pay, unless going back to the last spacing is enough. */
const slowDown = 1.25;
/** A learned period longer than this is an outage, not a rate limit. */
const longestPeriodMs = 10 * 60_000;

/**
 * Keeps to the backend's rate limit of one route, and learns it. It knows no items and no clock: times are passed in, in
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
 * `Retry-After` is obeyed to the letter. Without it, a *round* (from one opening to the next) teaches the limit: how many requests
 * were accepted (`allowance`), and how long it took (`period`). The next round runs at full speed up to nine tenths of the
 * allowance, then one by one, and probes when the period is nearly over.
 *
 * A round *pays* if ten requests were accepted for each one refused. After a round that did not pay, the back-off does not start
 * over, and requests are spaced at the learned rate, then closer and closer as long as they are accepted: a backend that refused
 * for a moment only is soon used in full again. So a fixed window, a sliding window and a small token bucket all waste only a few
 * per cent of the requests.
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
  /** Time between two requests, when the limit is too tight for rounds at full speed; else 0. */
  #spacingMs = 0;
  #speedUp = speedUps.ofMany;
  /** The spacing before the last speed-up, to return to after a refusal. */
  #slowerMs = 0;
  /** Whether the refusal of this round came after a speed-up. */
  #wasTooFast = false;
  /** How many times the back-off has doubled. */
  #step = 0;
  /** The current hold lasts as long as `Retry-After` says. */
  #isPeriodTold = false;
  /** The current round: time of its first request, and counts of answers. */
  #roundAt: number | undefined;
  #accepted = 0;
  #refused = 0;
  #learned: { readonly allowance: number; readonly period: number } | undefined;

  /**
   * @param window - most items in flight
   * @param before - what was sent before the first refusal, which is the first round
   */
  constructor(timing: Timing, window: number, random: () => number = Math.random, before?: Before) {
    this.#timing = timing;
    this.#window = window;
    this.#random = random;
    if (before !== undefined) this.#startRound(before.sentAt, before.accepted);
  }

  /** Why requests are held, if they are. */
  get hold(): Limit['cause'] | undefined {
    return this.#hold;
  }

  /** The earliest time for the next request; 0 for at once. */
  get nextAt(): number {
    if (this.#hold !== undefined) return this.#holdUntil;
    return this.#spacingMs === 0 ? 0 : this.#sentAt + this.#spacingMs;
  }

  /** How many more items may be sent now. @param inFlight - items in flight */
  capacity(now: number, inFlight: number): number {
    if (this.#hold !== undefined) return now >= this.#holdUntil && inFlight === 0 ? 1 : 0;
    if (this.#spacingMs > 0) return now >= this.nextAt && inFlight === 0 ? 1 : 0;
    const left = this.#expectedLeft(now) - inFlight;
    return Math.min(this.#window - inFlight, Math.max(left, inFlight === 0 ? 1 : 0));
  }

  /** An item was passed to the worker. */
  onSent(now: number): void {
    this.#roundAt ??= now;
    this.#sentAt = now;
    if (this.#hold !== undefined) this.#isProbing = true;
  }

  /** An item came back unsent. If it was the probe, the probe is still to be made. */
  onReturned(): void {
    this.#isProbing = false;
  }

  /** A request was answered with any status but 429. */
  onAnswered(): void {
    this.#accepted += 1;
    const { accepted, factor } = this.#speedUp;
    if (this.#spacingMs > 0 && this.#accepted % accepted === 0) {
      this.#slowerMs = this.#spacingMs;
      this.#spacingMs *= factor;
      this.#speedUp = { accepted, factor: factor ** 2 };
      if (this.#spacingMs < 1) this.#spacingMs = 0;
    }
    if (this.#hold !== undefined && this.#isProbing) this.#open();
  }

  /** A request was refused by the limit. @returns true when this starts a hold or makes it longer */
  onRefused(now: number, limit: Limit): boolean {
    const wasProbing = this.#isProbing;
    this.#isProbing = false;
    if (limit.cause === 'quota') {
      if (this.#hold === 'quota' && !wasProbing) return false;
      this.#startHold('quota', now + this.#timing.quotaProbeMs);
      return true;
    }
    if (this.#hold === 'quota' && !wasProbing) return false;
    this.#refused += 1;
    this.#refusedAt = now;
    this.#speedUp = speedUps.ofMany;
    this.#wasTooFast = this.#refused === 1 && this.#slowerMs > 0;
    this.#spacingMs = Math.max(this.#spacingMs, this.#slowerMs);
    this.#slowerMs = 0;
    if (limit.retryAfterMs !== undefined) return this.#holdAsTold(now, limit.retryAfterMs, wasProbing);
    if (this.#hold !== undefined && !wasProbing) return false; // this request was sent before the hold: nothing new
    return this.#holdAndBackOff(now);
  }

  /** Makes the probe earlier, because somebody waits, if the limit is not known: at `at`, but not within `gapMs` of the last refusal. */
  hurry(at: number, gapMs: number): void {
    if (this.#hold !== 'rate' || this.#isPeriodTold || this.#learned !== undefined) return;
    this.#holdUntil = Math.min(this.#holdUntil, Math.max(at, this.#refusedAt + gapMs));
  }

  /** How many more requests the backend is expected to accept in this round. */
  #expectedLeft(now: number): number {
    if (this.#learned === undefined) return Number.POSITIVE_INFINITY;
    if (this.#roundAt !== undefined && now >= this.#roundAt + this.#learned.period) {
      this.#startRound(undefined, 0);
    } else if (this.#accepted > this.#learned.allowance * 1.2 + 1) {
      this.#learned = undefined; // over a fifth more than learned was accepted: the limit was lifted
      return Number.POSITIVE_INFINITY;
    }
    return Math.floor(this.#learned.allowance * fullSpeedShare) - this.#accepted;
  }

  /** Obeys `Retry-After`. If the backend refuses again after that time, the wait grows each time, whatever it asks for. */
  #holdAsTold(now: number, retryAfterMs: number, wasProbing: boolean): boolean {
    const least = wasProbing ? this.#backOff(this.#step) : 0;
    if (wasProbing) this.#step += 1;
    // Up to a twentieth or a second longer, so that processes that were refused together do not come back together.
    const until = now + Math.max(retryAfterMs + this.#random() * Math.min(1000, retryAfterMs * 0.05), least);
    const isLonger = this.#hold !== 'rate' || until > this.#holdUntil;
    this.#isPeriodTold = true;
    this.#startHold('rate', Math.max(until, this.#hold === undefined ? 0 : this.#holdUntil));
    return isLonger;
  }

  /** Without `Retry-After`: holds for a back-off, at least until the learned period is nearly over. */
  #holdAndBackOff(now: number): boolean {
    let until = now + jittered(this.#backOff(this.#step), this.#random);
    const isFirst = this.#hold === undefined;
    if (isFirst) {
      this.#isPeriodTold = false;
      if (this.#learned !== undefined && this.#roundAt !== undefined) {
        until = Math.max(until, this.#roundAt + this.#learned.period * periodShare);
      }
    }
    this.#step += 1;
    this.#startHold('rate', until);
    return true;
  }

  #startHold(cause: Limit['cause'], until: number): void {
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
      if (isLearnable && !isPaid) {
        if (this.#spacingMs === 0 && allowance < leastMany) this.#speedUp = speedUps.ofFew;
        const slower = this.#wasTooFast ? this.#spacingMs : this.#spacingMs * slowDown;
        const spacing = this.#spacingMs === 0 ? period / allowance : slower;
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
}
