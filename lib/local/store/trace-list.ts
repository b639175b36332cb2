import type { PageRange } from '../wire/query.js';
import { formatTime, type Micros } from '../wire/time.js';
import type { Database } from './database.js';
import { timeOrNull } from './span-body.js';
import type { Cell, Row } from './sqlite.js';

/** What a list of traces can be sorted by. Source: OpenAPI, `TraceSortBy`. */
export const traceSorts = ['started_at', 'ended_at', 'name', 'latency', 'status'] as const;
/** Either direction. */
export const sortOrders = ['asc', 'desc'] as const;

/** Selects traces of a project; undefined fields select all. */
export interface TraceFilter {
  readonly sessionId?: string | undefined;
  readonly status?: string | undefined;
  readonly userId?: string | undefined;
  /** The trace has at least one of these tags. */
  readonly tags?: readonly string[] | undefined;
  /** Part of the name, in any case. */
  readonly name?: string | undefined;
  readonly startedAfter?: Micros | undefined;
  /** Not included. */
  readonly startedBefore?: Micros | undefined;
}

/** The order of a list. */
interface TraceSort {
  readonly by: (typeof traceSorts)[number];
  readonly order: (typeof sortOrders)[number];
}

/** One trace of a list. Source: OpenAPI, `TraceListItem`. */
export interface TraceListItem {
  readonly trace_id: string;
  readonly name: string;
  readonly status: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly session_id: string | null;
  readonly user_id: string | null;
  readonly tags: readonly string[];
  readonly environment: string | null;
  readonly release: string | null;
  readonly latency_ms: number | null;
  readonly span_count: number;
  readonly total_tokens: number;
  readonly total_cost: number;
}

/**
 * Only `started_at` has an index in its order, which grows at its end. For the others, an index that contains them is read through
 * and sorted; an index for each would cost every write another page. Names sort without regard to case, and open traces as the
 * longest, as on the backend. Equal ones are in the order of their arrival.
 */
const sortColumns: Readonly<Record<TraceSort['by'], readonly string[]>> = {
  started_at: ['started', 'id'],
  // An expression over columns of the index on `started`.
  ended_at: ['ifnull(started + round(latency * 1000), 9e99)', 'id'],
  name: ['folded', 'id'],
  latency: ['ifnull(latency, 9e99)', 'id'],
  status: ['status', 'started', 'id'],
};

/** Conditions on `traces` and the values they take. */
export function conditions(project: number, filter: TraceFilter): { readonly where: string; readonly values: Cell[] } {
  const parts = ['project = ?'];
  const values: Cell[] = [project];
  const add = (condition: string, value: Cell | undefined) => {
    if (value === undefined) return;
    parts.push(condition);
    values.push(value);
  };
  add('session_id = ?', filter.sessionId);
  add('status = ?', filter.status);
  add('user_id = ?', filter.userId);
  add('instr(folded, ?) > 0', filter.name === '' ? undefined : filter.name?.toLowerCase());
  add('started >= ?', filter.startedAfter);
  add('started < ?', filter.startedBefore);
  if (filter.tags !== undefined && filter.tags.length > 0) {
    parts.push(
      'traces.id IN (SELECT trace FROM trace_tags WHERE project = ? AND tag IN (SELECT value FROM json_each(?)))',
    );
    values.push(project, JSON.stringify(filter.tags));
  }
  return { where: parts.join(' AND '), values };
}

/** One page of a project's traces, and their total number. */
export function listTraces(
  database: Database,
  project: number,
  filter: TraceFilter,
  sort: TraceSort,
  page: PageRange,
): { readonly items: TraceListItem[]; readonly total: number } {
  const { where, values } = conditions(project, filter);
  const total = Number(database.get(`SELECT count(*) AS total FROM traces WHERE ${where}`, ...values)?.total);
  const direction = sort.order === 'asc' ? 'ASC' : 'DESC';
  const order = sortColumns[sort.by].map((column) => `${column} ${direction}`).join(', ');
  // The inner query reads only an index, also for the rows before the page.
  const rows = database.all(
    `WITH page AS MATERIALIZED (SELECT id FROM traces WHERE ${where} ORDER BY ${order} LIMIT ? OFFSET ?)
     SELECT traces.* FROM page CROSS JOIN traces USING (id) ORDER BY ${order}`,
    ...values,
    page.limit,
    page.offset,
  );
  return { items: rows.map(listItem), total };
}

/** A row of `traces` as an item of a list. */
export function listItem(row: Row): TraceListItem {
  return {
    trace_id: String(row.trace_id),
    name: String(row.name),
    status: String(row.status),
    started_at: formatTime(Number(row.started)),
    ended_at: timeOrNull(numberOrNull(row.ended)),
    session_id: textOrNull(row.session_id),
    user_id: textOrNull(row.user_id),
    tags: JSON.parse(String(row.tags)) as string[], // written by this store
    environment: textOrNull(row.environment),
    release: textOrNull(row.release),
    latency_ms: numberOrNull(row.latency),
    span_count: Number(row.span_count),
    total_tokens: Number(row.total_tokens),
    total_cost: Number(row.total_cost),
  };
}

/** A column that holds a text or nothing. */
export function textOrNull(value: Cell | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** A column that holds a number or nothing. */
export function numberOrNull(value: Cell | undefined): number | null {
  return typeof value === 'number' ? value : null;
}
