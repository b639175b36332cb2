import type { PageRange } from '../wire/query.js';
import { formatTime } from '../wire/time.js';
import type { Database } from './database.js';
import { timeOrNull } from './span-body.js';
import type { Cell, Row } from './sqlite.js';
import { conditions, numberOrNull, type sortOrders, type TraceFilter, textOrNull } from './trace-list.js';

/** What a list of sessions can be sorted by. Source: OpenAPI, `SessionSortBy`. */
export const sessionSorts = ['recent', 'trace_count', 'latency', 'cost'] as const;

/** Selects sessions: by the traces that they are made of, and by their own fields. */
interface SessionFilter extends Pick<TraceFilter, 'userId' | 'tags' | 'startedAfter' | 'startedBefore'> {
  readonly hasError?: boolean | undefined;
  /** Part of the session's id, in any case. */
  readonly query?: string | undefined;
}

/** The totals of one session's traces. Source: OpenAPI, `SessionSummary`. */
export interface SessionSummary {
  readonly session_id: string;
  readonly trace_count: number;
  readonly first_trace_at: string;
  readonly last_trace_at: string | null;
  readonly total_latency_ms: number | null;
  readonly has_error: boolean;
  readonly user_id: string | null;
  readonly tags: readonly string[];
  readonly total_span_count: number;
  readonly total_tokens: number;
  readonly total_cost: number;
}

const sums = `session_id, count(*) AS trace_count, min(started) AS first_at, max(ended) AS last_at,
  sum(latency) AS latency, max(status = 'ERROR') AS has_error, sum(span_count) AS span_count,
  sum(total_tokens) AS tokens, sum(total_cost) AS cost`;

const sortColumns: Readonly<Record<(typeof sessionSorts)[number], string>> = {
  // By the time that the list shows.
  recent: 'ifnull(max(ended), min(started))',
  trace_count: 'count(*)',
  latency: 'ifnull(sum(latency), 9e99)',
  cost: 'sum(total_cost)',
};

/** One page of a project's sessions, and their total number. */
export function listSessions(
  database: Database,
  project: number,
  filter: SessionFilter,
  sort: { readonly by: (typeof sessionSorts)[number]; readonly order: (typeof sortOrders)[number] },
  page: PageRange,
): { readonly items: SessionSummary[]; readonly total: number } {
  const { where, values } = sessionConditions(project, filter);
  const having = filter.hasError === undefined ? '' : `HAVING max(status = 'ERROR') = ${filter.hasError ? 1 : 0}`;
  const groups = `FROM traces WHERE ${where} GROUP BY session_id ${having}`;
  const direction = sort.order === 'asc' ? 'ASC' : 'DESC';
  const order = `${sortColumns[sort.by]} ${direction}, session_id ${direction}`;
  // Sorting reads one column of all sessions; the other columns are read only for the page.
  const rows = database.all(
    `WITH page AS MATERIALIZED (
       SELECT session_id, count(*) OVER () AS total ${groups} ORDER BY ${order} LIMIT ? OFFSET ?)
     SELECT ${sums}, total FROM page CROSS JOIN traces USING (session_id) WHERE ${where}
     GROUP BY session_id ORDER BY ${order}`,
    ...[...values, page.limit, page.offset, ...values],
  );
  const total =
    rows[0]?.total ?? database.get(`SELECT count(*) AS total FROM (SELECT 1 ${groups})`, ...values)?.total ?? 0;
  return { items: rows.map((row) => summary(database, row, where, values)), total: Number(total) };
}

/** One session; undefined when it has no traces. */
export function readSession(database: Database, project: number, sessionId: string): SessionSummary | undefined {
  const { where, values } = conditions(project, { sessionId });
  const row = database.get(`SELECT ${sums} FROM traces WHERE ${where} GROUP BY session_id`, ...values);
  return row === undefined ? undefined : summary(database, row, where, values);
}

function sessionConditions(project: number, { query, ...filter }: SessionFilter) {
  const { where, values } = conditions(project, filter);
  if (query === undefined || query === '') return { where: `${where} AND session_id IS NOT NULL`, values };
  const pattern = `%${query.replace(/[\\%_]/g, '\\$&')}%`;
  return { where: `${where} AND session_id LIKE ? ESCAPE '\\'`, values: [...values, pattern] };
}

function summary(database: Database, row: Row, where: string, values: readonly Cell[]): SessionSummary {
  const traces = database.all(
    `SELECT user_id, tags FROM traces WHERE ${where} AND session_id = ? AND (user_id IS NOT NULL OR tags <> '[]')
     ORDER BY started`,
    ...values,
    String(row.session_id),
  );
  const tags = traces.flatMap((trace) => JSON.parse(String(trace.tags)) as string[]); // written by this store
  return {
    session_id: String(row.session_id),
    trace_count: Number(row.trace_count),
    first_trace_at: formatTime(Number(row.first_at)),
    last_trace_at: timeOrNull(numberOrNull(row.last_at)),
    total_latency_ms: numberOrNull(row.latency),
    has_error: row.has_error === 1,
    user_id: textOrNull(traces.find((trace) => trace.user_id !== null)?.user_id),
    tags: [...new Set(tags)].sort(),
    total_span_count: Number(row.span_count),
    total_tokens: Number(row.tokens),
    total_cost: Number(row.cost),
  };
}
