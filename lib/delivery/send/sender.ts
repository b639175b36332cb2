import { clearTimeout, performance, setTimeout } from '../../common/real-time.js';
import { percentDecoded } from '../../common/url-login.js';
import type { Transport } from '../http/transport.js';
import type { Route } from '../queue/route.js';
import { createRedact, type Redact } from '../text/redact.js';
import type { BodyLimit } from '../wire/body-limit.js';
import { type Job, unpackJobs } from '../wire/job-codec.js';
import type { ObstacleCounts, Report, Result, SenderSettings, ToSender } from '../wire/messages.js';
import { isOfAllRoutes } from '../wire/obstacle.js';
import type { Exchange, SendContext } from '../wire/protocol.js';
import { logged } from './request-log.js';

/** This many results are reported without delay. Fewer wait `reportAfterMs` (in milliseconds) for more. */
const resultsPerReport = 32;
const reportAfterMs = 10;
/** The same for the bytes of their bodies: a quarter of what may be in flight. */
const bytesPerReport = 1_048_576;

/**
 * A backend that answers within this time, in milliseconds, gets one request at a time while few jobs wait. Parallel requests would
 * hardly be faster, and on a machine with two processors they would take one from the application.
 */
const quickMs = 5;
const fewJobs = 32;

/**
 * Sends jobs, a few at a time, and reports their results. The same code runs in the worker thread and inline.
 *
 * As soon as a job meets an obstacle (429, 5xx, no answer, 401), no more requests are started on its route. Jobs that were not sent are
 * returned to the queue, where the pace decides. So are jobs that arrive with an older `seen`.
 */
export class Sender {
  readonly #settings: SenderSettings;
  readonly #exchange: Exchange;
  readonly #transport: Transport;
  readonly #report: (report: Report) => void;
  readonly #waiting: Job[] = [];
  #delivered: number[] = [];
  #results: Result[] = [];
  #unreportedBytes = 0;
  #reportTimer: NodeJS.Timeout | undefined;
  #activeRequests = 0;
  /** The last request succeeded within `quickMs`. */
  #isQuick = false;
  /** Fires when jobs have waited `quickMs` behind one request; then more requests are made at a time. */
  #slowTimer: NodeJS.Timeout | undefined;
  #obstacles: ObstacleCounts = { traces: 0, other: 0 };
  #requestLines: string[] = [];
  readonly #limit: BodyLimit;
  readonly #patience = new TimeoutPatience();
  readonly #redact: Redact;
  #isClosed = false;

  constructor(settings: SenderSettings, exchange: Exchange, transport: Transport, report: (report: Report) => void) {
    this.#settings = settings;
    this.#exchange = exchange;
    this.#transport = transport;
    this.#report = report;
    this.#limit = { maxBodyBytes: settings.maxBodyBytes };
    this.#redact = createRedact(secretsOf(settings));
  }

