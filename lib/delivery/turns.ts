import { clearTimeout, performance, setTimeout } from '../common/real-time.js';
import type { Backlog } from './backlog.js';
import type { Drain } from './drain.js';
import { type Flushes, longestTimerMs } from './flushes.js';
import type { Hosting } from './hosting.js';
import type { Ledger } from './ledger.js';
import type { Pace } from './pace.js';
import type { Queue } from './queue.js';

/** What the turns are about. */
export interface Parts {
  readonly queue: Queue;
  readonly pace: Pace;
  readonly drain: Drain;
  readonly hosting: Hosting;
  readonly flushes: Flushes;
  readonly ledger: Ledger;
  readonly backlog: Backlog | undefined;
}

/**
 * Drives the drain: one turn after whatever may let something go (a full batch, a report, a lost thread, time), or, when the
 * process exits, turn after turn.
 *
 * ```
 *   run ──> collect what was delivered ──> refill from disk ──> hand out what may go ──> timer for the next turn
 * ```
 *
 * Invariant: after a turn there is a timer, a report that is wanted, or nothing that could be sent.
 */
export class Turns {
  readonly #parts: Parts;
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** One turn: hands out what may go, sets the timer for the next turn, settles flushes that nothing can help any more. */
  run(): void {
    if (this.#isOver) return;
    const { hosting, drain, flushes } = this.#parts;
    do this.#step(performance.now(), false);
    while (hosting.want(this.#isWaiting));
    clearTimeout(this.#timer);
    const wakeAt = hosting.isOver ? Number.POSITIVE_INFINITY : drain.wakeAt();
    if (wakeAt < Number.POSITIVE_INFINITY) {
      const wait = Math.ceil(Math.max(0, wakeAt - performance.now()));
      this.#timer = setTimeout(() => this.run(), Math.min(wait, longestTimerMs)).unref();
    }
    if (drain.away === 0) flushes.endBefore(wakeAt);
  }

  /** The `exit` event's own loop: the same turns, but asleep in between instead of in the event loop. */
  runToEnd(timeoutMs: number): void {
    const { pace, queue, ledger, drain, hosting } = this.#parts;
    const deadline = performance.now() + timeoutMs;
    pace.nudge(performance.now(), 0);
    queue.ask();
    queue.wakeDue(Number.POSITIVE_INFINITY);
    while (ledger.pending > 0) {
      const now = performance.now();
      this.#step(now, true);
      const wakeAt = drain.wakeAt();
      if (now >= deadline || (drain.away === 0 && wakeAt >= deadline)) return;
      const host = hosting.get();
      if (host?.waitSync === undefined) return;
      host.waitSync(Math.max(0, Math.min(deadline, wakeAt) - now));
    }
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  /** Whether anybody, or anything, goes on as soon as the sender has delivered something. */
  get #isWaiting(): boolean {
    const { flushes, backlog, drain } = this.#parts;
    return flushes.isAwaited || backlog !== undefined || drain.isHoldingUp;
  }

  #step(now: number, isExit: boolean): void {
    const { queue, drain, hosting, backlog } = this.#parts;
    hosting.collect();
    backlog?.refill(isExit);
    if (queue.next === undefined && queue.nextWakeAt > now) return;
    const host = hosting.get();
    if (host !== undefined) drain.step(now, host);
  }
}
