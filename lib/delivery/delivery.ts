import type { DeliveryError } from '../common/errors.js';
import type { Log } from '../common/log.js';
import type { LateSpansRecord, ScoreRecord, TraceRecord } from '../model/records.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import { Drain } from './drain.js';
import { type BodyLimits, encodeLateSpans, encodeScore, encodeTrace, maxSpansPerRequest } from './encode.js';
import { Hosting } from './hosting.js';
import { createItem, type Item, type ItemKind } from './item.js';
import { type DeliveryStats, Ledger } from './ledger.js';
import { LostTraces } from './lost-traces.js';
import { Notices } from './notices.js';
import { Pace } from './pace.js';
import type { Report } from './protocol.js';
import { Queue } from './queue.js';
import { defaultTiming, type Timing } from './timing.js';

/** How records get to the backend. */
export interface DeliveryOptions {
  /** Where the backend is, e.g. `https://api.pandaprobe.com`. */
  readonly endpoint: string;
  /** Never logged, never part of an error. */
  readonly apiKey: string;
  readonly projectName: string;
  /** Items that start a send. */
  readonly batchSize: number;
  /** Longest wait before a send. */
  readonly flushIntervalMs: number;
  /** Most pending items: queued, under way, waiting for a retry. */
  readonly maxQueueSize: number;
  /** Most memory of the pending items' bodies. */
  readonly maxQueueBytes: number;
  /** `auto`: a thread, or inline where one cannot be started or `isServerless`. */
  readonly worker: 'auto' | 'thread' | 'inline';
  /** The platform freezes between invocations (Lambda and its like): a thread would freeze with requests half done. */
  readonly isServerless?: boolean;
  /** @defaultValue 4 MiB */
  readonly maxBodyBytes?: number;
  /** The whole request, from connecting to the answer. @defaultValue 10000 */
  readonly requestTimeoutMs?: number;
  /** Such as `pandaprobe-ts/1.0.0`. */
  readonly userAgent: string;
  /**
   * The thread's environment: proxy variables (`HTTPS_PROXY`, `NO_PROXY` and their like, both cases) and TLS ones
   * (`NODE_TLS_REJECT_UNAUTHORIZED`, `NODE_EXTRA_CA_CERTS`, `SSL_CERT_FILE`). @defaultValue nothing
   */
  readonly env?: Readonly<Record<string, string>>;
  /** Patience; for specs. */
  readonly timing?: Partial<Timing>;
  readonly log: Log;
  /** Told of every item that was given up. What it throws is logged and goes no further. */
  onError(error: DeliveryError): void;
}

/** Takes records and gets them to the backend. Nothing happens before the first record. */
export interface Delivery {
  trace(record: TraceRecord): void;
  lateSpans(record: LateSpansRecord): void;
  score(record: ScoreRecord): void;
  /**
   * Sends what is queued now. Settles when everything recorded before the call is settled, when the time is up, or at once when
   * nothing can be sent within it (such as inside a long `Retry-After`). Never rejects; keeps the process alive until it settles.
   */
  flush(options?: FlushOptions): Promise<FlushResult>;
  /** Flushes, then takes nothing more; what could not be sent in time is dropped and counted. The second call gets the first's result. */
  shutdown(options?: FlushOptions): Promise<FlushResult>;
  /**
   * Delivers synchronously, for the process's `exit` event, and blocks for at most `timeoutMs`. What is left is dropped, with one
   * line in the log. Inline there is nobody to wait for, so what is pending is lost.
   */
  exit(timeoutMs: number): void;
  stats(): DeliveryStats;
}

/** Makes a delivery. It registers no process listeners: call `exit` from yours. */
export function createDelivery(options: DeliveryOptions): Delivery {
  return new QueuedDelivery(options);
}

/** Most items in the sender's hands. */
const windowItems = 32;
/** Most requests at one time. */
const sockets = 4;
const defaultMaxBodyBytes = 4 * 1_048_576;
const defaultRequestTimeoutMs = 10_000;
const defaultFlushMs = 30_000;
/** Longest time a timer can be set to. Source: Node's `setTimeout`. */
const longestTimerMs = 2 ** 31 - 1;

interface Flush {
  readonly deadline: number;
  readonly finish: () => void;
}

