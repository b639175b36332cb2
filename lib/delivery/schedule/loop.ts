import { clearTimeout, performance, setTimeout } from '../../common/real-time.js';
import type { Queue } from '../queue/queue.js';
import type { Stats } from '../report/stats.js';
import type { SpooledQueue } from '../spool/spooled-queue.js';
import type { Supervisor } from '../worker/supervisor.js';
import type { Dispatcher } from './dispatcher.js';
import { longestTimerMs, type PendingFlushes } from './pending-flushes.js';

/** What the turns are about. */
export interface LoopParts {
  readonly queue: Queue;
  readonly dispatcher: Dispatcher;
  readonly supervisor: Supervisor;
  readonly flushes: PendingFlushes;
  readonly stats: Stats;
  readonly spooled: SpooledQueue | undefined;
}

/** Those of every delivery that has something to do with the process's end. */
const running = new Set<DeliveryLoop>();
/** How often the others have a turn while one of them waits for its sender as the process ends, in milliseconds. */
const othersMs = 20;

/**
 * Drives the dispatcher: one turn after whatever may let something go (a full batch, a report, a lost thread, time), or, when the
 * process exits, turn after turn.
 *
 * ```
 *   run ──> collect what was delivered ──> refill from disk ──> hand out what may go ──> timer for the next turn
 * ```
 *
 * Invariant: after a turn there is a timer, a report that is wanted, or nothing that could be sent.
 */
export class DeliveryLoop {
  readonly #parts: LoopParts;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isExiting = false;

  constructor(parts: LoopParts) {
    this.#parts = parts;
  }

  /** There is something to send, also if the process ends before the first turn. */
  start(): void {
    if (!this.#isStopped) running.add(this);
  }

  /** One turn: hands out what may go, sets the timer for the next turn, settles flushes that nothing can help any more. */
  tick(): void {
    if (this.#isStopped) return;
    const { supervisor, dispatcher, flushes, spooled } = this.#parts;
    do this.#turn(performance.now(), false);
    while (supervisor.requestAckNotifications(this.#isWaiting));
    clearTimeout(this.#timer);
    const now = performance.now();
    const tryAt = flushes.tryAt(now);
    if (tryAt !== undefined) dispatcher.hurry(tryAt);
    const wakeAt = supervisor.isExhausted ? Number.POSITIVE_INFINITY : dispatcher.wakeAt(now);
    flushes.check();
    const readAt = spooled?.retry(now, flushes.isAwaited) ?? Number.POSITIVE_INFINITY;
    if (wakeAt < Number.POSITIVE_INFINITY) {
      const wait = Math.ceil(Math.max(0, wakeAt - now));
      this.#timer = setTimeout(() => this.tick(), Math.min(wait, longestTimerMs)).unref();
    }
    if (dispatcher.inFlight === 0) flushes.endBefore(Math.min(wakeAt, readAt));
  }

  /**
   * The `exit` event's own loop: the same turns, but asleep in between instead of in the event loop. Other deliveries of the
   * process have their turns, too: their time runs as well, so all deliver at once and not one after the other.
   */
  runUntilExit(timeoutMs: number): void {
    const { stats, dispatcher, supervisor } = this.#parts;
    const deadline = performance.now() + timeoutMs;
    this.#isExiting = false; // something may have been recorded since it last was
    while (stats.pending > 0) {
      const now = performance.now();
      this.#turnAtExit(now);
      let isAnyElse = false;
      for (const other of running) if (other !== this) isAnyElse = other.#turnAtExit(now) || isAnyElse;
      const wakeAt = dispatcher.wakeAt(now);
      if (now >= deadline || (dispatcher.inFlight === 0 && wakeAt >= deadline)) return;
      const host = supervisor.start();
      if (host?.waitSync === undefined) return;
      host.waitSync(Math.max(0, Math.min(deadline, wakeAt, isAnyElse ? now + othersMs : deadline) - now));
    }
  }

  stop(): void {
    this.#isStopped = true;
    running.delete(this);
    clearTimeout(this.#timer);
  }

  /** One turn as the process ends. @returns whether anything is left to send */
  #turnAtExit(now: number): boolean {
    const { stats, dispatcher } = this.#parts;
    if (stats.pending === 0) return false;
    if (!this.#isExiting) dispatcher.hurryToExit(now);
    this.#isExiting = true;
    this.#turn(now, true);
    return stats.pending > 0;
  }

  /** Whether anybody, or anything, goes on as soon as the sender has delivered something. */
  get #isWaiting(): boolean {
    const { flushes, spooled, dispatcher } = this.#parts;
    return flushes.isAwaited || spooled !== undefined || dispatcher.hasBlocked;
  }

  #turn(now: number, isExit: boolean): void {
    const { queue, dispatcher, supervisor, spooled } = this.#parts;
    supervisor.drainAcks();
    spooled?.refill(isExit);
    if (!queue.isReady && queue.nextWakeAt > now) return;
    const host = supervisor.start();
    if (host !== undefined) dispatcher.dispatch(now, host);
  }
}
