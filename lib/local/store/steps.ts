import type { FilterText } from '../wire/filter-text.js';
import type { PageRange } from '../wire/query.js';
import { formatTime, type Micros } from '../wire/time.js';
import type { Database } from './database.js';
import { add, addExact, addStepConditions, addText, addWords, type Conditions, countUpTo } from './filter-sql.js';
import type { Row } from './sqlite.js';
import { numberOrNull, type sortOrders, textOrNull } from './trace-list.js';

/** What a list of steps can be sorted by. */
export const stepSorts = ['started_at', 'latency', 'tokens', 'cost', 'name'] as const;

/** Selects steps of a project. */
export interface StepFilter {
  readonly text: FilterText;
  readonly startedAfter: Micros | undefined;
  /** Not included. */
  readonly startedBefore: Micros | undefined;
}

/** One span of a list over all traces. */
export interface StepListItem {
  readonly span_id: string;
  readonly trace_id: string;
  readonly trace_name: string;
  readonly name: string;
  readonly kind: string;
  readonly model: string | null;
  readonly status: string;
  readonly started_at: string;
  readonly latency_ms: number | null;
  readonly total_tokens: number;
  readonly total_cost: number;
  readonly error: string | null;
}

const sortColumns: Readonly<Record<(typeof stepSorts)[number], string>> = {
  started_at: 'steps.started',
  latency: 'steps.latency',
  tokens: 'steps.tokens',
  cost: 'steps.cost',
  name: 'steps.name',
};

/** One page of the steps that match a filter, and their total number. A step that has not ended sorts as the quickest. */
export function listSteps(
  database: Database,
  project: number,
  filter: StepFilter,
  sort: { readonly by: (typeof stepSorts)[number]; readonly order: (typeof sortOrders)[number] },
  page: PageRange,
  hasWords: boolean,
): { readonly items: StepListItem[]; readonly total: number; readonly at_least?: true } {
  const { parts, values } = stepConditions(project, filter, hasWords);
  const from = `FROM steps WHERE ${parts.join(' AND ')}`;
  const counted = countUpTo(database, from, values, page);
  const direction = sort.order === 'asc' ? 'ASC' : 'DESC';
  const order = `${sortColumns[sort.by]} ${direction}, steps.trace ${direction}, place ${direction}`;
  const rows = database
    .prepareOnce(
      `WITH page AS MATERIALIZED (SELECT trace, place ${from} ORDER BY ${order} LIMIT ? OFFSET ?)
       SELECT steps.*, traces.trace_id, traces.name AS trace_name
       FROM page CROSS JOIN steps USING (trace, place) CROSS JOIN traces ON traces.id = steps.trace ORDER BY ${order}`,
    )
    .all(...values, page.limit, page.offset);
  return { items: rows.map(stepItem), ...counted };
}

function stepItem(row: Row): StepListItem {
  return {
    span_id: String(row.span_id),
    trace_id: String(row.trace_id),
    trace_name: String(row.trace_name),
    name: String(row.name),
    kind: String(row.kind),
    model: textOrNull(row.model),
    status: String(row.status),
    started_at: formatTime(Number(row.started)),
    latency_ms: numberOrNull(row.latency),
    total_tokens: Number(row.tokens),
    total_cost: Number(row.cost),
    error: textOrNull(row.error),
  };
}

/** Conditions on `steps`. */
export function stepConditions(
  project: number,
  { text, startedAfter, startedBefore }: StepFilter,
  hasWords: boolean,
): Conditions {
  const all: Conditions = { parts: ['steps.project = ?'], values: [project] };
  if (startedAfter !== undefined) add(all, 'steps.started >= ?', startedAfter);
  if (startedBefore !== undefined) add(all, 'steps.started < ?', startedBefore);
  addStepConditions(all, text);
  addText(all, 'name', text.texts.name);
  const statuses = text.texts.status?.map((status) => status.toUpperCase());
  // Written like the condition of the index of failures, so that SQLite uses it.
  if (statuses?.join() === 'ERROR') add(all, "status = 'ERROR'");
  else addExact(all, 'status', statuses);
  const traces: Conditions = { parts: [], values: [] };
  addText(traces, 'release', text.texts.release);
  addText(traces, 'environment', text.texts.env);
  addExact(traces, 'user_id', text.texts.user);
  addExact(traces, 'session_id', text.texts.session);
  if (traces.parts.length > 0) {
    const where = `project = ? AND ${traces.parts.join(' AND ')}`;
    add(all, `trace IN (SELECT id FROM traces WHERE ${where})`, project, ...traces.values);
  }
  for (const tag of text.tags) {
    add(all, 'trace IN (SELECT trace FROM trace_tags WHERE project = ? AND tag = ?)', project, tag);
  }
  addWords(all, text.words, { hasWords, key: 'steps.trace' });
  return all;
}
