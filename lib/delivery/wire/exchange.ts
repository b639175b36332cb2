import type { Transport } from '../http/transport.js';
import type { Route } from '../queue/route.js';
import type { Redact } from '../text/redact.js';

/** What the jobs of one sender share. */
export interface SendContext {
  readonly transport: Transport;
  /** What a body may weigh; becomes less with a 413. */
  readonly limit: { maxBodyBytes: number };
  readonly patience: Patience;
  readonly redact: Redact;
  /** Whether something stands in the way of a route since the job was started: then no further request is made on it. */
  readonly isStopped: (route: Route) => boolean;
}

/** Which items took too long, so that their next request gets more time. */
export interface Patience {
  /** How many times the usual time the item's next request may take. */
  for(id: number): number;
  /** The item's request ran out of time. */
  late(id: number): void;
}
