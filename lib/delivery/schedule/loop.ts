import { threads } from '../../common/builtins.js';
import { outside } from '../../common/outside.js';
import { clearTimeout, longestTimerMs, performance, queueMicrotask, setTimeout, soon } from '../../common/real-time.js';
import type { Queue } from '../queue/queue.js';
import type { Stats } from '../report/stats.js';
import type { SpooledQueue } from '../spool/spooled-queue.js';
import type { Supervisor } from '../worker/supervisor.js';
import type { Dispatcher } from './dispatcher.js';
import type { PendingFlushes } from './pending-flushes.js';
import type { RemoteItems } from './remote-items.js';

/** The parts that the loop drives. */
export interface LoopParts {
  readonly queue: Queue;
  readonly dispatcher: Dispatcher;
  /** Undefined while nothing has waited for another process's trace. */
  remote(): RemoteItems | undefined;
  readonly supervisor: Supervisor;
  readonly flushes: PendingFlushes;
  readonly stats: Stats;
  readonly spooled: SpooledQueue | undefined;
  /** Finishes a large record that was put off. */
  finishPostponed(): void;
}

/** How many items are released at a time. */
interface Batches {
  readonly batchSize: number;
  readonly flushIntervalMs: number;
}

/** Shortest time between two releases of full batches, in milliseconds. */
const releaseEveryMs = 100;

/** The loops of all deliveries that may have something to send at the end of the process. */
const running = new Set<DeliveryLoop>();
/** At the end of the process: how often other loops have a turn while one waits for its worker, in milliseconds. */
const othersMs = 20;

/**
 * The loop of a delivery: one tick after every event that may allow a send (a release, a report, a worker that died, a timer). When
 * the process exits, tick after tick. Recorded items are released when a batch is full (at most every 100 ms, never inside the
 * recording call), else after `flushIntervalMs`: each release costs time on the application's thread, and wakes the worker. In a
 * worker thread of the application they are released at once, because a thread pool may end or suspend the thread after each task.
 *
 * ```
 *   batch full, interval, flush ──> release ─┬─> tick: take acknowledgements ──> refill the queue from disk ──> dispatch
 *           report, worker died, timer ──────┘               ──> end flushes ──> timer for the next tick
 * ```
 *
 * Invariant: after a tick there is a timer, or a notification of the worker is requested, or nothing can be sent.
 */
export class DeliveryLoop {
  readonly #parts: LoopParts;
  #batchSize: number;
  readonly #flushIntervalMs: number;
  /** Items recorded since the last release. */
  #recorded = 0;
  #isReleaseDue = false;
  #releasedAt = Number.NEGATIVE_INFINITY;
  #intervalTimer: NodeJS.Timeout | undefined;
  #releaseTimer: NodeJS.Timeout | undefined;
  #tickTimer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isExiting = false;
  readonly #isInThread = !threads().isMainThread;

  constructor(parts: LoopParts, { batchSize, flushIntervalMs }: Batches) {
    this.#parts = parts;
    this.#batchSize = batchSize;
    this.#flushIntervalMs = flushIntervalMs;
  }

