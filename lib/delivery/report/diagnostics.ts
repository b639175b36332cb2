import { errorText } from '../../common/error-text.js';
import { itemsAre, itemsText } from '../../common/items-text.js';
import type { Log } from '../../common/log.js';
import { clearTimeout, setTimeout } from '../../common/real-time.js';
import { type Item, type ItemKind, itemNames } from '../queue/item.js';
import type { Eviction } from '../queue/queue.js';
import { type Route, routes } from '../queue/route.js';
import type { Obstacle } from '../wire/obstacle.js';
import { isOfAllRoutes } from '../wire/obstacle.js';
import { type Loss, LossReports } from './loss-reports.js';
import { adviceFor, causeOfRemains, type Remains, reasonOf, refusalOf } from './reasons.js';

/** Where diagnostics go, and the settings they name. */
export interface DiagnosticsOptions {
  readonly endpoint: string;
  readonly maxQueueSize: number;
  readonly maxQueueBytes: number;
  readonly exitTimeoutMs?: number;
  /** Set for a receiver of OTLP. */
  readonly otlp?: object | undefined;
  readonly log: Log;
  onLoss(loss: Loss): void;
}

/** A late span or score that has waited this long for its trace is logged, in milliseconds. Usually a trace is stored within moments. */
const notStoredLogMs = 20_000;

/**
 * Log lines and calls of `onLoss`. Lines with the same cause are limited together: everything that a missing backend leads to has
 * the cause `backend`, so an outage is one line a minute (promise P16). Every line about a loss names the backend, the obstacle and
 * what to do (promise P33).
 */
export class Diagnostics {
  readonly options: DiagnosticsOptions;
  readonly #pending: () => number;
  readonly #faultLogMs: number;
  readonly backend: string;
  readonly isOtlp: boolean;
  /** The last obstacle of each route, until an item is delivered on it. */
  #obstacles: Partial<Record<Route, Obstacle>> = {};
  #isObstructed = false;
  /** Causes that are logged once, until an item is delivered. */
  readonly #logged = new Set<Obstacle['cause']>();
  #faultTimer: NodeJS.Timeout | undefined;
  readonly #losses: LossReports;

  /** @param faultLogMs - a fault that lasts this long is logged, even if too few requests failed to hold the queue */
  constructor(options: DiagnosticsOptions, faultLogMs: number, pending: () => number) {
    this.options = options;
    this.#faultLogMs = faultLogMs;
    this.#pending = pending;
    this.backend = hostOf(options.endpoint);
    this.isOtlp = options.otlp !== undefined;
    this.#losses = new LossReports(options);
  }

  /** An item was delivered: the obstacle on its route has passed. */
  delivered(route: Route): void {
    if (this.#isObstructed) this.#passed(route);
  }

  /** An item was delivered, but with repairs, or with warnings of the backend. */
  repaired(item: Item, notes: readonly string[]): void {
    const what = `${itemNames[item.kind]} ${item.traceId}`;
    this.options.log.warn('repaired', `${this.backend} took the ${what}, but: ${notes.slice(0, 5).join('; ')}`);
  }

  failed(item: Item, status: number | undefined, detail: string, later = 0): void {
    const and = later > 0 ? ` and ${later} later items of it` : '';
    const message = `gave up the ${itemNames[item.kind]} ${item.traceId}${and}: ${detail}; ${this.backend} ${adviceOn(item, status)}`;
    this.options.log.error('refused', message);
    this.#losses.add({ message, status, attempts: item.attempts, items: 1 + later });
  }

  unencodable(kind: ItemKind, traceId: string, error: unknown): void {
    const message = `could not write the ${itemNames[kind]} ${traceId} as JSON: ${errorText(error)}`;
    this.gaveUp('unencodable', message, 1);
  }

  /** An item met an obstacle. @param isHold - it starts a hold of requests, or makes one longer */
  obstructed(item: Item, obstacle: Obstacle, route: Route, isHold: boolean): void {
    const isOfAll = isOfAllRoutes(obstacle);
    for (const each of routes) if (isOfAll || each === route) this.#obstacles[each] = obstacle;
    this.#isObstructed = true;
    const { log } = this.options;
    switch (obstacle.cause) {
      case 'rate':
        if (isHold) log.debug(`${this.backend} limits the rate: ${obstacle.detail}; ${this.#kept}`);
        return;
      case 'blocked':
      case 'quota':
        if (isHold) this.#logOnce(obstacle);
        return;
      case 'absent':
        if (item.absentMs < notStoredLogMs) return;
        log.warn(
          'not stored',
          `${this.backend} does not know the trace of the ${itemNames[item.kind]} ${item.traceId}: ${reasonOf(obstacle, this.isOtlp)}`,
        );
        return;
      case 'fault':
        if (isHold) this.#logFault(obstacle);
        else this.#faultTimer ??= setTimeout(() => this.#logLastingFault(), this.#faultLogMs).unref();
    }
  }

  /** @param items - how many items were dropped */
  evicted(reason: Eviction, items: number): void {
    const { maxQueueSize, maxQueueBytes } = this.options;
    if (reason === 'too_large') {
      const why = `a trace for ${this.backend} is larger than the whole queue and was dropped`;
      const advice = `raise maxQueueBytes (${maxQueueBytes}), or record less of it (maxValueBytes)`;
      this.dropped('too large', `${why}; ${advice}`, items);
      return;
    }
    const bound = reason === 'queue_full' ? `maxQueueSize ${maxQueueSize}` : `maxQueueBytes ${maxQueueBytes}`;
    const obstacle = this.obstacle;
    const what = `the queue is full (${bound}), the oldest trace was dropped`;
    if (obstacle !== undefined) {
      const why = `cannot deliver to ${this.backend}: ${reasonOf(obstacle, this.isOtlp)}`;
      this.dropped('backend', `${what}: ${why}`, items);
      return;
    }
    const why = `more is recorded than ${this.backend} takes; raise the bound, or lower sampleRate`;
    this.dropped('queue full', `${what}: ${why}`, items);
  }

  /** A late span or score was recorded whose trace was lost. */
  traceLost(kind: ItemKind, traceId: string): void {
    const why = `the trace was lost before, so ${this.backend} would not take it${this.because}`;
    this.dropped('trace lost', `dropped the ${itemNames[kind]} ${traceId}: ${why}`, 1);
  }

  /** Something was recorded after `shutdown()`. */
  closed(kind: ItemKind, traceId: string): void {
    const what = `dropped the ${itemNames[kind]} ${traceId}: it was recorded after shutdown(), and is not sent to ${this.backend}`;
    this.dropped('closed', `${what}; shut down when nothing is recorded any more`, 1);
  }

  /** Delivery was shut down, and the process goes on. */
  shutDown(lost: number, remains: Remains): void {
    this.lost('shutdown', lost, 'before shutdown', remains);
  }

  /** A score was recorded for a backend that has none. */
  noScores(): void {
    this.options.log.warn('no scores', 'this sink has no scores: they are dropped');
  }

  /** The last obstacle that has not passed. */
  get obstacle(): Obstacle | undefined {
    return this.#obstacles.traces ?? this.#obstacles.other;
  }

  /** The obstacle, as the end of a log line; empty if there is none. */
  get because(): string {
    return this.obstacle === undefined ? '' : `: ${reasonOf(this.obstacle, this.isOtlp)}`;
  }

  get #kept(): string {
    return `${itemsAre(this.#pending())} kept and will be tried again`;
  }

