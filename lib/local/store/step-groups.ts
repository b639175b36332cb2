import type { Period } from './analytics.js';
import type { Database } from './database.js';
import { isFew } from './filter-sql.js';
import { latencyList, percentile, placeOf, readLatencies } from './latencies.js';
import type { Cell, Row } from './sqlite.js';
import { type StepFilter, stepConditions } from './steps.js';

/** The groupings: steps by the first two, traces by the others. */
export const stepGroups = ['tool', 'model', 'release', 'environment'] as const;

/** Most groups of an answer. */
const mostGroups = 200;

/**
 * For each grouping of steps: its column and condition, and the index in which each group is contiguous and sorted by latency.
 */
const groupings = {
  tool: { column: 'name', which: "kind = 'TOOL'", index: 'steps_by_tool' },
  model: { column: 'model', which: "kind IN ('LLM', 'EMBEDDING') AND model IS NOT NULL", index: 'steps_by_model' },
} as const;

/** Totals of steps by tool or by model, the most called first. */
export function groupSteps(
  database: Database,
  project: number,
  by: 'tool' | 'model',
  filter: StepFilter,
  hasWords: boolean,
): object[] {
  const { column, which, index } = groupings[by];
  const { parts, values } = stepConditions(project, withoutNeedlessLimits(database, project, filter), hasWords);
  const where = `${parts.join(' AND ')} AND ${which}`;
  const isAll = isEmpty(filter);
  if (
    isAll &&
    !isFew(database, `SELECT 1 FROM steps INDEXED BY steps_by_kind WHERE ${where}`, values, fewFor(database))
  )
    return groupsInOrder(database, `FROM steps INDEXED BY ${index} WHERE ${where}`, column, values);
  const from = `FROM steps ${isAll ? 'INDEXED BY steps_by_kind' : ''} WHERE ${where}`;
  return database
    .prepareOnce(
      `SELECT ${column} AS name, ${sums}, ${latencyList} AS latencies
       ${from} GROUP BY 1 ORDER BY calls DESC, 1 LIMIT ${mostGroups}`,
    )
    .all(...values)
    .map(groupOf);
}

/**
 * Up to this many steps of a period are collected and grouped. For more, an index in which they are grouped already is read,
 * including steps before and after the period; that takes a fraction of the work per step.
 */
export function fewFor(database: Database): number {
  const traces = Number(database.get('SELECT max(id) AS traces FROM traces')?.traces);
  return Math.max(3000, Math.floor(traces / 2));
}

/** Removes time limits that exclude no step, because each limit is compared with every step. */
function withoutNeedlessLimits(database: Database, project: number, filter: StepFilter): StepFilter {
  const { startedAfter, startedBefore } = filter;
  if (startedAfter === undefined && startedBefore === undefined) return filter;
  const bounds = database.get(
    `SELECT (SELECT min(started) FROM steps WHERE project = ?1) AS first,
       (SELECT max(started) FROM steps WHERE project = ?1) AS last`,
    project,
  );
  const [first, last] = [Number(bounds?.first), Number(bounds?.last)];
  return {
    ...filter,
    startedAfter: startedAfter !== undefined && startedAfter <= first ? undefined : startedAfter,
    startedBefore: startedBefore !== undefined && startedBefore > last ? undefined : startedBefore,
  };
}

const sums = `count(*) AS calls, count(latency) AS ended, sum(status = 'ERROR') AS failures, sum(tokens) AS tokens, sum(cost) AS cost`;

/** Whether the filter has only times. */
function isEmpty({ text: { words, texts, tags, limits } }: StepFilter): boolean {
  return [words, tags, Object.keys(texts), Object.keys(limits)].every(({ length }) => length === 0);
}

/**
 * The groups of an index in which each group is contiguous and sorted by latency. So nothing is sorted, and only the latencies at the
 * places of percentiles are read.
 */
function groupsInOrder(database: Database, from: string, column: string, values: readonly Cell[]): object[] {
  const groups = database
    .prepareOnce(`SELECT ${column} AS name, ${sums} ${from} GROUP BY 1 ORDER BY calls DESC, 1 LIMIT ${mostGroups}`)
    .all(...values);
  const [up, down] = (['ASC', 'DESC'] as const).map((direction) =>
    database.prepareOnce(
      `SELECT latency ${from} AND ${column} = ? AND latency IS NOT NULL ORDER BY latency ${direction} LIMIT 2 OFFSET ?`,
    ),
  );
  const at = (name: Cell, count: number, share: number) => {
    const { below, between } = placeOf(count, share);
    // The two latencies around the percentile, counted from the nearer end.
    const rows =
      share <= 0.5
        ? up?.all(...values, name, below)
        : down?.all(...values, name, Math.max(0, count - 2 - below)).toReversed();
    const latencies = (rows ?? []).map(({ latency }) => Number(latency));
    // Nothing follows the last latency.
    const [low, high] = share > 0.5 && below === count - 1 ? [latencies.at(-1)] : latencies;
    return low === undefined ? null : low + ((high ?? low) - low) * between;
  };
  return groups.map((row) =>
    groupItem(row, (share) => (Number(row.ended) === 0 ? null : at(row.name ?? null, Number(row.ended), share))),
  );
}

/** A row of totals with a {@link latencyList}, as the API returns it. */
export function groupOf(row: Row): object {
  const latencies = readLatencies(row.latencies);
  return groupItem(row, (share) => percentile(latencies, share));
}

function groupItem(row: Row, latencyAt: (share: number) => number | null): object {
  return {
    name: String(row.name),
    call_count: Number(row.calls),
    failure_count: Number(row.failures),
    p50_latency_ms: latencyAt(0.5),
    p95_latency_ms: latencyAt(0.95),
    total_tokens: Number(row.tokens),
    total_cost: Number(row.cost),
  };
}

/** The ten most called models of the indexed traces. */
export function topIndexedModels(database: Database, project: number, { after, before }: Period): Row[] {
  return database.all(
    `SELECT model, count(*) AS calls, sum(tokens) AS tokens, sum(cost) AS cost FROM steps INDEXED BY steps_by_model
     WHERE project = ? AND model IS NOT NULL AND started >= ? AND started < ?
     GROUP BY model ORDER BY calls DESC, model LIMIT 10`,
    ...[project, after, before],
  );
}
