import type { PageRange } from '../wire/query.js';
import { formatTime, type Micros } from '../wire/time.js';
import type { Database } from './database.js';
import { isFew } from './filter-sql.js';
import { latencyList, percentile, readLatencies } from './latencies.js';
import type { Row } from './sqlite.js';
import { fewFor, topIndexedModels } from './step-groups.js';
import { numberOrNull } from './trace-list.js';

/** The lengths of a bucket. Source: OpenAPI, `AnalyticsGranularity`. */
export const granularities = ['hour', 'day', 'week'] as const;
/** The length of a bucket. */
export type Granularity = (typeof granularities)[number];

/** A period; the end is not included. */
export interface Period {
  readonly after: Micros;
  readonly before: Micros;
}

const hour = 3600e6;
/** Weeks start on Monday, and the epoch was a Thursday. Source: PostgreSQL's `date_trunc`. */
const sizes: Readonly<Record<Granularity, { readonly micros: number; readonly shift: number }>> = {
  hour: { micros: hour, shift: 0 },
  day: { micros: 24 * hour, shift: 0 },
  week: { micros: 168 * hour, shift: 72 * hour },
};

/** An SQL expression for the number of the bucket that `column` falls into. */
export function bucketOf(column: string, granularity: Granularity): string {
  const { micros, shift } = sizes[granularity];
  return `CAST((${column} + ${shift}) / ${micros}.0 AS INTEGER)`;
}

/** Up to this many buckets are queried one by one. */
const mostBuckets = 400;

/**
 * The row of `select` for each bucket that has any rows, in order. Few buckets are queried one by one: each is a range of the index
 * on `started`, whereas a GROUP BY would sort all rows again. `from` takes project, start and end as `?1` to `?3`; `ends` is a query
 * for the first and the last `started`.
 */
function byBucket(
  database: Database,
  project: number,
  granularity: Granularity,
  { after, before }: Period,
  { select, from, ends }: { readonly select: string; readonly from: string; readonly ends: string },
): Row[] {
  const range = database.get(ends, project, after, before);
  if (typeof range?.first !== 'number' || typeof range.last !== 'number') return [];
  const { micros, shift } = sizes[granularity];
  const bucketAt = (time: number) => Math.trunc((time + shift) / micros);
  const [first, last] = [bucketAt(range.first), bucketAt(range.last)];
  // Around 1970, the database's rounding toward zero merges two buckets.
  if (last - first >= mostBuckets || first <= 0) {
    const bucket = bucketOf('started', granularity);
    return database.all(
      `SELECT ${bucket} AS bucket, ${select} ${from} GROUP BY bucket ORDER BY bucket`,
      project,
      after,
      before,
    );
  }
  const rows: Row[] = [];
  for (let bucket = first; bucket <= last; bucket += 1) {
    const start = Math.max(after, bucket * micros - shift);
    const end = Math.min(before, (bucket + 1) * micros - shift);
    const row = database.get(`SELECT count(*) AS found, ${select} ${from}`, project, start, end);
    if (row !== undefined && Number(row.found) > 0) rows.push({ ...row, bucket });
  }
  return rows;
}

/** The start of a bucket as the API returns it. */
export function bucketStart(bucket: unknown, granularity: Granularity): string {
  const { micros, shift } = sizes[granularity];
  return formatTime(Number(bucket) * micros - shift);
}

/** Traces, errors and latency over time. Source: OpenAPI, `AnalyticsBucket`. */
export function traceBuckets(database: Database, project: number, granularity: Granularity, { after, before }: Period) {
  const where = 'FROM traces WHERE project = ?1 AND started >= ?2 AND started < ?3';
  const rows = byBucket(
    database,
    project,
    granularity,
    { after, before },
    {
      select: `count(*) AS traces, sum(status = 'ERROR') AS errors, avg(latency) AS average,
       ${latencyList} AS latencies`,
      from: where,
      ends: endsOf([where]),
    },
  );
  return rows.map((row) => {
    const latencies = readLatencies(row.latencies);
    return {
      bucket: bucketStart(row.bucket, granularity),
      trace_count: Number(row.traces),
      error_count: Number(row.errors),
      avg_latency_ms: numberOrNull(row.average),
      p50_latency_ms: percentile(latencies, 0.5),
      p90_latency_ms: percentile(latencies, 0.9),
      p99_latency_ms: percentile(latencies, 0.99),
    };
  });
}

