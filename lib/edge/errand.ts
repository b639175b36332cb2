import { clearTimeout, performance, setTimeout } from '../common/real-time.js';
import { maxSockets } from '../delivery/http/limits.js';
import type { DeliveryOptions } from '../delivery/options.js';
import type { Pace } from '../delivery/pace/pace.js';
import type { Timing } from '../delivery/pace/timing.js';
import type { Item } from '../delivery/queue/item.js';
import type { Queue } from '../delivery/queue/queue.js';
import type { Stats, Watch } from '../delivery/report/stats.js';
import type { Dispatcher } from '../delivery/schedule/dispatcher.js';
import { type Flushed, latestTryAt } from '../delivery/schedule/pending-flushes.js';
import { Sender } from '../delivery/send/sender.js';
import type { ObstacleCounts, Report, SenderSettings, ToSender } from '../delivery/wire/messages.js';
import type { Protocol } from '../delivery/wire/protocol.js';
import { createTransport } from './fetch-transport.js';

/** What all errands of a delivery share. */
export interface Work {
  readonly options: DeliveryOptions;
  readonly protocol: Protocol;
  readonly timing: Timing;
  readonly dispatcher: Dispatcher;
  readonly pace: Pace;
  readonly queue: Queue;
  readonly stats: Stats;
  /** The items in the message that the dispatcher is sending. (The message itself has only their bytes.) */
  handed(): readonly Item[];
  /** Puts the items that abandoned errands have in flight back into the queue. @param by - the calling errand, which is not abandoned */
  takeBack(now: number, by: Errand): void;
  /** Most bytes of a body. @param learned - a limit learned from the backend (413) */
  maxBodyBytes(learned?: number): number;
}

/** Most requests of an errand. Source: Cloudflare's documentation, *Limits*: 50 requests of one invocation. */
const maxRequests = 32;
/** How often to look whether items of other errands are settled, in milliseconds. */
const othersMs = 20;
/** How often an errand that waits for answers sets its timer anew, in milliseconds. A timer that fires shows that the request lives. */
const aliveMs = 5000;
/** How late an errand's timer may be, in milliseconds. If it is later, the errand counts as abandoned: its request has ended. */
const goneMs = 1000;

/**
 * One flush, with everything that belongs to the request that called it: a sender, a timer, and its items in flight. It ends when
 * all items recorded before it are settled and none of its own is in flight, when its time is up, or when nothing more can be sent
 * in time.
 */
export class Errand {
  readonly #work: Work;
  readonly #onEnd: (outcome: Flushed) => void;
  readonly #deadline: number;
  readonly #watch: Watch;
  /** Items that this errand's sender has, by id. */
  readonly #inFlight = new Map<number, Item>();
  #sender: Sender | undefined;
  #sentItems = 0;
  /** The obstacles that this errand's sender has reported; another sender counts its own. */
  #seen: ObstacleCounts = { traces: 0, other: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires. */
  #dueAt = Number.POSITIVE_INFINITY;
  #isOver = false;

  constructor(work: Work, timeoutMs: number, onEnd: (outcome: Flushed) => void) {
    this.#work = work;
    this.#onEnd = onEnd;
    this.#deadline = performance.now() + (Math.max(timeoutMs, 0) || 0);
    this.#watch = work.stats.watch(() => {});
  }

  start(): void {
    const { pace, queue, timing } = this.#work;
    if (!this.#watch.isFinal) {
      pace.hurry(performance.now(), timing.minFlushRetryMs, timing.maxFlushRetryMs);
      queue.release();
    }
    this.#turn();
  }

  /** Whether the request has ended before this errand. */
  isAbandoned(now: number): boolean {
    return now > this.#dueAt + goneMs;
  }

