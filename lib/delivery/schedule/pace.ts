import { type Route, routes } from '../queue/route.js';
import { CircuitBreaker, type Fault } from './circuit-breaker.js';
import { type Limit, RateLimiter } from './rate-limiter.js';
import { StorageLag } from './storage-lag.js';
import type { Timing } from './timing.js';

/** What stands in the way of requests, and of which. */
export type Trouble = (Limit | Fault) & {
  /** Of every request, whatever its route. */
  readonly isOfAll?: boolean;
};

/** Why requests are held. */
export type Hold = Trouble['cause'];

/** How many items the worker has in hand, by route. */
export type InFlight = Readonly<Record<Route, number>>;

/** What may hold the requests of one route. */
interface Lane {
  readonly faults: CircuitBreaker;
  readonly limit: RateLimiter;
  readonly lag: StorageLag | undefined;
}

/**
 * When the next requests may be made. It knows no items and no clock: the time is handed in, in milliseconds.
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
 * So while `POST /traces` is limited, scores and late spans of stored traces go on. Invariant: a route whose requests are held is
 * open again, or has one probe under way, at `nextAt`.
 */
export class Pace {
  readonly #line: CircuitBreaker;
  readonly #lanes: Readonly<Record<Route, Lane>>;
  readonly #window: number;

  /** @param window - most items in the worker's hands. */
  constructor(timing: Timing, window: number, random: () => number = Math.random) {
    this.#window = window;
    this.#line = new CircuitBreaker(timing, random);
    const lane = (lag?: StorageLag): Lane => ({
      faults: new CircuitBreaker(timing, random),
      limit: new RateLimiter(timing, window, random),
      lag,
    });
    this.#lanes = { traces: lane(), other: lane(new StorageLag(timing, window)) };
  }

  /** Why requests of this route are held, if they are. */
  holdOf(route: Route): Hold | undefined {
    const { faults, limit } = this.#lanes[route];
    return this.#line.hold ?? faults.hold ?? limit.hold;
  }

  /** The earliest time for the next request of this route; 0 when it may go at once. */
  nextAt(route: Route): number {
    const { faults, limit, lag } = this.#lanes[route];
    return Math.max(this.#line.nextAt, faults.nextAt, limit.nextAt, lag?.nextAt ?? 0);
  }

  /** How many more items of this route may be handed to the worker now. */
  capacity(route: Route, now: number, away: InFlight): number {
    const { faults, limit, lag } = this.#lanes[route];
    const mine = away[route];
    const all = away.traces + away.other;
    return Math.min(
      this.#window - all,
      this.#line.capacity(now, all),
      faults.capacity(now, mine),
      limit.capacity(now, mine),
      lag?.capacity(now, mine) ?? this.#window,
    );
  }

  /** An item was handed to the worker. */
  onSent(route: Route, now: number): void {
    const { faults, limit } = this.#lanes[route];
    this.#line.onSent();
    faults.onSent();
    limit.onSent(now);
  }

  /** An item came back untouched; if it was a probe, it is still to be made. */
  onReturned(route: Route): void {
    const { faults, limit } = this.#lanes[route];
    this.#line.onReturned();
    faults.onReturned();
    limit.onReturned();
  }

  /** An item was answered, whatever the answer: the backend is there, takes our key, and is not limiting us. */
  onAnswered(route: Route): void {
    const { faults, limit } = this.#lanes[route];
    this.#line.onAnswered();
    faults.onAnswered();
    limit.onAnswered();
  }

  /** What an item brought is stored. */
  onStored(route: Route): void {
    this.#lanes[route].lag?.onStored();
  }

  /** An item's trace is not stored yet. `isRepeat`: nor was it when this item was tried before. */
  onNotStored(route: Route, now: number, isRepeat: boolean): void {
    this.#lanes[route].lag?.onNotStored(now, isRepeat);
  }

  /** Something stands in the way. Returns true when this starts a hold or makes it longer. */
  onFailure(route: Route, now: number, trouble: Trouble): boolean {
    const { faults, limit } = this.#lanes[route];
    if (trouble.cause === 'rate' || trouble.cause === 'quota') {
      // The others were answered: by this request, that the backend is there.
      this.#line.onAnswered();
      faults.onAnswered();
      return limit.onRefused(now, trouble);
    }
    limit.onReturned(); // its probe has found out something else
    if (trouble.isOfAll === true) {
      faults.onReturned();
      return this.#line.onFailure(now, trouble);
    }
    this.#line.onAnswered();
    return faults.onFailure(now, trouble);
  }

  /**
   * Somebody waits: what waits after a fault or for storing may be tried at `at`, but not within `gapMs` of the last fault, and
   * what waits for an unknown limit not within `limitGapMs` of the last refusal. What the backend asked for stays.
   */
  hurry(at: number, gapMs: number, limitGapMs: number): void {
    this.#line.hurry(at, gapMs);
    for (const route of routes) {
      this.#lanes[route].faults.hurry(at, gapMs);
      this.#lanes[route].limit.hurry(at, limitGapMs);
      this.#lanes[route].lag?.hurry(at);
    }
  }
}
