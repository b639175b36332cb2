import type { TransportSettings } from '../http/transport.js';
import type { Route } from '../queue/route.js';
import type { PackedJobs } from './job-codec.js';
import type { Obstacle } from './obstacle.js';
import type { OtlpSettings } from './otlp-settings.js';

/** Messages between the main thread and the worker, which is a thread or runs inline. */

/** Most items in flight; a power of two. */
export const maxInFlight = 128;

/** Settings of a sender. Holds the key: never log it. */
export interface SenderSettings extends TransportSettings {
  readonly apiKey: string;
  readonly projectName: string;
  readonly maxBodyBytes: number;
  /** Undefined: PandaProbe's own calls. */
  readonly otlp?: OtlpSettings | undefined;
  /** Every request is reported, for `debug: true`. */
  readonly reportsRequests: boolean;
}

/** Number of obstacles met so far, by route. An obstacle of every request counts for each route. */
export type ObstacleCounts = Readonly<Record<Route, number>>;

/**
 * To the worker. `seen` are the counts of obstacles that the main thread knew when it sent the jobs. If the worker has met another
 * obstacle of their route since, the jobs are returned unsent, because the pace may hold the route by now.
 */
export type ToSender =
  | { readonly type: 'send'; readonly seen: ObstacleCounts; readonly jobs: PackedJobs }
  | { readonly type: 'close' };

/** What is left of a job that was not finished. */
export interface Rest {
  readonly acknowledged: number;
  /** Only if bodies were rewritten: all that are left. Otherwise the acknowledged ones are removed from those that were sent. */
  readonly bodies?: readonly string[];
}

/** The outcome of a job. `attempts`: requests made for it. `notes`: what was cut or left out so that it was accepted. */
export type Result = { readonly id: number; readonly attempts: number; readonly notes: readonly string[] } & (
  | { readonly kind: 'delivered'; readonly rest?: undefined }
  /** `rest`: missing if nothing of it was accepted. */
  | { readonly kind: 'refused'; readonly status: number | undefined; readonly detail: string; readonly rest?: Rest }
  /** Not sent, or stopped between two bodies, because another item met an obstacle. */
  | { readonly kind: 'returned'; readonly rest: Rest }
  | ({ readonly kind: 'retry'; readonly rest: Rest; readonly isUncertain: boolean } & Obstacle)
);

/** From the worker. The first report has no results: it says that the worker is up. */
export interface Report {
  readonly obstacles: ObstacleCounts;
  /** Ids of items that were delivered unchanged. */
  readonly delivered: readonly number[];
  /** Results of the other items. */
  readonly results: readonly Result[];
  /** Most bytes of a body, as the worker has learned it. */
  readonly maxBodyBytes: number;
  /** A log line for each request, for `debug: true`. */
  readonly requests?: readonly string[];
}