  /** Returns this errand's items in flight to the queue. Uses no object that belongs to the request, which may have ended. */
  giveBack(now: number): void {
    this.#isOver = true;
    this.#work.stats.unwatch(this.#watch);
    const results = [...this.#inFlight.values()].map((item) => {
      item.isUncertain ||= !this.#work.protocol.encoder.isRepeatable(item.kind);
      const rest = { acknowledged: item.acknowledged };
      return { id: item.id, attempts: 0, notes: [], kind: 'returned' as const, rest };
    });
    this.#inFlight.clear();
    const maxBodyBytes = this.#work.maxBodyBytes();
    this.#work.dispatcher.onReport(now, { obstacles: this.#seen, delivered: [], results, maxBodyBytes });
  }

  #turn(): void {
    if (this.#isOver) {
      this.#reportOutcome(); // the request has not ended after all
      return;
    }
    clearTimeout(this.#timer);
    const { dispatcher } = this.#work;
    const now = performance.now();
    this.#work.takeBack(now, this);
    const maySend = !this.#watch.isFinal && this.#sentItems < this.#maxItems;
    if (maySend && now < this.#deadline) this.#send(now);
    const wakeAt = maySend ? dispatcher.wakeAt(now) : Number.POSITIVE_INFINITY;
    const isIdle = this.#inFlight.size === 0;
    const isStuck =
      isIdle && wakeAt >= this.#deadline && (dispatcher.inFlight === 0 || this.#sentItems >= this.#maxItems);
    if (now >= this.#deadline || (isIdle && this.#watch.isFinal) || isStuck) {
      this.#end(now);
      return;
    }
    const lookAt = now + (isIdle ? othersMs : aliveMs);
    const waitMs = Math.ceil(Math.min(wakeAt, lookAt, this.#deadline) - now);
    this.#dueAt = now + waitMs;
    this.#timer = setTimeout(() => this.#turn(), waitMs);
  }

  get #maxItems(): number {
    return maxRequests * this.#work.protocol.itemsPerRequest;
  }

  #send(now: number): void {
    const { dispatcher, timing } = this.#work;
    const tryAt = latestTryAt(now, this.#deadline, timing);
    if (tryAt !== undefined) dispatcher.hurry(tryAt);
    dispatcher.dispatch(now, { send: (message) => this.#pass(message) });
  }

  #end(now: number): void {
    this.giveBack(now);
    this.#sender?.receive({ type: 'close' });
    this.#reportOutcome();
  }

  #reportOutcome(): void {
    const { isFinal, hasLost } = this.#watch;
    this.#onEnd({ isOk: isFinal && !hasLost, isFinal });
  }

  /** Passes a message to this errand's own sender, which is the worker as the dispatcher sees it. */
  #pass(message: ToSender): void {
    const handed = this.#work.handed();
    for (const item of handed) this.#inFlight.set(item.id, item);
    this.#sentItems += handed.length;
    this.#sender ??= this.#startSender();
    this.#sender.receive({ ...message, seen: this.#seen } as ToSender);
  }

  #startSender(): Sender {
    const { options, protocol } = this.#work;
    const { exchange } = protocol;
    const { endpoint, apiKey, projectName, userAgent, requestTimeoutMs, debug = false } = options;
    const settings: SenderSettings = {
      ...{ endpoint, apiKey, projectName, userAgent, requestTimeoutMs, sockets: maxSockets },
      ...{ unrefSockets: true, proxy: undefined, tls: undefined, reportsRequests: debug },
      maxBodyBytes: this.#work.maxBodyBytes(),
    };
    const transport = createTransport(settings, exchange.headersFor(settings));
    return new Sender(settings, exchange, transport, (report) => this.#onReport(report));
  }

  #onReport(report: Report): void {
    if (this.#isOver) {
      this.#turn();
      return;
    }
    this.#seen = report.obstacles;
    this.#work.maxBodyBytes(report.maxBodyBytes);
    for (const line of report.requests ?? []) this.#work.options.log.debug(line);
    for (const id of report.delivered) this.#inFlight.delete(id);
    for (const { id } of report.results) this.#inFlight.delete(id);
    this.#work.dispatcher.onReport(performance.now(), report);
    this.#turn();
  }
}
