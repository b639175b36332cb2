import type { Transport } from './http.js';
import type { Job, Report, Result, SenderSettings, ToSender } from './protocol.js';
import { sendJob } from './send-job.js';

/** Results that are reported at once; fewer wait a moment for company. */
const resultsPerReport = 8;
const reportAfterMs = 10;
/**
 * Sends jobs, a few at a time, and reports what came of them. The same code runs in the worker thread and inline.
 *
 * As soon as something stands in the way (429, 5xx, no answer, 401) it starts nothing more: what it has not sent goes back
 * to the queue, which owns the pace. Messages that were under way meanwhile carry an older `seen` and go back as well.
 */
export class Sender {
  readonly #settings: SenderSettings;
  readonly #transport: Transport;
  readonly #report: (report: Report) => void;
  readonly #waiting: Job[] = [];
  #results: Result[] = [];
  #timer: NodeJS.Timeout | undefined;
  #active = 0;
  #troubles = 0;
  readonly #limit: { maxBodyBytes: number };
  #isClosed = false;

  constructor(settings: SenderSettings, transport: Transport, report: (report: Report) => void) {
    this.#settings = settings;
    this.#transport = transport;
    this.#report = report;
    this.#limit = { maxBodyBytes: settings.maxBodyBytes };
  }

  /** Takes a message from the queue. */
  receive(message: ToSender): void {
    if (message.type === 'close') {
      this.#isClosed = true;
      this.#waiting.length = 0;
      clearTimeout(this.#timer);
      this.#transport.close();
      return;
    }
    if (message.seen === this.#troubles) this.#waiting.push(...message.jobs);
    else this.#giveBack(message.jobs);
    this.#pump();
  }

  #pump(): void {
    while (this.#active < this.#settings.sockets && !this.#isClosed) {
      const job = this.#waiting.shift();
      if (job === undefined) break;
      this.#active += 1;
      const troubles = this.#troubles;
      const isStopped = () => this.#troubles !== troubles || this.#isClosed;
      void sendJob(job, { transport: this.#transport, limit: this.#limit, isStopped }).then((result) => {
        this.#active -= 1;
        this.#settle(result);
        this.#pump();
      });
    }
    this.#tell();
  }

  #settle(result: Result): void {
    this.#results.push(result);
    if (result.kind !== 'retry' || result.cause === 'absent') return;
    this.#troubles += 1;
    this.#giveBack(this.#waiting.splice(0));
  }

  #giveBack(jobs: readonly Job[]): void {
    for (const { id, acknowledged } of jobs) {
      this.#results.push({ id, attempts: 0, notes: [], kind: 'returned', rest: { acknowledged } });
    }
  }

  #tell(): void {
    if (this.#results.length === 0 || this.#isClosed) return;
    const isIdle = this.#active === 0 && this.#waiting.length === 0;
    const isTroubled = this.#results.some((result) => result.kind !== 'delivered');
    if (isIdle || isTroubled || this.#results.length >= resultsPerReport) this.#tellNow();
    else this.#timer ??= setTimeout(() => this.#tellNow(), reportAfterMs).unref();
  }

  #tellNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const results = this.#results;
    this.#results = [];
    this.#report({ troubles: this.#troubles, results, maxBodyBytes: this.#limit.maxBodyBytes });
  }
}
