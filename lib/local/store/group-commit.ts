import type { Database } from './database.js';

interface Job {
  readonly write: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Under load, how long writes are gathered, in milliseconds. */
const gatherMs = 3;

/**
 * Puts writes that arrive together into one transaction, because a commit costs more than a write. A write is
 * answered only after the commit that holds it.
 *
 *     add ─┐
 *     add ─┼─> queue ──(end of this turn, or 3 ms)──> BEGIN · write · write · write · COMMIT ──> resolve each
 *     add ─┘
 *
 * Only where the last group had more than one write is the next one waited for: a client that sends one after the
 * other would otherwise wait in vain.
 */
export class GroupCommit {
  readonly #database: Database;
  #queue: Job[] = [];
  #cancel: (() => void) | undefined;
  #isBusy = false;
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
    this.#isBusy = jobs.length > 1;
    if (jobs.length > 0) this.#commit(jobs);
  }

  #schedule(): () => void {
    if (this.#isBusy) {
      const timer = setTimeout(() => this.flush(), gatherMs);
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
