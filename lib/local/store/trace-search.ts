import type { FilterText } from '../wire/filter-text.js';
import type { PageRange } from '../wire/query.js';
import { parseTime } from '../wire/time.js';
import { isCommonWord, neighboursOf } from './common-word.js';
import type { Database } from './database.js';
import {
  add,
  addExact,
  addLimit,
  addStepConditions,
  addText,
  addWords,
  type Conditions,
  countUpTo,
  isFew,
  mostCountedFor,
  type RowRange,
} from './filter-sql.js';
import { latencyList } from './latencies.js';
import { groupOf } from './step-groups.js';
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

/** A found trace, with previews of its input and output. */
interface FoundTrace extends TraceListItem {
  readonly input_preview: string | null;
  readonly output_preview: string | null;
  readonly models: readonly string[];
}

const sortColumns: Readonly<Record<(typeof searchSorts)[number], string>> = {
  started_at: 'started',
  name: 'folded',
  latency: 'ifnull(latency, 9e99)',
  status: 'status',
  // Columns of `trace_previews`, which has an index for each; an index on `traces` would slow down every write.
  tokens: 'tokens',
  cost: 'cost',
  spans: 'span_count',
};

/** One page of the traces that match a filter, and their total number, or a lower bound of it. */
export function searchTraces(
  database: Database,
  project: number,
  filter: TraceFilter,
  text: FilterText,
  sort: { readonly by: (typeof searchSorts)[number]; readonly order: (typeof sortOrders)[number] },
  page: PageRange,
  hasWords: boolean,
): FoundPage {
  const isCommon = sort.by === 'started_at' && isCommonWord(database, project, filter, text, page, hasWords);
  const find = (range?: RowRange) =>
    findTraces(database, project, filter, text, sort, page, { hasWords, isCommon, range });
  const near = isCommon ? neighboursOf(database, project, directionOf(sort.order), page) : undefined;
  if (near !== undefined) {
    const found = find(near);
    const last = found.items.length === page.limit ? parseTime(found.items.at(-1)?.started_at) : undefined;
    const isBefore = (a: number, b: number) => (sort.order === 'asc' ? a < b : a > b);
    // Traces that are not among the neighbours come after all of them.
    if (near.last === undefined || (last !== undefined && isBefore(last, near.last))) return found;
  }
  return find();
}

/** A page of traces. */
interface FoundPage {
  readonly items: FoundTrace[];
  readonly total: number;
  /** There are more than `total`, which was not counted to the end. */
  readonly at_least?: true;
}

function directionOf(order: (typeof sortOrders)[number]): 'ASC' | 'DESC' {
  return order === 'asc' ? 'ASC' : 'DESC';
}

interface Ways {
  readonly hasWords: boolean;
  /** Whether the filter is only one word, which many traces have. */
  readonly isCommon: boolean;
  /** The only traces in which words are looked up. */
  readonly range: RowRange | undefined;
}

