import type { RequestContext } from '../client/lifecycle/request-context.js';
import { performance, setTimeout } from '../common/real-time.js';
import type { Delivery, DeliveryOptions } from '../delivery/options.js';
import { Pace } from '../delivery/pace/pace.js';
import { doubled, defaultTiming as timing } from '../delivery/pace/timing.js';
import { pandaProbeEncoder } from '../delivery/pandaprobe/encoder.js';
import { pandaProbeExchange } from '../delivery/pandaprobe/exchange.js';
import type { Item, ItemKind } from '../delivery/queue/item.js';
import { Queue } from '../delivery/queue/queue.js';
import { Diagnostics } from '../delivery/report/diagnostics.js';
import { RecentTraces } from '../delivery/report/recent-traces.js';
import { type DeliveryStats, Stats } from '../delivery/report/stats.js';
import { Dispatcher } from '../delivery/schedule/dispatcher.js';
import type { Flushed } from '../delivery/schedule/pending-flushes.js';
import { defaultMaxBodyBytes } from '../delivery/wire/body-limit.js';
import type { Protocol } from '../delivery/wire/protocol.js';
import type { CapturedLateSpans, CapturedTrace, ScoreRecord } from '../model/records.js';
import { defaultFlushMs, type FlushOptions, type FlushResult } from '../model/sink.js';
import { Errand, type Work } from './errand.js';
import { currentContext } from './request-context.js';

/** The protocol of sinks without one of their own: each item is one request. */
const pandaProbe: Protocol = { encoder: pandaProbeEncoder, exchange: pandaProbeExchange, itemsPerRequest: 1 };
/** Most items in flight. Source: Cloudflare's documentation, *Limits*: 50 requests of one invocation, 6 connections at a time. */
const maxInFlight = 16;
/** How late a timer may be, in milliseconds, before it counts as lost. A timer is lost when the request that set it ends. */
const timerGraceMs = 1000;
/** If the runtime has `waitUntil`: how long after a record a flush starts, and how long it may take, in milliseconds. */
const background = { waitMs: 50, timeoutMs: 2000 };

/** Makes a delivery. Replaces `lib/client/live/live-delivery.ts`. */
export const createLiveDelivery = (options: DeliveryOptions): Delivery => new RequestDelivery(options);

/**
 * A delivery for runtimes in which timers, `fetch` and promises end with the request that made them, and no other request may use
 * them. So all requests share the queue, the pace and the counts, and everything else belongs to one flush:
 *
 * ```
 *  record ──Encoder──> Queue ──> Dispatcher ───┬── Errand of request A: sender, timer, what is in flight
 *                        ^                     └── Errand of request B
 *                        └─ items come back when an errand ends, or when its request has ended before it
 * ```
 */
class RequestDelivery implements Delivery {
  readonly isReadyForExit = false;
  readonly #options: DeliveryOptions;
  readonly #stats = new Stats();
  readonly #lostTraces = new RecentTraces();
  readonly #queue: Queue;
  readonly #diagnostics: Diagnostics;
  readonly #errands = new Set<Errand>();
  readonly #work: Work;
  #handed: readonly Item[] = [];
  #maxBodyBytes: number;
  /** Items recorded since the last flush. */
  #recorded = 0;
  /** The time until which a timer is set that will flush; monotonic, in milliseconds. */
  #timedUntil = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  #shutdown: Promise<FlushResult> | undefined;

