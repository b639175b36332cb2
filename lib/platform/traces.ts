import type { TraceStatus } from '../model/kinds.js';
import type { CallOptions, Calls } from './calls.js';
import { PlatformError } from './errors.js';
import { idText, iterateByStart, type PageOptions, pageParams, timeText } from './paging.js';
import { type Page, readPage, readRecord, type StoredTrace, type TraceSummary } from './shapes.js';
import { poll } from './time-limit.js';

/** Selects traces. They must meet all conditions that are given. */
export interface TraceFilter {
  readonly sessionId?: string | undefined;
  readonly userId?: string | undefined;
  readonly status?: TraceStatus | undefined;
  /** Only traces whose name contains this text. */
  readonly name?: string | undefined;
  /** Only traces with at least one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Only traces that started at this time or later. */
  readonly startedAfter?: Date | string | undefined;
  /** Only traces that started before this time. */
  readonly startedBefore?: Date | string | undefined;
}

/** Selects, sorts and limits traces. */
export interface ListTracesOptions extends TraceFilter, PageOptions, CallOptions {
  /** @defaultValue `startedAt` */
  readonly sortBy?: 'startedAt' | 'endedAt' | 'name' | 'latency' | 'status' | undefined;
  /** @defaultValue `desc` */
  readonly sortOrder?: 'asc' | 'desc' | undefined;
}

/** Selects traces and their order. `timeoutMs` applies to each page. */
export interface IterateTracesOptions extends TraceFilter, CallOptions {
  /** The order of their start times. @defaultValue `desc`, the newest first */
  readonly sortOrder?: 'asc' | 'desc' | undefined;
  /** How many traces are read at a time, 1 to 200. @defaultValue 200 */
  readonly pageSize?: number | undefined;
}

/** Options of `waitVisible`: what to wait for, and how long. */
export interface WaitVisibleOptions {
  /** Longest wait, in milliseconds. @defaultValue 60,000 */
  readonly timeoutMs?: number | undefined;
  /** Time between two checks, in milliseconds. @defaultValue 500 */
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
   * @throws PlatformError with `status` 404 if there is no such trace, or it is not stored yet: see `waitVisible`
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

  /** One page of the traces, by default the newest first. */
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
   * All traces, page by page, by the time they started. If traces are added or deleted meanwhile, no other trace comes twice or
   * is missed; so you may delete traces while you iterate.
   *
   * @throws PlatformError if a page cannot be read
   */
  iterate(options: IterateTracesOptions = {}): AsyncGenerator<TraceSummary, void, undefined> {
    const { sortOrder = 'desc', pageSize = 200 } = options;
    return iterateByStart(sortOrder, pageSize, options, (page) =>
      this.list({ ...options, ...page, sortBy: 'startedAt' }),
    );
  }

  /**
   * Waits until the platform has stored a trace, which happens moments after it was sent, sometimes minutes. Call `await flush()`
   * first, because the trace may still be in the queue.
   *
   * @returns the trace
   * @throws PlatformError if the time is over, or a check is refused; the signal's reason if it is aborted. Once the platform has
   * answered, an outage does not end the wait
   */
  async waitVisible(traceId: string, options: WaitVisibleOptions = {}): Promise<StoredTrace> {
    const { timeoutMs = 60_000, intervalMs = 500, until = hasEnded, signal } = options;
    return poll(
      `waiting for trace ${idText('traceId', traceId)}`,
      { timeoutMs, intervalMs, signal },
      async (aborted) => {
        const found = await this.#find(traceId, { signal: aborted });
        if (found === undefined) return { missed: 'not stored' };
        return until(found) ? { found } : { missed: `stored as ${found.status}, but not as it was waited for,` };
      },
    );
  }

  /**
   * Deletes a trace with its spans and scores.
   *
   * @returns false if there was no such trace
   * @throws UnknownOutcomeError if it was sent and no answer came; you may repeat it
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
