import type { CallOptions, Calls } from './calls.js';
import { PlatformError } from './errors.js';
import { type PageOptions, pageParams, timeText } from './paging.js';
import { type Page, readPage, readRecord, type SessionSummary, type StoredSession } from './shapes.js';

/** Selects, sorts and limits sessions. */
export interface ListSessionsOptions extends PageOptions, CallOptions {
  readonly userId?: string | undefined;
  /** Only sessions in which a trace has the status ERROR (true), or none has (false). */
  readonly hasError?: boolean | undefined;
  /** Only sessions in which at least one trace has one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Only sessions whose id contains this text. */
  readonly query?: string | undefined;
  readonly startedAfter?: Date | string | undefined;
  readonly startedBefore?: Date | string | undefined;
  /** @defaultValue `recent` */
  readonly sortBy?: 'recent' | 'traceCount' | 'latency' | 'cost' | undefined;
  /** @defaultValue `desc` */
  readonly sortOrder?: 'asc' | 'desc' | undefined;
}

/** Most traces of a session in one answer. Source: OpenAPI, `GET /sessions/{session_id}`. */
const mostTraces = 1000;
const needed = ['sessionId', 'traceCount'] as const;
const sorts = { recent: 'recent', traceCount: 'trace_count', latency: 'latency', cost: 'cost' } as const;

/** The sessions of a project. */
export class Sessions {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /**
   * One session with its traces and their spans, the oldest trace first: `limit` traces (up to 1,000; by default 200) from
   * `offset` on.
   *
   * @throws PlatformError with `status` 404 when there is none
   */
  async get(
    sessionId: string,
    options: CallOptions & { limit?: number | undefined; offset?: number | undefined } = {},
  ): Promise<StoredSession> {
    const body = await this.#calls.get(pathOf(sessionId), pageParams(options, mostTraces), options);
    return readRecord<StoredSession>('GET /sessions/{session_id}', body, [...needed, 'traces']);
  }

  /** One page of the sessions, by default the last used first. */
  async list(options: ListSessionsOptions = {}): Promise<Page<SessionSummary>> {
    const { userId, hasError, tags, query, sortBy, sortOrder } = options;
    const params = {
      ...{ user_id: userId, has_error: hasError, tags, query },
      started_after: timeText('startedAfter', options.startedAfter),
      started_before: timeText('startedBefore', options.startedBefore),
      ...{ sort_by: sortBy && sorts[sortBy], sort_order: sortOrder },
      ...pageParams(options),
    };
    return readPage<SessionSummary>('GET /sessions', await this.#calls.get('/sessions', params, options), needed);
  }

  /**
   * Deletes a session with its traces.
   *
   * @returns the number of its traces; 0 if there is no such session
   * @throws UnknownOutcomeError if the call was sent and no answer came
   */
  async delete(sessionId: string, options?: CallOptions): Promise<number> {
    try {
      const body = await this.#calls.change('DELETE', pathOf(sessionId), {}, undefined, options);
      return readRecord<{ deleted: number }>('DELETE /sessions/{session_id}', body, ['deleted']).deleted;
    } catch (error) {
      if (error instanceof PlatformError && error.status === 404) return 0;
      throw error;
    }
  }
}

/** @throws TypeError if the id is not allowed in a URL: the platform's router ends it at a slash */
function pathOf(sessionId: string): string {
  if (typeof sessionId === 'string' && sessionId.isWellFormed() && !/^\.{0,2}$|\//.test(sessionId))
    return `/sessions/${encodeURIComponent(sessionId)}`;
  const got = typeof sessionId === 'string' ? JSON.stringify(sessionId.slice(0, 100)) : typeof sessionId;
  throw new TypeError(`sessionId: expected a text without a slash, got ${got}`);
}