  /** Takes a message from the main thread. */
  receive(message: ToSender): void {
    if (message.type === 'close') {
      this.#isClosed = true;
      this.#waiting.length = 0;
      clearTimeout(this.#reportTimer);
      clearTimeout(this.#slowTimer);
      this.#transport.close();
      return;
    }
    const { seen } = message;
    for (const job of unpackJobs(message.jobs)) {
      const route = this.#exchange.routeOf(job);
      if (seen[route] === this.#obstacles[route]) this.#waiting.push(job);
      else this.#returnUnsent(job);
    }
    this.#startNext();
  }

  #startNext(): void {
    while (this.#activeRequests < this.#width && !this.#isClosed) {
      if (this.#waiting.length === 0) break;
      const jobs = this.#waiting.splice(0, this.#exchange.countTogether(this.#waiting));
      this.#activeRequests += 1;
      const startedAt = performance.now();
      const obstacles = this.#obstacles;
      const isStopped = (route: Route) => this.#obstacles[route] !== obstacles[route] || this.#isClosed;
      void this.#exchange.send(jobs, this.#context(jobs, isStopped)).then((results) => {
        this.#activeRequests -= 1;
        const isDelivered = results.every(({ kind }) => kind === 'delivered');
        this.#isQuick = isDelivered && performance.now() - startedAt <= quickMs;
        jobs.forEach(({ kind, bodies }, at) => {
          for (const body of bodies) this.#unreportedBytes += body.length;
          this.#onResult(kind, results[at] as Result); // one for each job
        });
        this.#startNext();
      });
    }
    if (this.#waiting.length > 0 && this.#isQuick) this.#watchSlow();
    this.#reportSoon();
  }

  #context(jobs: readonly Job[], isStopped: (route: Route) => boolean): SendContext {
    const transport = this.#settings.reportsRequests
      ? logged(this.#transport, jobs, this.#requestLines)
      : this.#transport;
    return {
      ...{ transport, limit: this.#limit, patience: this.#patience, redact: this.#redact },
      isStopped,
    };
  }

  /** How many requests may be made at a time. */
  get #width(): number {
    return this.#isQuick && this.#waiting.length <= fewJobs ? 1 : this.#settings.sockets;
  }

  /** Starts the timer for a slow request. */
  #watchSlow(): void {
    if (this.#slowTimer !== undefined) {
      this.#slowTimer.refresh();
      return;
    }
    this.#slowTimer = setTimeout(() => {
      this.#isQuick = false;
      this.#startNext();
    }, quickMs).unref();
  }

  #onResult(kind: Job['kind'], result: Result): void {
    if (result.kind === 'delivered' && result.notes.length === 0) this.#delivered.push(result.id);
    else this.#results.push(result);
    if (result.kind === 'delivered' || result.kind === 'refused') this.#patience.forget(result.id);
    if (result.kind !== 'retry' || result.cause === 'absent') return;
    const isOfAll = isOfAllRoutes(result);
    const route = this.#exchange.routeOf({ kind, acknowledged: result.rest.acknowledged });
    const { traces, other } = this.#obstacles;
    this.#obstacles = {
      traces: isOfAll || route === 'traces' ? traces + 1 : traces,
      other: isOfAll || route === 'other' ? other + 1 : other,
    };
    for (const job of this.#waiting.splice(0)) {
      if (isOfAll || this.#exchange.routeOf(job) === route) this.#returnUnsent(job);
      else this.#waiting.push(job);
    }
  }

  #returnUnsent({ id, acknowledged }: Job): void {
    this.#results.push({ id, attempts: 0, notes: [], kind: 'returned', rest: { acknowledged } });
  }

  #reportSoon(): void {
    const count = this.#delivered.length + this.#results.length;
    if (count === 0 || this.#isClosed) return;
    const isIdle = this.#activeRequests === 0 && this.#waiting.length === 0;
    const isMuch = count >= resultsPerReport || this.#unreportedBytes >= bytesPerReport;
    if (isIdle || isMuch || this.#results.length > 0) this.#reportNow();
    else this.#reportTimer ??= setTimeout(() => this.#reportNow(), reportAfterMs).unref();
  }

  #reportNow(): void {
    clearTimeout(this.#reportTimer);
    this.#reportTimer = undefined;
    const delivered = this.#delivered;
    const results = this.#results;
    this.#delivered = [];
    this.#results = [];
    this.#unreportedBytes = 0;
    const report = { obstacles: this.#obstacles, delivered, results, maxBodyBytes: this.#limit.maxBodyBytes };
    this.#report(this.#requestLines.length === 0 ? report : { ...report, requests: this.#requestLines.splice(0) });
  }
}

/** Most times the usual time that a request gets. */
const mostPatience = 4;
/** Most items that are remembered. Older ones start over with the usual time. */
const mostKnown = 1000;

/** Remembers items whose requests ran out of time: their next request gets twice as much, within a bound. */
class TimeoutPatience {
  readonly #late = new Map<number, number>();

  /** How many times the usual time the item's next request may take. */
  for(id: number): number {
    return this.#late.get(id) ?? 1;
  }

  /** The item's request ran out of time. */
  late(id: number): void {
    const next = Math.min(this.for(id) * 2, mostPatience);
    this.#late.delete(id);
    this.#late.set(id, next);
    const [oldest] = this.#late.keys();
    if (this.#late.size > mostKnown && oldest !== undefined) this.#late.delete(oldest);
  }

  /** The item is settled. */
  forget(id: number): void {
    if (this.#late.size > 0) this.#late.delete(id);
  }
}

/** Texts that must not be logged. */
function secretsOf({ apiKey, endpoint, proxy }: SenderSettings): string[] {
  const ofProxy = proxy?.kind === 'http' ? proxy.secrets : [];
  return [apiKey, URL.canParse(endpoint) ? percentDecoded(new URL(endpoint).password) : '', ...ofProxy];
}
