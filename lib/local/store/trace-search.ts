import type { FilterText } from '../wire/filter-text.js';
import type { Page } from '../wire/query.js';
import type { Database } from './database.js';
import { add, addLimit, addStepConditions, addText, addWords, type Conditions } from './filter-sql.js';
import { groupOf } from './steps.js';
import {
  conditions,
  listItem,
  type sortOrders,
  type TraceFilter,
  type TraceListItem,
  textOrNull,
} from './trace-list.js';

/** What a search can be sorted by. */
export const searchSorts = ['started_at', 'name', 'latency', 'status', 'tokens', 'cost', 'spans'] as const;

/** A trace that was found, with what was said in it. */
export interface FoundTrace extends TraceListItem {
  readonly input_preview: string | null;
  readonly output_preview: string | null;
  readonly models: readonly string[];
}

const sortColumns: Readonly<Record<(typeof searchSorts)[number], string>> = {
  started_at: 'started',
  name: 'folded',
  latency: 'ifnull(latency, 9e99)',
  status: 'status',
  tokens: 'total_tokens',
  cost: 'total_cost',
  spans: 'span_count',
};

/** A part of the traces that fit a filter, and how many there are in all. */
export function searchTraces(
  database: Database,
  project: number,
  filter: TraceFilter,
  text: FilterText,
  sort: { readonly by: (typeof searchSorts)[number]; readonly order: (typeof sortOrders)[number] },
  page: Page,
  hasWords: boolean,
): { readonly items: FoundTrace[]; readonly total: number } {
  const { where, values } = conditions(project, filter);
  const all: Conditions = { parts: [where], values };
  addTraceConditions(all, project, text, hasWords);
  const direction = sort.order === 'asc' ? 'ASC' : 'DESC';
  const order = `${sortColumns[sort.by]} ${direction}, traces.id ${direction}`;
  const from = `FROM traces WHERE ${all.parts.join(' AND ')}`;
  const total = Number(database.prepareOnce(`SELECT count(*) AS total ${from}`).get(...all.values)?.total);
  const rows = database
    .prepareOnce(
      `WITH page AS MATERIALIZED (SELECT id ${from} ORDER BY ${order} LIMIT ? OFFSET ?)
       SELECT traces.*, input AS said_in, output AS said_out, models FROM page CROSS JOIN traces USING (id)
       LEFT JOIN trace_previews ON trace = id ORDER BY ${order}`,
    )
    .all(...all.values, page.limit, page.offset);
  const items = rows.map((row) => ({
    ...listItem(row),
    input_preview: textOrNull(row.said_in),
    output_preview: textOrNull(row.said_out),
    models: JSON.parse(textOrNull(row.models) ?? '[]') as string[], // written by this store
  }));
  return { items, total };
}

/** Traces added up by release or by environment, the latest seen first. */
export function groupTraces(
  database: Database,
  project: number,
  by: 'release' | 'environment',
  filter: TraceFilter,
  text: FilterText,
  hasWords: boolean,
): object[] {
  const { where, values } = conditions(project, filter);
  const all: Conditions = { parts: [where, `${by} IS NOT NULL`], values };
  addTraceConditions(all, project, text, hasWords);
  const rows = database
    .prepareOnce(
      `SELECT ${by} AS name, count(*) AS calls, sum(status = 'ERROR') AS failures, sum(total_tokens) AS tokens,
         sum(total_cost) AS cost, max(started) AS last,
         json_group_array(latency) FILTER (WHERE latency IS NOT NULL) AS latencies
       FROM traces WHERE ${all.parts.join(' AND ')} GROUP BY 1 ORDER BY last DESC, 1 LIMIT 200`,
    )
    .all(...all.values);
  return rows.map(groupOf);
}

function addTraceConditions(all: Conditions, project: number, filter: FilterText, hasWords: boolean): void {
  const { texts, limits, tags, words } = filter;
  addText(all, 'name', texts.name);
  addText(all, 'status', texts.status === 'ok' ? 'COMPLETED' : texts.status);
  addText(all, 'release', texts.release);
  addText(all, 'environment', texts.env);
  addText(all, 'user_id', texts.user);
  addText(all, 'session_id', texts.session);
  for (const tag of tags) add(all, 'id IN (SELECT trace FROM trace_tags WHERE project = ? AND tag = ?)', project, tag);
  addLimit(all, 'span_count', limits.spans);
  const steps: Conditions = { parts: ['project = ?'], values: [project] };
  if (texts.kind === undefined && texts.model === undefined && texts.error === undefined) {
    addLimit(all, 'latency', limits.duration);
    addLimit(all, 'total_tokens', limits.tokens);
    addLimit(all, 'total_cost', limits.cost);
  } else {
    // With a kind or a model, the numbers are those of that step.
    addStepConditions(steps, filter);
    add(all, `id IN (SELECT trace FROM steps WHERE ${steps.parts.join(' AND ')})`, ...steps.values);
  }
  addWords(all, words, hasWords, 'traces.id', 'folded');
}