class QueuedDelivery implements Delivery {
  readonly #options: DeliveryOptions;
  readonly #ledger = new Ledger();
  readonly #lostTraces = new LostTraces();
  readonly #queue: Queue;
  readonly #pace: Pace;
  readonly #drain: Drain;
  readonly #hosting: Hosting;
  readonly #notices: Notices;
  readonly #timing: Timing;
  readonly #flushes = new Set<Flush>();
  #limits: BodyLimits;
  /** Items recorded since the last send was asked for. */
  #unasked = 0;
  #intervalTimer: NodeJS.Timeout | undefined;
  #wakeTimer: NodeJS.Timeout | undefined;
  #isAsked = false;
  #isWarm = false;
  #isClosed = false;
  #shutdown: Promise<FlushResult> | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
    const timing = { ...defaultTiming, ...options.timing };
    const maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
    this.#timing = timing;
    this.#limits = { maxSpans: maxSpansPerRequest, maxBytes: maxBodyBytes };
    this.#notices = new Notices(options, () => this.#ledger.pending);
    this.#pace = new Pace(timing, windowItems);
    this.#queue = new Queue({ maxItems: options.maxQueueSize, maxBytes: options.maxQueueBytes }, (items, reason) => {
      this.#lose(items, reason);
      this.#notices.evicted(reason, this.#pace.hold !== undefined);
    });
    this.#drain = new Drain(this.#queue, this.#pace, timing, {
      delivered: (item, notes) => {
        this.#ledger.deliver(item.id, notes.length > 0);
        this.#notices.delivered(item, notes);
      },
      failed: (item, status, detail, rest) => {
        this.#ledger.fail(item.id);
        if (item.kind === 'trace' && item.acknowledged === 0) this.#lostTraces.add(item.traceId);
        this.#lose(rest, 'trace_lost');
        this.#notices.failed(item, status, detail, rest.length);
      },
      held: (obstacle) => this.#notices.held(obstacle),
    });
    const { endpoint, apiKey, projectName, userAgent, log, requestTimeoutMs = defaultRequestTimeoutMs } = options;
    const settings = {
      endpoint,
      apiKey,
      projectName,
      userAgent,
      requestTimeoutMs,
      maxBodyBytes,
      sockets,
      unrefSockets: false,
    };
    const prefersThread = options.worker === 'thread' || (options.worker === 'auto' && options.isServerless !== true);
    this.#hosting = new Hosting(
      { prefersThread, settings, env: options.env ?? {}, log },
      {
        onReport: (report) => this.#take(report),
        onLost: () => {
          this.#drain.lost();
          this.#run();
        },
      },
    );
  }

  trace(record: TraceRecord): void {
    this.#lostTraces.delete(record.traceId);
    this.#record('trace', record.traceId, () => encodeTrace(record, this.#limits));
  }

  lateSpans(record: LateSpansRecord): void {
    if (record.spans.length === 0) return;
    this.#record('spans', record.traceId, () => encodeLateSpans(record, this.#limits));
  }

  score(record: ScoreRecord): void {
    this.#record('score', record.traceId, () => [encodeScore(record)]);
  }

  async flush(options?: FlushOptions): Promise<FlushResult> {
    const { isOk } = await this.#flush(options?.timeoutMs ?? defaultFlushMs);
    return this.#ledger.result(isOk);
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#shutdown ??= this.#close(options?.timeoutMs ?? defaultFlushMs);
    return this.#shutdown;
  }

  exit(timeoutMs: number): void {
    if (this.#ledger.pending > 0) this.#deliverNow(timeoutMs);
    const lost = this.#end('exit');
    this.#notices.exited(lost, timeoutMs);
  }

  stats(): DeliveryStats {
    return this.#ledger.stats(this.#queue.bytes);
  }

  #record(kind: ItemKind, traceId: string, encode: () => string[]): void {
    const id = this.#ledger.create();
    const isOrphan = kind !== 'trace' && this.#lostTraces.has(traceId);
    if (this.#isClosed || isOrphan) {
      this.#ledger.drop(id, isOrphan ? 'trace_lost' : 'shutdown');
      return;
    }
    let item: Item;
    try {
      item = createItem(id, kind, traceId, encode());
    } catch (error) {
      this.#ledger.fail(id);
      this.#notices.unencodable(kind, traceId, error);
      return;
    }
    this.#queue.push(item);
    this.#unasked += 1;
    if (this.#unasked >= this.#options.batchSize) this.#askSoon();
    else this.#intervalTimer ??= setTimeout(() => this.#ask(), this.#options.flushIntervalMs).unref();
    if (!this.#isWarm) this.#warmUp();
  }

  /** The thread gets ready while the application goes on: later, `exit` need not wait for it. */
  #warmUp(): void {
    this.#isWarm = true;
    if (this.#hosting.isThread) setImmediate(() => !this.#isClosed && this.#hosting.get()).unref();
  }

  /** Not now: handing over costs time, and this is the application's. */
  #askSoon(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    setImmediate(() => this.#ask()).unref();
  }

  #ask(): void {
    clearTimeout(this.#intervalTimer);
    this.#intervalTimer = undefined;
    this.#isAsked = false;
    this.#unasked = 0;
    this.#queue.ask();
    this.#run();
  }

  #take(report: Report): void {
    if (report.maxBodyBytes < this.#limits.maxBytes) this.#limits = { ...this.#limits, maxBytes: report.maxBodyBytes };
    this.#drain.take(performance.now(), report);
    this.#run();
  }

  /** One turn: hands out what may go, sets the timer for the next turn, settles flushes that nothing can help any more. */
  #run(): void {
    if (this.#isClosed) return;
    this.#step(performance.now());
    clearTimeout(this.#wakeTimer);
    const wakeAt = this.#drain.wakeAt();
    if (wakeAt < Number.POSITIVE_INFINITY) {
      const wait = Math.ceil(Math.max(0, wakeAt - performance.now()));
      this.#wakeTimer = setTimeout(() => this.#run(), Math.min(wait, longestTimerMs)).unref();
    }
    if (this.#drain.isBusy) return;
    for (const flush of this.#flushes) if (wakeAt >= flush.deadline) flush.finish();
  }

  #step(now: number): void {
    if (this.#queue.next === undefined && this.#queue.nextWakeAt > now) return;
    const host = this.#hosting.get();
    if (host !== undefined) this.#drain.step(now, host);
  }

  #flush(timeoutMs: number): Promise<{ readonly isOk: boolean; readonly isSettled: boolean }> {
    return new Promise((resolve) => {
      const deadline = performance.now() + timeoutMs;
      const finish = () => {
        clearTimeout(timer);
        watch.stop();
        this.#flushes.delete(flush);
        resolve({ isOk: watch.isOk(), isSettled: watch.isSettled() });
      };
      // This one timer is not unref'd: whoever awaits a flush must get its answer.
      const timer = setTimeout(() => finish(), Math.min(Math.max(timeoutMs, 0) || 0, longestTimerMs));
      const watch = this.#ledger.watch(() => finish());
      const flush: Flush = { deadline, finish };
      if (watch.isSettled()) return finish();
      this.#flushes.add(flush);
      this.#pace.nudge(performance.now(), this.#timing.nudgeMs);
      this.#ask();
    });
  }

  async #close(timeoutMs: number): Promise<FlushResult> {
    const deadline = performance.now() + timeoutMs;
    let isOk = false;
    let isSettled = true;
    // Again while the application goes on recording: its last traces end during the flush.
    do {
      ({ isOk, isSettled } = await this.#flush(deadline - performance.now()));
    } while (isSettled && this.#ledger.pending > 0 && performance.now() < deadline);
    const lost = this.#end('shutdown');
    this.#notices.shutDown(lost);
    return this.#ledger.result(isOk && lost === 0);
  }

  /** The `exit` event's own loop: the same turns, but asleep in between instead of in the event loop. */
  #deliverNow(timeoutMs: number): void {
    const deadline = performance.now() + timeoutMs;
    this.#pace.nudge(performance.now(), 0);
    this.#queue.ask();
    this.#queue.wakeDue(Number.POSITIVE_INFINITY);
    while (this.#ledger.pending > 0) {
      const now = performance.now();
      this.#step(now);
      const wakeAt = this.#drain.wakeAt();
      if (now >= deadline || (!this.#drain.isBusy && wakeAt >= deadline)) return;
      const host = this.#hosting.get();
      if (host?.waitSync === undefined) return;
      host.waitSync(Math.max(0, Math.min(deadline, wakeAt) - now));
    }
  }

  /** Takes nothing more, and gives up what is pending; returns how many that were. */
  #end(reason: string): number {
    this.#isClosed = true;
    clearTimeout(this.#intervalTimer);
    clearTimeout(this.#wakeTimer);
    this.#hosting.close();
    let lost = 0;
    for (const group of this.#queue.groups()) {
      const items = this.#queue.abandon(group);
      lost += items.length;
      this.#lose(items, reason);
    }
    for (const flush of this.#flushes) flush.finish();
    return lost;
  }

  /** Every item that is lost on purpose comes through here, with its bodies: the seam for a spool. */
  #lose(items: readonly Item[], reason: string): void {
    for (const item of items) {
      if (item.kind === 'trace' && item.acknowledged === 0) this.#lostTraces.add(item.traceId);
      this.#ledger.drop(item.id, reason);
    }
  }
}
