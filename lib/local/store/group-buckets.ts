import { bucketOf, bucketStart, type Granularity, type Period } from './analytics.js';
import type { Database } from './database.js';
import { latencyList } from './latencies.js';
import type { Row } from './sqlite.js';
import { groupOf } from './step-groups.js';

/** Fields by which traces can be grouped. */
export const traceGroups = ['release', 'environment'] as const;
/** How many groups are shown: those seen last. */
const mostGroups = 4;

/** Totals of traces over time, for each of the last seen releases or environments. */
export function groupBuckets(
  database: Database,
  project: number,
  by: (typeof traceGroups)[number],
  granularity: Granularity,
  { after, before }: Period,
): object[] {
  // The index on `started` has all these columns. (`name` alone would be the trace's name.)
  const rows = database.all(
    `SELECT ${by} AS name, ${bucketOf('started', granularity)} AS bucket, max(started) AS last, count(*) AS calls,
       sum(status = 'ERROR') AS failures, sum(total_tokens) AS tokens, sum(total_cost) AS cost,
       ${latencyList} AS latencies
     FROM traces WHERE project = ? AND started >= ? AND started < ? AND ${by} IS NOT NULL
     GROUP BY 1, 2 ORDER BY 2, 1`,
    ...[project, after, before],
  );
  const shown = latest(rows);
  return rows
    .filter(({ name }) => shown.has(String(name)))
    .map((row) => ({ bucket: bucketStart(row.bucket, granularity), ...groupOf(row) }));
}

/** The names that were seen last. */
function latest(rows: readonly Row[]): ReadonlySet<string> {
  const seen = new Map<string, number>();
  for (const { name, last } of rows) seen.set(String(name), Math.max(seen.get(String(name)) ?? 0, Number(last)));
  const names = [...seen].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1)).map(([name]) => name);
  return new Set(names.slice(0, mostGroups));
}
