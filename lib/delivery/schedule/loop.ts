import { clearTimeout, performance, setTimeout } from '../../common/real-time.js';
import type { Queue } from '../queue/queue.js';
import type { Ledger } from '../report/stats.js';
import type { Backlog } from '../spool/spooled-queue.js';
import type { Hosting } from '../worker/supervisor.js';
import type { Drain } from './dispatcher.js';
import { type Flushes, longestTimerMs } from './pending-flushes.js';

/** What the turns are about. */
export interface Parts {
  readonly queue: Queue;
  readonly drain: Drain;
  readonly hosting: Hosting;
  readonly flushes: Flushes;
  readonly ledger: Ledger;
  readonly backlog: Backlog | undefined;
}

/** Those of every delivery that has something to do with the process's end. */
const running = new Set<Turns>();
/** How often the others have a turn while one of them waits for its sender as the process ends, in milliseconds. */
const othersMs = 20;

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
  #isEnding = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** There is something to send, also if the process ends before the first turn. */
  start(): void {
    if (!this.#isOver) running.add(this);
  }

  /** One turn: hands out what may go, sets the timer for the next turn, settles flushes that nothing can help any more. */
  run(): void {
    if (this.#isOver) return;
    const { hosting, drain, flushes, backlog } = this.#parts;
    do this.#step(performance.now(), false);
    while (hosting.want(this.#isWaiting));
    clearTimeout(this.#timer);
    const now = performance.now();
    const tryAt = flushes.tryAt(now);
    if (tryAt !== undefined) drain.hurry(tryAt);
    const wakeAt = hosting.isOver ? Number.POSITIVE_INFINITY : drain.wakeAt(now);
    flushes.check();
    const readAt = backlog?.retry(now, flushes.isAwaited) ?? Number.POSITIVE_INFINITY;
    if (wakeAt < Number.POSITIVE_INFINITY) {
      const wait = Math.ceil(Math.max(0, wakeAt - now));
      this.#timer = setTimeout(() => this.run(), Math.min(wait, longestTimerMs)).unref();
    }
    if (drain.away === 0) flushes.endBefore(Math.min(wakeAt, readAt));
  }

  /**
   * The `exit` event's own loop: the same turns, but asleep in between instead of in the event loop. Other deliveries of the
   * process have their turns, too: their time runs as well, so all deliver at once and not one after the other.
   */
  runToEnd(timeoutMs: number): void {
    const { ledger, drain, hosting } = this.#parts;
    const deadline = performance.now() + timeoutMs;
    this.#isEnding = false; // something may have been recorded since it last was
    while (ledger.pending > 0) {
      const now = performance.now();
      this.#stepAtEnd(now);
      let isAnyElse = false;
      for (const other of running) if (other !== this) isAnyElse = other.#stepAtEnd(now) || isAnyElse;
      const wakeAt = drain.wakeAt(now);
      if (now >= deadline || (drain.away === 0 && wakeAt >= deadline)) return;
      const host = hosting.get();
      if (host?.waitSync === undefined) return;
      host.waitSync(Math.max(0, Math.min(deadline, wakeAt, isAnyElse ? now + othersMs : deadline) - now));
    }
  }

  stop(): void {
    this.#isOver = true;
    running.delete(this);
    clearTimeout(this.#timer);
  }

  /** One turn as the process ends. @returns whether anything is left to send */
  #stepAtEnd(now: number): boolean {
    const { ledger, drain } = this.#parts;
    if (ledger.pending === 0) return false;
    if (!this.#isEnding) drain.hurryToEnd(now);
    this.#isEnding = true;
    this.#step(now, true);
    return ledger.pending > 0;
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
    if (!queue.isReady && queue.nextWakeAt > now) return;
    const host = hosting.get();
    if (host !== undefined) drain.step(now, host);
  }
}