  #passed(route: Route): void {
    const over = this.#obstacles[route];
    if (over === undefined) return;
    const isOfAll = isOfAllRoutes(over);
    for (const each of routes)
      if (each === route || (isOfAll && this.#obstacles[each] === over)) delete this.#obstacles[each];
    this.#isObstructed = this.obstacle !== undefined;
    this.#logged.delete(over.cause);
    if (this.#isObstructed) return;
    clearTimeout(this.#faultTimer);
    this.#faultTimer = undefined;
    this.#losses.addDrops();
  }

  /** Logs a fault if nothing was delivered since. */
  #logLastingFault(): void {
    this.#faultTimer = undefined;
    const fault = routes.map((route) => this.#obstacles[route]).find((obstacle) => obstacle?.cause === 'fault');
    if (fault !== undefined) this.#logFault(fault);
  }

  #logFault(obstacle: Obstacle): void {
    clearTimeout(this.#faultTimer);
    this.#faultTimer = undefined;
    this.options.log.warn(
      'backend',
      `cannot deliver to ${this.backend}: ${reasonOf(obstacle, this.isOtlp)}; ${this.#kept}`,
    );
  }

  #logOnce(obstacle: Obstacle): void {
    if (this.#logged.has(obstacle.cause)) return;
    this.#logged.add(obstacle.cause);
    const message = `${this.backend} ${refusalOf(obstacle, this.isOtlp)}; ${adviceFor(obstacle, this.isOtlp)}: ${obstacle.detail}; ${this.#kept}`;
    this.options.log.error(obstacle.cause === 'quota' ? 'quota' : 'backend', message);
    this.#losses.add({ message, status: obstacle.status, attempts: 1, items: 0 });
  }

  /** Logs how many items were lost when delivery ended, and why. */
  lost(cause: string, lost: number, when: string, remains: Remains | undefined): void {
    clearTimeout(this.#faultTimer);
    this.#losses.addDrops();
    if (lost === 0) return;
    const why = remains === undefined ? this.because : this.because || `: ${causeOfRemains[remains]}`;
    this.gaveUp(cause, `${itemsText(lost)} could not be delivered ${when}, to ${this.backend}${why}`, lost);
  }

  /** Logs that items are lost for good, and reports it. */
  gaveUp(cause: string, message: string, items: number): void {
    this.options.log.error(cause, message);
    this.#losses.add({ message, attempts: 0, items });
  }

  /** Logs that items were dropped, and reports it. */
  dropped(cause: string, message: string, items: number): void {
    this.options.log.warn(cause, message);
    this.#losses.addDrop(message, items);
  }

  /** Reports at once, for the last time. */
  reportLosses(): void {
    this.#losses.reportLast();
  }
}

/** The host of the endpoint, without a user and password. */
function hostOf(endpoint: string): string {
  try {
    return new URL(endpoint).host;
  } catch {
    return 'the endpoint';
  }
}

/** What to do about an item that was given up; follows the name of the backend. */
function adviceOn(item: Item, status: number | undefined): string {
  if (item.kind !== 'trace' && status === 404) return 'has no such trace (yet): check the trace id';
  if (status === 413)
    return 'or a proxy before it takes only smaller requests: raise that limit, or lower maxValueBytes';
  if (status !== undefined && status < 500) return 'refuses it: correct the fields it names';
  return 'takes others: leave it out, or look into its log';
}
