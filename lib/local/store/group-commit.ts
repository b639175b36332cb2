import type { Database } from './database.js';

interface Job {
  readonly write: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** How long writes are gathered, in milliseconds for each write of the last group, and at most. */
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
 * The more writes the last group had, the longer the next one is waited for: a larger group touches fewer pages for each
 * write. A client that sends one after the other would wait in vain, and does not.
 */
export class GroupCommit {
  readonly #database: Database;
  #queue: Job[] = [];
  #cancel: (() => void) | undefined;
  #lastCount = 0;
  /** How often something was committed. */
  commits = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Does `write` in a transaction with others and gives what it gives, once that is committed. */
  add<T>(write: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ write, resolve, reject });
      this.#cancel ??= this.#schedule();
    });
  }

  /** Commits what is queued, now. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const jobs = this.#queue;
    this.#queue = [];
    this.#lastCount = jobs.length;
    if (jobs.length > 0) this.#commit(jobs);
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

  #commit(jobs: readonly Job[]): void {
    let results: unknown[];
    try {
      results = this.#database.transaction(() => jobs.map((job) => job.write()));
    } catch (error) {
      // Nothing of the group is stored. One at a time, so that only the culprit fails.
      if (jobs.length > 1) for (const job of jobs) this.#commit([job]);
      else jobs[0]?.reject(error);
      return;
    }
    this.commits += 1;
    jobs.forEach((job, at) => {
      job.resolve(results[at] as never); // what this job's own write gave
    });
  }
}
