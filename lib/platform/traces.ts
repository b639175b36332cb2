import type { TraceStatus } from '../model/kinds.js';
import type { CallOptions, Calls } from './calls.js';
import { PlatformError } from './errors.js';
import { idText, iterateByStart, type PageOptions, pageParams, timeText } from './paging.js';
import { type Page, readPage, readRecord, type StoredTrace, type TraceSummary } from './shapes.js';
import { checkMs, TimeLimit } from './time-limit.js';

/** Which traces; a condition that is missing does not restrict them. */
export interface TraceFilter {
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly status?: TraceStatus | undefined;
  /** Part of the name. */
  readonly name?: string | undefined;
  /** At least one of them. */
  readonly tags?: readonly string[] | undefined;
  /** Started at this time or later. */
  readonly startedAfter?: Date | string | undefined;
  /** Started before this time. */
  readonly startedBefore?: Date | string | undefined;
}

/** How a list of traces is sorted and cut. */
export interface ListTracesOptions extends TraceFilter, PageOptions, CallOptions {
  /** @defaultValue `startedAt` */
  readonly sortBy?: 'startedAt' | 'endedAt' | 'name' | 'latency' | 'status' | undefined;
  /** @defaultValue `desc` */
  readonly sortOrder?: 'asc' | 'desc' | undefined;
}

/** In which order traces come. `timeoutMs` is for each page. */
export interface IterateTracesOptions extends TraceFilter, CallOptions {
  /** By the start. @defaultValue `desc`, the newest first */
  readonly sortOrder?: 'asc' | 'desc' | undefined;
  /** @defaultValue 200, the most */
  readonly pageSize?: number | undefined;
}

/** What to wait for, and how long. */
export interface WaitVisibleOptions {
  /** Longest wait, in milliseconds. @defaultValue 60,000 */
  readonly timeoutMs?: number | undefined;
  /** Time between two looks, in milliseconds. @defaultValue 500 */
  readonly intervalMs?: number | undefined;
  /** Ends the wait, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait when it returns true. @defaultValue the trace has ended: its status is COMPLETED or ERROR */
  readonly until?: ((trace: StoredTrace) => boolean) | undefined;
}

const needed = ['traceId', 'name', 'status', 'startedAt'] as const;
const sorts = {
  startedAt: 'started_at',
  endedAt: 'ended_at',
  name: 'name',
  latency: 'latency',
  status: 'status',
} as const;

/** The traces of a project. */
export class Traces {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * One trace with its spans.
   *
   * @throws PlatformError with `status` 404 when there is none, or none yet: see `waitVisible`
   */
  async get(traceId: string, options?: CallOptions): Promise<StoredTrace> {
    const path = `/traces/${idText('traceId', traceId)}`;
    const trace = readRecord<StoredTrace>(`GET ${path}`, await this.#calls.get(path, {}, options), [
      ...needed,
      'spans',
    ]);
    if (idText('traceId', trace.traceId) === idText('traceId', traceId)) return trace;
    throw new PlatformError(`GET ${path}: the platform answered with another trace`);
  }

  /** A part of the traces, the newest first where nothing else is said. */
  async list(options: ListTracesOptions = {}): Promise<Page<TraceSummary>> {
    const { sortBy, sortOrder } = options;
    const params = {
      ...filterParams(options),
      ...pageParams(options),
      sort_by: sortBy && sorts[sortBy],
      sort_order: sortOrder,
    };
    return readPage<TraceSummary>('GET /traces', await this.#calls.get('/traces', params, options), needed);
  }

  /**
   * All traces, page by page, by the time they started. A trace that comes in or is deleted meanwhile makes no other one come
   * twice or stay out, so deleting while you read is fine.
   *
   * @throws PlatformError when a page cannot be had
   */
  iterate(options: IterateTracesOptions = {}): AsyncGenerator<TraceSummary, void, undefined> {
    const { sortOrder = 'desc', pageSize = 200 } = options;
    return iterateByStart(sortOrder, pageSize, options, (page) =>
      this.list({ ...options, ...page, sortBy: 'startedAt' }),
    );
  }

  /**
   * Waits until the platform has stored a trace, which takes moments after it was sent, at times minutes. What is
   * still in the queue does not get there by waiting: `await flush()` first.
   *
   * @returns the trace
   * @throws PlatformError when the time is over; the signal's reason when it is aborted
   */
  async waitVisible(traceId: string, options: WaitVisibleOptions = {}): Promise<StoredTrace> {
    const { timeoutMs = 60_000, intervalMs = 500, until = hasEnded, signal } = options;
    checkMs('timeoutMs', timeoutMs);
    checkMs('intervalMs', intervalMs);
    const limit = new TimeLimit(timeoutMs, signal);
    const what = `waiting for trace ${idText('traceId', traceId)}`;
    let missed: string | undefined;
    try {
      for (;;) {
        const found = await this.#find(traceId, { signal: limit.signal }).catch((error: unknown) => {
          limit.check(what, undefined, missed); // the reason of the wait, not that of the look
          throw error;
        });
        if (found !== undefined && until(found)) return found;
        missed = found === undefined ? 'not stored' : `stored as ${found.status}, but not as it was waited for,`;
        await limit.pause(intervalMs);
        limit.check(what, undefined, missed);
      }
    } finally {
      limit.clear();
    }
  }

  /**
   * Deletes a trace with its spans and scores.
   *
   * @returns false when there was none
   * @throws UnknownOutcomeError when it was sent and no answer came; it may be repeated
   */
  async delete(traceId: string, options?: CallOptions): Promise<boolean> {
    try {
      await this.#calls.change('DELETE', `/traces/${idText('traceId', traceId)}`, {}, undefined, options);
      return true;
    } catch (error) {
      if (error instanceof PlatformError && error.status === 404) return false;
      throw error;
    }
  }

  async #find(traceId: string, options: CallOptions): Promise<StoredTrace | undefined> {
    try {
      return await this.get(traceId, options);
    } catch (error) {
      if (error instanceof PlatformError && error.status === 404) return undefined;
      throw error;
    }
  }
}

function hasEnded({ status }: StoredTrace): boolean {
  return status === 'COMPLETED' || status === 'ERROR';
}

function filterParams({ sessionId, userId, status, name, tags, startedAfter, startedBefore }: TraceFilter) {
  return {
    session_id: sessionId,
    user_id: userId,
    status,
    name,
    tags,
    started_after: timeText('startedAfter', startedAfter),
    started_before: timeText('startedBefore', startedBefore),
  };
}
