import type { Failure, Pace } from '../pace/pace.js';
import { doubled, type Timing } from '../pace/timing.js';
import type { Item } from '../queue/item.js';
import type { Route } from '../queue/route.js';
import type { Obstacle } from '../wire/obstacle.js';
import { isOfAllRoutes } from '../wire/obstacle.js';
import { enoughSuspicion, suspicionOf } from './poison-score.js';

/** What to do with an item that met an obstacle. */
interface RetryDecision {
  /** The obstacle starts a hold of requests, or makes one longer. */
  readonly isHold: boolean;
  /** How long the item waits, in milliseconds; 0 when only the pace decides. Undefined: it is given up. */
  readonly waitMs: number | undefined;
}

/** Decides whether and when an item is tried again, and reports its obstacle to the pace. See the drawing of {@link Dispatcher}. */
export class Retries {
  readonly #pace: Pace;
  readonly #timing: Timing;
  /** Requests of each route that met a fault. */
  readonly #failed: Record<Route, number> = { traces: 0, other: 0 };

  constructor(pace: Pace, timing: Timing) {
    this.#pace = pace;
    this.#timing = timing;
  }

  /**
   * Counts an obstacle in the item that met it, and reports it to the pace.
   * @param isLess - the item was split after the fault, so that what is left may get through
   */
  met(now: number, obstacle: Obstacle, item: Item, route: Route, isLess: boolean): RetryDecision {
    const isOfAll = isOfAllRoutes(obstacle);
    const onFailure = (failure: Failure) => this.#pace.onFailure(route, now, failure);
    switch (obstacle.cause) {
      case 'absent':
        return this.#absent(now, obstacle, item, route);
      case 'rate':
        // 503 with Retry-After holds all routes.
        return { isHold: onFailure(isOfAll ? { ...obstacle, cause: 'fault', isOfAll } : obstacle), waitMs: 0 };
      case 'quota':
      case 'blocked':
        return { isHold: onFailure({ cause: obstacle.cause, isOfAll }), waitMs: 0 };
      case 'fault': {
        const isRepeat = item.faults > 0;
        this.#fault(item, route, isLess);
        const isHold = onFailure({ cause: 'fault', isRepeat, isOfAll });
        const waitMs = doubled(this.#timing.backOffMs, item.faults - 1, this.#timing.maxBackOffMs);
        return { isHold, waitMs: item.suspicion >= enoughSuspicion ? undefined : waitMs };
      }
    }
  }

  #fault(item: Item, route: Route, isLess: boolean): void {
    const passed = this.#pace.answered(route);
    const failed = this.#failed[route];
    const isRepeat = item.faults > 0 && !isLess;
    if (isRepeat) item.suspicion += suspicionOf(passed - item.passedAtFault, failed - item.failedAtFault);
    item.faults += 1;
    item.passedAtFault = passed;
    item.failedAtFault = failed + 1;
    this.#failed[route] = failed + 1;
  }

  /** The trace of late spans or a score is not stored yet. Or the backend fails, which looks the same (`isVague`). */
  #absent(now: number, { isVague }: Obstacle & { readonly cause: 'absent' }, item: Item, route: Route): RetryDecision {
    const { absentMs, maxAbsentMs, maxAbsentTotalMs } = this.#timing;
    const hold = this.#pace.holdOf(route);
    if (isVague && (hold === 'fault' || hold === 'blocked')) {
      // The backend is down: this is no sign that it is up again, and does not count as a wait of the item.
      const isHold = this.#pace.onFailure(route, now, { cause: 'fault', isRepeat: true, isVague });
      return { isHold, waitMs: absentMs };
    }
    if (!isVague || hold !== undefined) this.#pace.onAnswered(route);
    this.#pace.onNotStored(route, now, item.notFoundCount > 0);
    const waitedMs = doubled(absentMs, item.notFoundCount - 1, maxAbsentMs);
    // The time for which the pace held the item does not count.
    if (item.notFoundCount > 0) item.absentMs += Math.min(now - item.notFoundAt, waitedMs);
    const waitMs = doubled(absentMs, item.notFoundCount, maxAbsentMs);
    item.notFoundCount += 1;
    item.notFoundAt = now;
    return { isHold: false, waitMs: item.absentMs >= maxAbsentTotalMs ? undefined : waitMs };
  }
}
