import { errorName } from '../../common/error-text.js';
import type { Log } from '../../common/log.js';
import { clearTimeout, performance, setTimeout } from '../../common/real-time.js';
import type { EarlyDelivery, UpdateOutcome } from '../../delivery/options.js';
import type { TraceNode } from '../../engine/trace-node.js';
import { maxSpansPerRequest } from '../../model/limits.js';
import { OpenTrace, type Update } from './open-trace.js';
import {
  othersPerMinute,
  type Rhythm,
  rareUpdateMs,
  rhythmOf,
  TokenBucket,
  tracesPerMinute,
  watcherOf,
} from './rhythm.js';

/** The traces of a client that are open, the oldest first. */
export interface OpenTraces {
  readonly size: number;
  values(): Iterable<TraceNode>;
}

/** Largest share of the program's time that looking at open traces may take: a longer look is followed by a longer pause. */
const maxTimeShare = 0.05;

/**
 * Sends open traces to the backend as they grow.
 *
 * ```
 *  opened ──> timer ──> each trace that is old enough ──> OpenTrace: what is new ──> Delivery.update
 *               ^                                                                       │
 *               └─────────── looks while traces are open <───── stored, or not ─────────┘
 * ```
 *
 * Invariants:
 *  - recording a span does nothing for this: what is new is found by looking, and a trace that ends sooner than `firstMs` is never
 *    looked at;
 *  - at most one update of a trace is queued: a newer one takes its place. The trace's own record takes the place of every update,
 *    comes last and has everything (except what `LargeTraces` has sent);
 *  - an update is not counted, and a lost one only delays what is seen.
 */
export class LiveTraces {
  readonly #delivery: EarlyDelivery;
  readonly #log: Log;
  readonly #rhythm: () => Rhythm | undefined;
  readonly #clients = new Set<OpenTraces>();
  /** Traces that were sent before their end. */
  readonly #open = new Map<TraceNode, OpenTrace>();
  /** Traces whose updates the backend refuses: they are sent when they have ended. */
  readonly #refused = new WeakSet<TraceNode>();
  readonly #traces = new TokenBucket(tracesPerMinute, performance.now());
  readonly #others = new TokenBucket(othersPerMinute, performance.now());
  #timer: NodeJS.Timeout | undefined;
  #isBroken = false;

  constructor(delivery: EarlyDelivery, live: boolean | 'auto', endpoint: string, log: Log) {
    this.#delivery = delivery;
    this.#log = log;
    const limited = rhythmOf(live, endpoint, true);
    const usual = rhythmOf(live, endpoint, false);
    const isWatched = watcherOf(live, endpoint);
    this.#rhythm = () => (delivery.isLimited || !isWatched() ? limited : usual);
  }

  /** A trace was opened; it is among `open`, the open traces of its client. */
  opened(open: OpenTraces): void {
    if (this.#isBroken) return;
    if (this.#rhythm()?.isFrugal === false) this.#delivery.warmUp();
    this.#clients.add(open);
    if (this.#timer === undefined) this.#scheduleCheck(this.#rhythm()?.firstMs);
  }

  /** No trace is open any more, and none will be. Until it fires, the timer would keep the delivery and its queue in memory. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** A part of an open trace was sent, and its spans are no longer in the trace. So its next update starts afresh, with the spans that are left. */
  released(trace: TraceNode): void {
    this.#open.delete(trace);
  }

  #scheduleCheck(ms: number | undefined, spentMs = 0): void {
    if (ms === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#timed(), Math.max(ms, spentMs / maxTimeShare)).unref();
  }

  /** Runs the timer's work. If it fails, the program must not notice; traces are then sent only when they have ended. */
  #timed(): void {
    this.#timer = undefined;
    try {
      this.#checkAll();
    } catch (error) {
      this.#isBroken = true;
      this.#log.warn('live', `open traces are not sent any more: ${errorName(error)} was thrown`);
    }
  }

  #checkAll(): void {
    const startedAt = performance.now();
    this.#delivery.settleUpdates();
    for (const trace of this.#open.keys()) if (trace.ended) this.#open.delete(trace);
    let nextMs: number | undefined;
    for (const open of this.#clients) {
      if (open.size === 0) this.#clients.delete(open);
      else nextMs = Math.min(nextMs ?? Number.POSITIVE_INFINITY, this.#checkClient(open));
    }
    this.#scheduleCheck(nextMs, performance.now() - startedAt);
  }

  /** @returns when to look again, in milliseconds; if no trace is old enough, when the oldest one will be */
  #checkClient(openTraces: OpenTraces): number {
    const rhythm = this.#rhythm();
    if (rhythm === undefined) return Number.POSITIVE_INFINITY;
    let isAnyOld = false;
    for (const trace of openTraces.values()) {
      const left = rhythm.firstMs - (trace.now() - trace.startedAt);
      if (left > 0) return isAnyOld ? rhythm.checkMs : Math.max(left, rhythm.checkMs / 4);
      isAnyOld = true;
      if (isSentWhileOpen(trace) && !this.#refused.has(trace)) this.#update(trace, rhythm);
    }
    return rhythm.checkMs;
  }

  #update(trace: TraceNode, { everyMs, isFrugal }: Rhythm): void {
    const now = performance.now();
    const open = this.#open.get(trace) ?? new OpenTrace(trace);
    if (now < open.nextAt) return;
    if (isFrugal && (open.isStored ? this.#others : this.#traces).isSpent(now)) return;
    const update = open.next();
    if (update === undefined) return;
    this.#open.set(trace, open);
    if (isFrugal && !this.#isWithinShare(update, now)) {
      open.settled(update.number);
      return;
    }
    open.nextAt = now + rareUpdateMs; // earlier if the backend has answered by then
    this.#delivery.update(update.record, (outcome) => {
      this.#onAnswer(trace, open, update, outcome);
      if (outcome === 'stored' && !open.isPending) open.nextAt = now + everyMs;
    });
  }

  #isWithinShare({ record }: Update, now: number): boolean {
    const requests = Math.max(1, Math.ceil(record.spans.length / maxSpansPerRequest));
    return ('status' in record ? this.#traces : this.#others).take(now, requests);
  }

  #onAnswer(trace: TraceNode, open: OpenTrace, { number }: Update, outcome: UpdateOutcome): void {
    if (outcome === 'stored') open.stored(number);
    else open.settled(number);
    if (outcome !== 'refused') return;
    this.#refused.add(trace);
    this.#open.delete(trace);
  }
}

/** Whether a trace is sent while it is open. Not if sampling leaves it out, or if it is a span of another process's trace. */
export function isSentWhileOpen({ recorder, remote }: TraceNode): boolean {
  return recorder.isLeftOut !== true && remote?.spanId === undefined;
}