/** A query for the first and the last time. Each is read from one end of an index. */
function endsOf(froms: readonly string[]): string {
  const each = froms.map(
    (from) => `SELECT (SELECT min(started) ${from}) AS low, (SELECT max(started) ${from}) AS high`,
  );
  return `SELECT min(low) AS first, max(high) AS last FROM (${each.join(' UNION ALL ')})`;
}

/** The spans that used a model, tokens or money. The condition on `spans` is the condition of its index, so that SQLite uses that index. */
const usages = [
  'FROM packed_usage WHERE project = ?1 AND started >= ?2 AND started < ?3',
  `FROM spans WHERE project = ?1 AND started >= ?2 AND started < ?3
    AND (model IS NOT NULL OR prompt_tokens <> 0 OR completion_tokens <> 0 OR cost <> 0)`,
];
const usage = `(${usages.map((from) => `SELECT started, model, prompt_tokens, completion_tokens, cost ${from}`).join(' UNION ALL ')})`;

/** Tokens and cost over time, by when each span started. Source: OpenAPI, `TokenCostBucket`. */
export function tokenBuckets(database: Database, project: number, granularity: Granularity, { after, before }: Period) {
  const rows = byBucket(
    database,
    project,
    granularity,
    { after, before },
    {
      select: 'sum(prompt_tokens) AS prompt, sum(completion_tokens) AS completion, sum(cost) AS cost',
      from: `FROM ${usage}`,
      ends: endsOf(usages),
    },
  );
  return rows.map((row) => ({
    bucket: bucketStart(row.bucket, granularity),
    total_tokens: Number(row.prompt) + Number(row.completion),
    prompt_tokens: Number(row.prompt),
    completion_tokens: Number(row.completion),
    total_cost: Number(row.cost),
  }));
}

/** The ten most called models. `isIndexed`: whether all traces are in the index. Source: OpenAPI, `TopModel`. */
export function topModels(database: Database, project: number, { after, before }: Period, isIndexed: boolean) {
  const range = [project, after, before] as const;
  const isMany = isIndexed && !isFew(database, `SELECT 1 FROM ${usage}`, range, fewFor(database));
  const rows = isMany
    ? topIndexedModels(database, project, { after, before })
    : database.all(
        `SELECT model, count(*) AS calls, sum(prompt_tokens + completion_tokens) AS tokens, sum(cost) AS cost
         FROM ${usage} WHERE model IS NOT NULL
         GROUP BY model ORDER BY calls DESC, model LIMIT 10`,
        ...range,
      );
  return rows.map((row) => ({
    model: String(row.model),
    call_count: Number(row.calls),
    total_tokens: Number(row.tokens),
    total_cost: Number(row.cost),
  }));
}

/** Sessions over time, by their first trace in the period. Source: OpenAPI, `SessionAnalyticsBucket`. */
export function sessionBuckets(
  database: Database,
  project: number,
  granularity: Granularity,
  { after, before }: Period,
) {
  const rows = database.all(
    `WITH sessions AS (
       SELECT min(started) AS first, count(*) AS traces, sum(latency) AS duration FROM traces
       WHERE project = ? AND session_id IS NOT NULL AND started >= ? AND started < ? GROUP BY session_id)
     SELECT ${bucketOf('first', granularity)} AS bucket, count(*) AS sessions, avg(traces) AS traces,
       avg(duration) AS duration FROM sessions GROUP BY bucket ORDER BY bucket`,
    ...[project, after, before],
  );
  return rows.map((row) => ({
    bucket: bucketStart(row.bucket, granularity),
    session_count: Number(row.sessions),
    avg_traces_per_session: numberOrNull(row.traces),
    avg_session_duration_ms: numberOrNull(row.duration),
  }));
}

/** One page of a project's users, the latest seen first, and their total number. Source: OpenAPI, `UserSummary`. */
export function listUsers(database: Database, project: number, page: PageRange) {
  const where = 'project = ? AND user_id IS NOT NULL';
  const rows = database.all(
    `SELECT user_id, count(*) AS traces, min(started) AS first, max(started) AS last, sum(status = 'ERROR') AS errors
     FROM traces WHERE ${where} GROUP BY user_id ORDER BY last DESC, user_id LIMIT ? OFFSET ?`,
    ...[project, page.limit, page.offset],
  );
  const total = database.get(`SELECT count(DISTINCT user_id) AS total FROM traces WHERE ${where}`, project)?.total;
  const items = rows.map((row) => ({
    user_id: String(row.user_id),
    trace_count: Number(row.traces),
    first_seen: formatTime(Number(row.first)),
    last_seen: formatTime(Number(row.last)),
    error_count: Number(row.errors),
  }));
  return { items, total: Number(total) };
}