function findTraces(
  database: Database,
  project: number,
  filter: TraceFilter,
  text: FilterText,
  sort: { readonly by: (typeof searchSorts)[number]; readonly order: (typeof sortOrders)[number] },
  page: PageRange,
  { hasWords, isCommon, range }: Ways,
): FoundPage {
  const { where, values } = conditions(project, filter);
  const isPreview = sort.by === 'tokens' || sort.by === 'cost';
  // Words are looked up all at once, so the other conditions are, too, and all hits are counted.
  const isInOrder = (isPreview || sort.by === 'started_at') && (text.words.length === 0 || isCommon);
  const all: Conditions = { parts: [where], values };
  addTraceConditions(database, all, project, text, { hasWords, range }, isInOrder);
  const isPlain = all.parts.length === 1;
  const fits = all.parts.join(' AND ').replace(/\bproject = \?/, 'traces.project = ?');
  const direction = directionOf(sort.order);
  const order = `${sortColumns[sort.by]} ${direction}, traces.id ${direction}`;
  // If a list is sorted by an indexed value, traces that are not indexed yet are missing.
  const from = isPreview
    ? `FROM trace_previews AS p CROSS JOIN traces ON traces.id = p.trace WHERE p.project = ${project} AND ${fits}`
    : `FROM traces WHERE ${fits}`;
  const counted = isCommon
    ? { total: mostCountedFor(page) + 1, at_least: true as const }
    : isPlain
      ? {
          total: Number(
            database.prepareOnce(`SELECT count(*) AS total FROM traces WHERE ${fits}`).get(...all.values)?.total,
          ),
        }
      : isInOrder
        ? countUpTo(database, `FROM traces WHERE ${fits}`, all.values, page)
        : undefined;
  const [hits, total] =
    counted === undefined
      ? [
          `hits AS MATERIALIZED (SELECT traces.id, ${sortColumns[sort.by]} AS place ${from}),`,
          '(SELECT count(*) FROM hits)',
        ]
      : ['', '0'];
  const rowsOfPage =
    counted === undefined
      ? `SELECT id FROM hits ORDER BY place ${direction}, id ${direction}`
      : `SELECT traces.id ${from} ORDER BY ${sortColumns[sort.by]} ${direction}, ${isPreview ? 'p.trace' : 'traces.id'} ${direction}`;
  const rows = database
    .prepareOnce(
      `WITH ${hits} page AS MATERIALIZED (${rowsOfPage} LIMIT ? OFFSET ?)
       SELECT traces.*, input AS said_in, output AS said_out, models, tokens, cost, ${total} AS total
       FROM page CROSS JOIN traces USING (id) LEFT JOIN trace_previews ON trace = id ORDER BY ${order}`,
    )
    .all(...all.values, page.limit, page.offset);
  const items = rows.map((row) => ({
    ...listItem(row),
    input_preview: textOrNull(row.said_in),
    output_preview: textOrNull(row.said_out),
    models: JSON.parse(textOrNull(row.models) ?? '[]') as string[], // written by this store
  }));
  // Beyond the last page, no row has the total.
  return { items, ...(counted ?? { total: Number(rows[0]?.total ?? (page.offset === 0 ? 0 : page.offset)) }) };
}

/** Totals of traces by release or environment, the latest seen first. */
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
  addTraceConditions(database, all, project, text, { hasWords }, false);
  const rows = database
    .prepareOnce(
      `SELECT ${by} AS name, count(*) AS calls, sum(status = 'ERROR') AS failures, sum(total_tokens) AS tokens,
         sum(total_cost) AS cost, max(started) AS last,
         ${latencyList} AS latencies
       FROM traces WHERE ${all.parts.join(' AND ')} GROUP BY 1 ORDER BY last DESC, 1 LIMIT 200`,
    )
    .all(...all.values);
  return rows.map(groupOf);
}

function addTraceConditions(
  database: Database,
  all: Conditions,
  project: number,
  filter: FilterText,
  { hasWords, range }: { readonly hasWords: boolean; readonly range?: RowRange | undefined },
  isInOrder: boolean,
): void {
  const { texts, limits, tags, words } = filter;
  addText(all, 'name', texts.name);
  addExact(
    all,
    'status',
    texts.status?.map((status) => status.toUpperCase().replace(/^OK$/, 'COMPLETED')),
  );
  addText(all, 'release', texts.release);
  addText(all, 'environment', texts.env);
  addExact(all, 'user_id', texts.user);
  addExact(all, 'session_id', texts.session);
  for (const tag of tags) {
    add(all, 'traces.id IN (SELECT trace FROM trace_tags WHERE project = ? AND tag = ?)', project, tag);
  }
  addLimit(all, 'span_count', limits.spans);
  const steps: Conditions = { parts: ['steps.project = ?'], values: [project] };
  if (texts.kind === undefined && texts.model === undefined && texts.error === undefined) {
    addLimit(all, 'latency', limits.duration);
    addLimit(all, 'total_tokens', limits.tokens);
    addLimit(all, 'total_cost', limits.cost);
  } else {
    // With a kind or a model, the numbers are those of that step.
    addStepConditions(steps, filter);
    const hits = `SELECT trace FROM steps WHERE ${steps.parts.join(' AND ')}`;
    if (!isInOrder || isFew(database, hits, steps.values)) add(all, `traces.id IN (${hits})`, ...steps.values);
    else {
      // If many match, traces are tested one by one in the order of the list, until the page is full.
      const own: Conditions = { parts: [], values: [] };
      addStepConditions(own, filter, '+');
      const where = `trace = traces.id AND ${own.parts.join(' AND ')}`;
      add(all, `EXISTS (SELECT 1 FROM steps WHERE ${where})`, ...own.values);
    }
  }
  addWords(all, words, { hasWords, key: 'traces.id', name: 'folded', range });
}