  /** Takes part in the end of the process from now on, also before the first tick. */
  start(): void {
    if (!this.#isStopped) running.add(this);
  }

  /** An item was recorded. */
  onRecorded(): void {
    this.#recorded += 1;
    if (this.#isInThread) this.#releaseInTurn();
    else if (this.#recorded >= this.#batchSize) this.releaseSoon();
    else this.#intervalTimer ??= setTimeout(() => this.release(), this.#flushIntervalMs).unref();
  }

  /** From now on every item is released in a moment, because nothing pending could be sent when the process ends. */
  stopBatching(): void {
    this.#batchSize = 1;
    this.releaseSoon();
  }

  /** Releases in a moment. */
  releaseSoon(): void {
    if (this.#isReleaseDue) return;
    this.#isReleaseDue = true;
    const waitMs = this.#releasedAt + releaseEveryMs - performance.now();
    if (waitMs <= 0) soon(() => this.release());
    else this.#releaseTimer = setTimeout(() => this.release(), waitMs).unref();
  }

  /** Releases in a microtask, once for everything recorded in this turn: the thread's event loop may never turn again. */
  #releaseInTurn(): void {
    if (this.#isReleaseDue) return;
    this.#isReleaseDue = true;
    outside(() => queueMicrotask(() => this.release()));
  }

  /** Releases everything recorded so far, and sends what may be sent. */
  release(): void {
    this.#stopReleasing();
    this.#intervalTimer = undefined;
    this.#releasedAt = performance.now();
    this.#isReleaseDue = false;
    this.#recorded = 0;
    this.#parts.finishPostponed();
    this.#parts.queue.release();
    this.tick();
  }

  #stopReleasing(): void {
    clearTimeout(this.#intervalTimer);
    clearTimeout(this.#releaseTimer);
  }

  /** Sends what may be sent, sets the timer for the next tick, and ends flushes that nothing can complete in time. */
  tick(): void {
    if (this.#isStopped) return;
    const { supervisor, dispatcher, remote, flushes, spooled } = this.#parts;
    do this.#turn(performance.now(), false);
    while (supervisor.requestAckNotifications(this.#isWaiting));
    clearTimeout(this.#tickTimer);
    const now = performance.now();
    const tryAt = flushes.tryAt(now);
    if (tryAt !== undefined) dispatcher.hurry(tryAt);
    const wakeAt = supervisor.isExhausted ? Number.POSITIVE_INFINITY : dispatcher.wakeAt(now);
    flushes.check();
    const readAt = spooled?.scheduleRetry(now, flushes.isAwaited) ?? Number.POSITIVE_INFINITY;
    const remoteAt = supervisor.isExhausted ? Number.POSITIVE_INFINITY : nextOf(remote());
    const nextAt = Math.min(wakeAt, remoteAt);
    if (nextAt < Number.POSITIVE_INFINITY) {
      const wait = Math.ceil(Math.max(0, nextAt - now));
      this.#tickTimer = setTimeout(() => this.tick(), Math.min(wait, longestTimerMs)).unref();
    }
    // A flush does not wait for another process's trace. At the end of delivery such items are sent, so the flush waits for that.
    const sendAt = remote()?.isEnding === true ? nextAt : wakeAt;
    if (dispatcher.inFlight === 0) flushes.endBefore(Math.min(sendAt, readAt));
  }

  /**
   * The loop of the `exit` event: between two turns the thread sleeps, because no event loop runs. Loops of other deliveries have
   * their turns, too, so that all deliver at the same time and not one after the other.
   */
  runUntilExit(timeoutMs: number): void {
    const { stats, dispatcher, remote, supervisor } = this.#parts;
    const deadline = performance.now() + timeoutMs;
    this.#isExiting = false; // so that the next turn also hurries items that were recorded since the last call
    while (stats.pending > 0) {
      const now = performance.now();
      this.#turnAtExit(now);
      let isAnyElse = false;
      for (const other of running) if (other !== this) isAnyElse = other.#turnAtExit(now) || isAnyElse;
      const wakeAt = Math.min(dispatcher.wakeAt(now), nextOf(remote()));
      if (now >= deadline || (dispatcher.inFlight === 0 && wakeAt >= deadline)) return;
      const host = supervisor.start();
      if (host?.waitSync === undefined) return;
      host.waitSync(Math.max(0, Math.min(deadline, wakeAt, isAnyElse ? now + othersMs : deadline) - now));
    }
  }

  /** Whether the process is ending. */
  get isExiting(): boolean {
    return this.#isExiting;
  }

  stop(): void {
    this.#isStopped = true;
    running.delete(this);
    this.#stopReleasing();
    clearTimeout(this.#tickTimer);
  }

  /** One turn at the end of the process. @returns whether items are left */
  #turnAtExit(now: number): boolean {
    const { stats, dispatcher, remote } = this.#parts;
    if (stats.pending === 0) return false;
    if (!this.#isExiting) {
      dispatcher.hurryToExit(now);
      remote()?.hurryToEnd(now);
    }
    this.#isExiting = true;
    this.#turn(now, true);
    return stats.pending > 0;
  }

  /** Whether something waits for the delivery of an item: a flush, the spool, a queued item, or an item of `RemoteItems`. */
  get #isWaiting(): boolean {
    const { flushes, spooled, dispatcher, remote } = this.#parts;
    return flushes.isAwaited || spooled !== undefined || dispatcher.hasBlocked || remote()?.hasBlocked === true;
  }

  #turn(now: number, isExit: boolean): void {
    const { queue, dispatcher, remote, supervisor, spooled } = this.#parts;
    supervisor.drainAcks();
    spooled?.refill(isExit);
    remote()?.refill(now);
    if (!queue.isReady && queue.nextWakeAt > now) return;
    const host = supervisor.start();
    if (host !== undefined) dispatcher.dispatch(now, host);
  }
}

/** When items that wait for another process's trace may go back into the queue; infinity if none waits. */
function nextOf(remote: RemoteItems | undefined): number {
  return remote?.nextAt ?? Number.POSITIVE_INFINITY;
}
