import type { TransportSettings } from '../http/transport.js';
import type { Route } from '../queue/route.js';
import type { PackedJobs } from './job-codec.js';
import type { Obstacle } from './obstacle.js';

/** Messages between the queue (main thread) and the sender (worker thread, or the same thread inline). */

/** Most items in the sender's hands; a power of two. */
export const maxInFlight = 128;

/** What the sender needs to know once. Holds the key: never log it. */
export interface SenderSettings extends TransportSettings {
  readonly apiKey: string;
  readonly projectName: string;
  readonly maxBodyBytes: number;
  /** Every request is reported, for `debug: true`. */
  readonly reportsRequests: boolean;
}

/** ObstacleCounts met so far, by route; one that is in the way of every request counts for each. */
export type ObstacleCounts = Readonly<Record<Route, number>>;

/**
 * To the sender. `seen` are the troubles the queue knew of when it sent this: jobs sent in ignorance of a trouble of their
 * route come back untouched, so that not one request is made against a pace that has changed.
 */
export type ToSender =
  | { readonly type: 'send'; readonly seen: ObstacleCounts; readonly jobs: PackedJobs }
  | { readonly type: 'close' };

/** What is left of a job that was not finished. */
export interface Rest {
  readonly acknowledged: number;
  /** The bodies that are left, only where they are not simply what was sent less what was acknowledged. */
  readonly bodies?: readonly string[];
}

/** What came of a job. `attempts` are requests made for it; `notes` say what was left out to get it accepted. */
export type Result = { readonly id: number; readonly attempts: number; readonly notes: readonly string[] } & (
  | { readonly kind: 'delivered' }
  | { readonly kind: 'refused'; readonly status: number | undefined; readonly detail: string }
  /** Not tried, or stopped between two bodies, because something stands in the way. */
  | { readonly kind: 'returned'; readonly rest: Rest }
  | ({ readonly kind: 'retry'; readonly rest: Rest; readonly isUncertain: boolean } & Obstacle)
);

/** From the sender. A thread's first has no results: it is up. */
export interface Report {
  readonly obstacles: ObstacleCounts;
  /** Ids of the jobs that were delivered as they are. */
  readonly delivered: readonly number[];
  /** What came of the others, later. */
  readonly results: readonly Result[];
  /** What the sender learned a body may weigh. */
  readonly maxBodyBytes: number;
  /** A line for each request, where the log wants them. */
  readonly requests?: readonly string[];
}
