import type { Database } from './database.js';
import { isLocked } from './database-fault.js';

interface PendingWrite {
  readonly write: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** How long writes are collected: milliseconds per write of the last group, and the maximum. */
const gatherMsPerWrite = 0.5;
const maxGatherMs = 20;

/**
 * Puts writes that arrive together into one transaction, because a commit costs more than a write. A write is
 * answered only after the commit that holds it.
 *
 *     add ─┐
 *     add ─┼─> queue ──(end of this turn, or later)──> BEGIN · write · write · write · COMMIT ──> resolve each
 *     add ─┘
 *
 * The more writes the last group had, the longer the next group is collected, because a larger group touches fewer pages for each
 * write. If a client sends one write after the other, there is no wait.
 */
export class GroupCommit {
  readonly #database: Database;
  #queue: PendingWrite[] = [];
  #cancel: (() => void) | undefined;
  #lastCount = 0;
  /** Number of commits. */
  commits = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Runs `write` in a transaction together with others. Resolves to its result once that is committed. */
  add<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ write, resolve, reject });
      this.#cancel ??= this.#schedule();
    });
  }

  /** Commits all queued writes now. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const writes = this.#queue;
    this.#queue = [];
    this.#lastCount = writes.length;
    if (writes.length > 0) this.#commit(writes);
  }

  #schedule(): () => void {
    const waitMs = Math.min(maxGatherMs, Math.floor(this.#lastCount * gatherMsPerWrite));
    if (waitMs > 0) {
      const timer = setTimeout(() => this.flush(), waitMs);
      return () => clearTimeout(timer);
    }
    const turn = setImmediate(() => this.flush());
    return () => clearImmediate(turn);
  }

  #commit(writes: readonly PendingWrite[]): void {
    let results: unknown[];
    try {
      results = this.#database.transaction(() => writes.map((write) => write.write()));
    } catch (error) {
      // Nothing of the group is stored. Its writes are repeated one by one, so that only the wrong one fails. Not if the file is
      // locked: each write would wait for the lock, and meanwhile no call is answered. So all of them fail.
      if (writes.length > 1 && !isLocked(error)) for (const write of writes) this.#commit([write]);
      else for (const write of writes) write.reject(error);
      return;
    }
    this.commits += 1;
    writes.forEach((write, at) => {
      write.resolve(results[at] as never); // what this write returned
    });
  }
}
