import type { CapturedLateSpans, CapturedTrace, ScoreRecord } from '../../model/records.js';
import type { Transport } from '../http/transport.js';
import type { ItemRules, Progress, Route } from '../queue/route.js';
import type { Redact } from '../text/redact.js';
import type { BodyLimit } from './body-limit.js';
import type { BroughtProtocol } from './brought-protocol.js';
import type { Job } from './job-codec.js';
import type { Result, SenderSettings } from './messages.js';

/**
 * All that delivery knows of a backend's calls, in two halves. A second backend is a second implementation of both.
 *
 * ```
 *  main thread      record ──Encoder──> bodies ──> queue, spool
 *                                                    │ jobs
 *  worker           results <──Exchange── requests <─┘
 * ```
 *
 * The core (queue, schedule, spool, worker, sender, transport) moves bodies as bytes, and never looks into one.
 */

/** The half on the application's thread: records → bodies. It must only paste texts together; what costs more is the worker's. */
export interface Encoder extends ItemRules {
  /**
   * The bodies of a record in the order in which they must be sent; at least one, none of them empty.
   * @param maxBytes - most bytes of a body, as far as is known
   */
  trace(record: CapturedTrace, maxBytes: number): readonly string[];
  lateSpans(record: CapturedLateSpans, maxBytes: number): readonly string[];
  /** Undefined where the backend has no scores: they are dropped as `no_scores`. */
  readonly score: ((record: ScoreRecord) => readonly string[]) | undefined;
  /** A body as every version of this package can read it, in one line of JSON: for the disk. */
  toDisk(body: string): string;
}

/** The half in the worker: jobs → requests, and answers → results. */
export interface Exchange {
  routeOf(item: Progress): Route;
  /** Headers of every request: the key and the like. */
  headersFor(settings: SenderSettings): Readonly<Record<string, string>>;
  /** How many of the waiting jobs, from the first one on, travel in one request: 1 or more. */
  countTogether(waiting: readonly Job[]): number;
  /**
   * Makes the requests for jobs that travel together: encoded further (protobuf, gzip) if need be, repaired or split if the
   * backend does not take them as they are. Never rejects.
   * @returns the result of each job, in order: a backend may accept some and refuse others
   */
  send(jobs: readonly Job[], context: SendContext): Promise<readonly Result[]>;
}

/** Both halves in one place, where there is no worker. */
export interface Protocol extends BroughtProtocol {
  readonly encoder: Encoder;
  readonly exchange: Exchange;
}

/** What the exchanges of one sender share. */
export interface SendContext {
  readonly transport: Transport;
  /** Most bytes of a body; an exchange makes it less when it learns so (413). */
  readonly limit: BodyLimit;
  readonly patience: Patience;
  readonly redact: Redact;
  /** Whether an obstacle was met on a route since these jobs were started: then no further request is made on it. */
  readonly isStopped: (route: Route) => boolean;
}

/** Which items took too long, so that their next request gets more time. */
interface Patience {
  /** How many times the usual time the item's next request may take. */
  for(id: number): number;
  /** The item's request ran out of time. */
  late(id: number): void;
}
