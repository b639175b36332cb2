import { performance } from '../../common/real-time.js';
import type { FlushResult } from '../../model/sink.js';
import type { Pace } from '../pace/pace.js';
import type { Item } from '../queue/item.js';
import type { ItemRules } from '../queue/route.js';
import type { Diagnostics } from '../report/diagnostics.js';
import { logExit, logShutdown } from '../report/exit-lines.js';
import type { Remains } from '../report/reasons.js';
import type { DeliveryLoop, LoopParts } from './loop.js';
import type { Losses } from './losses.js';
import type { Flushed } from './pending-flushes.js';

/** The parts of a delivery that end with it. */
interface EndingParts extends LoopParts {
  readonly loop: DeliveryLoop;
  readonly pace: Pace;
  readonly rules: ItemRules;
  losses(): Losses;
  diagnostics(): Diagnostics;
  flush(timeoutMs: number): Promise<Flushed>;
}

/** The end of a delivery, by `shutdown()` or with the process: sends what it can in time, then drops and counts the rest. */
export class Ending {
  readonly #parts: EndingParts;
  /** Whether records are refused from now on. */
  isClosed = false;
  /** Whether `shutdown()` was called. */
  isShuttingDown = false;
  /** Set when the process ends: how much longer it may be held, in milliseconds. */
  exitLeftMs: number | undefined;

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  async shutdown(timeoutMs: number): Promise<FlushResult> {
    const { stats, flush, diagnostics, remote } = this.#parts;
    const deadline = performance.now() + timeoutMs;
    let isOk = false;
    let isFinal = true;
    this.isShuttingDown = true;
    // Repeated, because traces of the application may end during a flush.
    do {
      remote()?.hurryToEnd(performance.now());
      ({ isOk, isFinal } = await flush(deadline - performance.now()));
    } while (isFinal && stats.pending > 0 && performance.now() < deadline);
    const remains = this.#remains;
    const lost = this.#end('shutdown');
    logShutdown(diagnostics(), lost, stats.pending, remains);
    return stats.result(isOk && lost === 0);
  }

  /** The process ends. Called again for each item that an `exit` listener records later. */
  exit(timeoutMs: number): void {
    const { stats, loop, supervisor, spooled, diagnostics, finishPostponed } = this.#parts;
    const startedAt = performance.now();
    finishPostponed();
    if (stats.pending > 0) loop.runUntilExit(timeoutMs);
    const { canWait } = supervisor;
    const remains = this.#remains;
    // Later 'exit' listeners of the application may record, too. Not with a spool: its folder is released now.
    const lost = this.#end('exit', supervisor.isThread && spooled === undefined);
    this.exitLeftMs = Math.max(0, timeoutMs - (performance.now() - startedAt));
    logExit(diagnostics(), lost, canWait ? Math.round(timeoutMs) : undefined, stats.pending, remains);
  }

  get #remains(): Remains {
    return this.#parts.dispatcher.inFlight > 0 ? 'unanswered' : 'unsent';
  }

  /**
   * Drops all pending items that are not on disk. Items on disk stay pending; only their memory is freed.
   * @param isOpen - later records are still taken
   * @returns the number of dropped items
   */
  #end(reason: string, isOpen = false): number {
    const { queue, loop, supervisor, spooled, pace, rules, remote, flushes, losses, finishPostponed } = this.#parts;
    finishPostponed();
    this.isClosed ||= !isOpen;
    loop.stop();
    supervisor.drainAcks();
    if (this.isClosed) supervisor.close();
    let lost = 0;
    for (const group of queue.groups()) {
      const isQuota = pace.holdOf(rules.routeOf(group.items[0] as Item)) === 'quota'; // a group has an item
      const items = queue.abandon(group).filter((item) => spooled?.isOnDisk(item) !== true);
      lost += items.filter(({ isUpdate }) => !isUpdate).length;
      losses().drop(items, isQuota ? 'quota' : reason);
    }
    const left = remote()?.end() ?? [];
    if (left.length > 0) losses().drop(left, reason);
    flushes.endAll(); // before the spool is released: unread items count for a flush
    spooled?.close();
    return lost + left.length;
  }
}
