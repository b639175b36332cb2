import { clearTimeout, longestTimerMs, performance, setTimeout } from '../common/real-time.js';
import { isTemporary, PlatformError } from './errors.js';

/** Aborts a call after its timeout, or when the caller's signal aborts. `clear` removes both. */
export class TimeLimit {
  readonly #ending = new AbortController();
  readonly #until: number;
  readonly #timer: NodeJS.Timeout;
  readonly #given: AbortSignal | undefined;
  readonly #timeoutMs: number;
  readonly #onAbort = () => this.#ending.abort();

  constructor(timeoutMs: number, given: AbortSignal | undefined) {
    this.#timeoutMs = timeoutMs;
    this.#until = performance.now() + timeoutMs;
    // Not unref'd, because the caller waits for the call.
    this.#timer = setTimeout(this.#onAbort, timeoutMs);
    this.#given = given;
    if (given?.aborted === true) this.#onAbort();
    else given?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  get isOver(): boolean {
    return this.#ending.signal.aborted;
  }

  /** The reason of the caller's signal; undefined after a timeout. */
  get reason(): unknown {
    return this.#given?.aborted === true ? this.#given.reason : undefined;
  }

  leftMs(): number {
    return this.#until - performance.now();
  }

  /**
   * @param missed - what did not come in time
   * @throws the signal's reason, or a PlatformError when the time is over
   */
  check(what: string, requestId?: string, missed = 'no answer'): void {
    if (this.#given?.aborted === true) throw this.#given.reason;
    if (this.isOver) throw new PlatformError(`${what}: ${missed} within ${this.#timeoutMs} ms`, { requestId });
  }

  /** Resolves after `ms`, or as soon as the call is over. */
  pause(ms: number): Promise<void> {
    if (this.isOver) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.signal.addEventListener('abort', done);
    });
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#given?.removeEventListener('abort', this.#onAbort);
  }
}

/** How long to wait, and how often to look. */
interface PollTimes {
  readonly timeoutMs: number;
  readonly intervalMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Calls `look` until it finds something; `missed` says what it saw instead. Once the platform has answered, an outage counts as a
 * look that found nothing. Before that it is an error, so that a wrong address is reported at once.
 *
 * @param what - the wait, for its error
 * @throws the signal's reason; a PlatformError when the time is over; any other error of `look`
 */
export async function poll<T>(
  what: string,
  { timeoutMs, intervalMs, signal }: PollTimes,
  look: (signal: AbortSignal) => Promise<{ readonly found: T } | { readonly missed: string }>,
): Promise<T> {
  checkMs('timeoutMs', timeoutMs);
  checkMs('intervalMs', intervalMs);
  const limit = new TimeLimit(timeoutMs, signal);
  let missed: string | undefined;
  try {
    for (;;) {
      const seen = await look(limit.signal).catch((error: unknown) => {
        const hasAnswered = missed !== undefined || (error instanceof PlatformError && error.status !== undefined);
        if (hasAnswered && !limit.isOver && isTemporary(error)) return { missed: `nothing to see (${error.message})` };
        throw error;
      });
      if ('found' in seen) return seen.found;
      missed = seen.missed;
      await limit.pause(intervalMs);
      limit.check(what, undefined, missed);
    }
  } catch (error) {
    limit.check(what, undefined, missed); // the error of the wait, not that of the last look
    throw error;
  } finally {
    limit.clear();
  }
}

/** @throws RangeError if it is not a valid timeout */
export function checkMs(name: string, ms: number): void {
  if (typeof ms === 'number' && ms > 0 && ms <= longestTimerMs) return;
  throw new RangeError(`${name}: expected milliseconds from 1 to ${longestTimerMs}, got ${String(ms)}`);
}