  constructor(options: DeliveryOptions) {
    const { log, spoolDir } = options;
    const protocol = (options.protocol ?? pandaProbe) as Protocol; // the only other one is that of `otlp/protocol.ts`
    const { encoder } = protocol;
    this.#options = options;
    this.#maxBodyBytes = options.maxBodyBytes ?? defaultMaxBodyBytes;
    if (spoolDir !== undefined) log.warn('spool', 'there are no files here, so spoolDir is ignored');
    this.#diagnostics = new Diagnostics(options, timing.faultLogMs, () => this.#stats.pending);
    const bounds = { maxItems: options.maxQueueSize, maxBytes: options.maxQueueBytes };
    const onEvicted: ConstructorParameters<typeof Queue>[2] = (items, reason) => {
      this.#lose(items, reason);
      this.#diagnostics.evicted(reason, items.length);
    };
    this.#queue = new Queue(bounds, encoder, onEvicted, (item) => this.#stats.replace(item.id));
    const pace = new Pace(timing, maxInFlight);
    const dispatcher = new Dispatcher(this.#queue, encoder, pace, timing, {
      delivered: (item, notes, route) => {
        this.#stats.deliver(item.id, notes.length > 0);
        this.#diagnostics.delivered(route);
        if (notes.length > 0) this.#diagnostics.repaired(item, notes);
      },
      failed: (item, status, detail, rest) => {
        this.#stats.fail(item.id);
        if (rest !== undefined) {
          this.#lostTraces.add(item.traceId);
          this.#lose(rest, 'trace_lost');
        }
        this.#diagnostics.failed(item, status, detail, rest?.length);
      },
      handing: (items) => {
        this.#handed = items;
      },
      // A request cannot wait for another process. So the spans are sent with a placeholder, which the caller's trace will replace.
      // They wait only if the backend does not take the placeholder, or is still storing the trace.
      remoteAbsent: (group) => {
        const first = group.items[0] as Item; // a group has an item
        const waitMs = doubled(timing.absentMs, first.notFoundCount, timing.maxAbsentMs);
        const wakeAt = Math.max(performance.now() + waitMs, pace.nextAt('traces'));
        this.#queue.putBack(group, first.isOrphaned ? wakeAt : undefined);
        if (first.isOrphaned) first.notFoundCount += 1;
        first.isOrphaned = true;
      },
      // Logged at once, because a request does not live long enough to wait for a fault to last.
      obstructed: (item, obstacle, route) => this.#diagnostics.obstructed(item, obstacle, route, true),
    });
    this.#work = {
      ...{ options, protocol, timing, dispatcher, pace, queue: this.#queue, stats: this.#stats },
      handed: () => this.#handed,
      takeBack: (now, by) => this.#takeBack(now, by),
      maxBodyBytes: (learned = this.#maxBodyBytes) => {
        this.#maxBodyBytes = Math.min(this.#maxBodyBytes, learned);
        return this.#maxBodyBytes;
      },
    };
  }

  trace(record: CapturedTrace): void {
    this.#lostTraces.delete(record.traceId);
    this.#record('trace', record.traceId, () => this.#work.protocol.encoder.trace(record, this.#maxBodyBytes));
  }

  lateSpans(record: CapturedLateSpans): void {
    if (record.spans.length > 0) {
      this.#record(
        'spans',
        record.traceId,
        () => this.#work.protocol.encoder.lateSpans(record, this.#maxBodyBytes),
        record.isRemote,
      );
    }
  }

  score(record: ScoreRecord): void {
    const encode = this.#work.protocol.encoder.score;
    if (encode !== undefined) {
      this.#record('score', record.traceId, () => encode(record));
      return;
    }
    this.#stats.drop(this.#stats.create(), 'no_scores');
    this.#diagnostics.noScores();
  }

  exit(): void {}

  async flush(options?: FlushOptions): Promise<FlushResult> {
    const { isOk } = await this.#flush(options?.timeoutMs ?? defaultFlushMs);
    return this.#stats.result(isOk);
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#shutdown ??= this.#close(options?.timeoutMs ?? defaultFlushMs);
    return this.#shutdown;
  }

  stats(): DeliveryStats {
    return this.#stats.stats(this.#queue.bytes);
  }

  #record(kind: ItemKind, traceId: string, encode: () => readonly string[], isRemote = false): void {
    const id = this.#stats.create();
    const isLost = kind !== 'trace' && this.#lostTraces.has(traceId);
    if (this.#isClosed || isLost) {
      this.#stats.drop(id, isLost ? 'trace_lost' : 'shutdown');
      if (isLost) this.#diagnostics.traceLost(kind, traceId);
      else this.#diagnostics.closed(kind, traceId);
      return;
    }
    try {
      const item = this.#queue.create(id, kind, traceId, encode());
      item.isRemote = isRemote;
      this.#queue.push(item);
    } catch (error) {
      this.#stats.fail(id);
      this.#diagnostics.unencodable(kind, traceId, error);
      return;
    }
    this.#recorded += 1;
    this.#flushLater();
  }

  /**
   * Flushes for programs that never do: soon, if the runtime has an ambient `waitUntil`; otherwise after the flush interval, if
   * this request lives that long.
   */
  #flushLater(): void {
    const isFull = this.#recorded >= this.#options.batchSize;
    const now = performance.now();
    if (now < this.#timedUntil && !isFull) return;
    const context = contextOrNone();
    const { flushIntervalMs } = this.#options;
    const longestMs = context === undefined ? flushIntervalMs : Math.min(flushIntervalMs, background.waitMs);
    const waitMs = isFull ? 0 : longestMs;
    if (isFull) this.#recorded = 0;
    this.#timedUntil = now + waitMs + timerGraceMs;
    const flushed = new Promise<Flushed>((resolve) => {
      setTimeout(() => {
        this.#timedUntil = Number.NEGATIVE_INFINITY;
        resolve(this.#flush(context === undefined ? defaultFlushMs : background.timeoutMs));
      }, waitMs).unref();
    });
    try {
      context?.waitUntil(flushed);
    } catch {
      // The request is over. The items are sent if the runtime goes on, or by the next flush.
    }
  }

  #flush(timeoutMs: number): Promise<Flushed> {
    this.#recorded = 0;
    this.#takeBack(performance.now());
    return new Promise((resolve) => {
      const errand = new Errand(this.#work, timeoutMs, (outcome) => {
        this.#errands.delete(errand);
        resolve(outcome);
      });
      this.#errands.add(errand);
      errand.start();
    });
  }

  /** Puts the items of abandoned errands back into the queue: their requests have ended before them. @param by - the calling errand, which is skipped */
  #takeBack(now: number, by?: Errand): void {
    for (const errand of this.#errands) {
      if (errand === by || !errand.isAbandoned(now)) continue;
      errand.giveBack(now);
      this.#errands.delete(errand);
    }
  }

  async #close(timeoutMs: number): Promise<FlushResult> {
    const deadline = performance.now() + timeoutMs;
    let flushed: Flushed;
    // Repeated, because traces of the application may end during a flush.
    do flushed = await this.#flush(deadline - performance.now());
    while (flushed.isFinal && this.#stats.pending > 0);
    this.#isClosed = true;
    const remains = this.#work.dispatcher.inFlight > 0 ? 'unanswered' : 'unsent';
    for (const errand of this.#errands) errand.giveBack(performance.now()); // so that answers that come later do not count the items that are dropped here
    let lost = 0;
    const { pace, protocol } = this.#work;
    for (const group of this.#queue.groups()) {
      const items = this.#queue.abandon(group);
      lost += items.length;
      const hold = pace.holdOf(protocol.encoder.routeOf(items[0] as Item)); // a group has an item
      this.#lose(items, hold === 'quota' ? hold : 'shutdown');
    }
    this.#diagnostics.shutDown(lost, remains);
    return this.#stats.result(flushed.isOk && lost === 0);
  }

  #lose(items: readonly Item[], reason: string): void {
    for (const { id, kind, acknowledged, traceId } of items) {
      if (kind === 'trace' && acknowledged === 0) this.#lostTraces.add(traceId); // nothing of it is stored
      this.#stats.drop(id, reason);
    }
  }
}

function contextOrNone(): RequestContext | undefined {
  try {
    return currentContext();
  } catch {
    return undefined; // outside of any request
  }
}
