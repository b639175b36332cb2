import { type Route, routes } from '../queue/route.js';
import { CircuitBreaker, type Fault } from './circuit-breaker.js';
import { type Limit, RateLimiter } from './rate-limiter.js';
import { StorageLag } from './storage-lag.js';
import type { Timing } from './timing.js';

/** A request failed, or was refused. */
export type Failure = (Limit | Fault) & {
  /** It stands in the way of every request, whatever its route. */
  readonly isOfAll?: boolean;
};

/** Why requests are held. */
type Hold = Failure['cause'];

/** Number of items in flight, by route. */
type InFlightCounts = Readonly<Record<Route, number>>;

/** The parts that may hold the requests of one route. */
interface RouteParts {
  /** When the first item was sent. */
  sentAt?: number;
  /** Made by the first fault. */
  faults?: CircuitBreaker;
  /** Made by the first refusal for a limit. */
  limit?: RateLimiter;
  /** Made by the first item that needs a stored trace. */
  lag?: StorageLag;
}

/**
 * Decides how many requests may be made now. It knows no items and no clock: times are passed in, in milliseconds.
 *
 * ```
 *            line: no connection, 401, 403, 503      holds every request
 *           /    \
 *     traces      other
 *     faults      faults     5xx of this route       holds its route
 *     limit       limit      429                     holds its route
 *                 lag        404, 500 of a score     one at a time, while the backend's storing lags behind
 * ```
 *
 * So while requests that create traces are limited, scores and late spans of stored traces are still sent. Invariant: at `nextAt`, a
 * route that is held is open again or has one probe in flight.
 */
export class Pace {
  readonly #answered: Record<Route, number> = { traces: 0, other: 0 };
  readonly #timing: Timing;
  readonly #random: () => number;
  /** Made by the first fault of every route. */
  #line: CircuitBreaker | undefined;
  readonly #routes: Readonly<Record<Route, RouteParts>> = { traces: {}, other: {} };
  readonly #window: number;

  /** @param window - most items in flight */
  constructor(timing: Timing, window: number, random: () => number = Math.random) {
    this.#window = window;
    this.#timing = timing;
    this.#random = random;
  }

  /** How many requests of this route were answered, faults and limits not included. */
  answered(route: Route): number {
    return this.#answered[route];
  }

  /** Why requests of this route are held, if they are. */
  holdOf(route: Route): Hold | undefined {
    const { faults, limit } = this.#routes[route];
    return this.#line?.hold ?? faults?.hold ?? limit?.hold;
  }

  /** The earliest time for the next request of this route; 0 for at once. */
  nextAt(route: Route): number {
    const { faults, limit, lag } = this.#routes[route];
    return Math.max(this.#line?.nextAt ?? 0, faults?.nextAt ?? 0, limit?.nextAt ?? 0, lag?.nextAt ?? 0);
  }

  /** How many more items of this route may be sent now. */
  capacity(route: Route, now: number, inFlight: InFlightCounts): number {
    const { faults, limit } = this.#routes[route];
    const mine = inFlight[route];
    const all = inFlight.traces + inFlight.other;
    return Math.min(
      this.#window - all,
      this.#line?.capacity(now, all) ?? this.#window,
      faults?.capacity(now, mine) ?? this.#window,
      limit?.capacity(now, mine) ?? this.#window,
      this.#lagOf(route)?.capacity(now, mine) ?? this.#window,
    );
  }

  /** An item was passed to the worker. */
  onSent(route: Route, now: number): void {
    const parts = this.#routes[route];
    parts.sentAt ??= now;
    this.#line?.onSent();
    parts.faults?.onSent();
    parts.limit?.onSent(now);
  }

  /** An item came back unsent. If it was the probe, the probe is still to be made. */
  onReturned(route: Route): void {
    const { faults, limit } = this.#routes[route];
    this.#line?.onReturned();
    faults?.onReturned();
    limit?.onReturned();
  }

  /** A request was answered, accepted or refused: the backend is there, takes the key, and does not limit us. */
  onAnswered(route: Route): void {
    const { faults, limit } = this.#routes[route];
    this.#answered[route] += 1;
    this.#line?.onAnswered();
    faults?.onAnswered();
    limit?.onAnswered();
  }

  /** Spans or a score were accepted, so their trace is stored. */
  onStored(route: Route): void {
    this.#routes[route].lag?.onStored();
  }

  /** The trace of an item is not stored yet. @param isRepeat - not for the first time with this item */
  onNotStored(route: Route, now: number, isRepeat: boolean): void {
    this.#lagOf(route)?.onNotStored(now, isRepeat);
  }

  /** A request met an obstacle. @returns true when this starts a hold or makes it longer */
  onFailure(route: Route, now: number, failure: Failure): boolean {
    const parts = this.#routes[route];
    const { faults } = parts;
    if (failure.cause === 'rate' || failure.cause === 'quota') {
      // This answer shows that the backend is there.
      this.#line?.onAnswered();
      faults?.onAnswered();
      parts.limit ??= this.#limiter(route);
      return parts.limit.onRefused(now, failure);
    }
    parts.limit?.onReturned(); // its probe, if this was it, gave no answer about the limit
    if (failure.isOfAll === true) {
      faults?.onReturned();
      this.#line ??= this.#breaker();
      return this.#line.onFailure(now, failure);
    }
    this.#line?.onAnswered();
    parts.faults ??= this.#breaker();
    return parts.faults.onFailure(now, failure);
  }

  /** Undefined for requests that create traces: they need no stored one. */
  #lagOf(route: Route): StorageLag | undefined {
    if (route === 'traces') return undefined;
    const parts = this.#routes[route];
    parts.lag ??= new StorageLag(this.#timing, this.#window);
    return parts.lag;
  }

  #limiter(route: Route): RateLimiter {
    const { sentAt } = this.#routes[route];
    return new RateLimiter(this.#timing, this.#window, this.#random, { sentAt, accepted: this.#answered[route] });
  }

  #breaker(): CircuitBreaker {
    return new CircuitBreaker(this.#timing, this.#random);
  }

  /**
   * Makes the next probes earlier, because somebody waits: at `at`, but not within `gapMs` of the last fault and, for a limit that
   * is not known, not within `limitGapMs` of the last refusal. Times that the backend asked for stay.
   */
  hurry(at: number, gapMs: number, limitGapMs: number): void {
    this.#line?.hurry(at, gapMs);
    for (const route of routes) {
      this.#routes[route].faults?.hurry(at, gapMs);
      this.#routes[route].limit?.hurry(at, limitGapMs);
      this.#routes[route].lag?.hurry(at);
    }
  }
}
