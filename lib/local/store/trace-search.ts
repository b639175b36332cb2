import type { FilterText } from '../wire/filter-text.js';
import type { PageRange } from '../wire/query.js';
import { parseTime } from '../wire/time.js';
import { isCommonWord, neighboursOf } from './common-word.js';
import type { Database } from './database.js';
import {
  add,
  addExact,
  addLimits,
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
import type { Cell, Row } from './sqlite.js';
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

/** A page of traces. */
interface FoundPage {
  readonly items: FoundTrace[];
  readonly total: number;
  /** There are more than `total`, which was not counted to the end. */
  readonly at_least?: true;
}

interface SearchSort {
  readonly by: (typeof searchSorts)[number];
  readonly order: (typeof sortOrders)[number];
}

/** One page of the traces that match a filter, and their total number, or a lower bound of it. */
export function searchTraces(
  database: Database,
  project: number,
  filter: TraceFilter,
  text: FilterText,
  sort: SearchSort,
  page: PageRange,
  hasWords: boolean,
): FoundPage {
  const search: Search = { project, filter, text, sort, page, hasWords };
  const isCommon = sort.by === 'started_at' && isCommonWord(database, project, filter, text, page, hasWords);
  const near = isCommon ? neighboursOf(database, project, directionOf(sort), page) : undefined;
  if (near !== undefined) {
    const found = findTraces(database, search, isCommon, near);
    const last = found.items.length === page.limit ? parseTime(found.items.at(-1)?.started_at) : undefined;
    const isBefore = (a: number, b: number) => (sort.order === 'asc' ? a < b : a > b);
    // Traces that are not among the neighbours come after all of them.
    if (near.last === undefined || (last !== undefined && isBefore(last, near.last))) return found;
  }
  return findTraces(database, search, isCommon);
}

interface Search {
  readonly project: number;
  readonly filter: TraceFilter;
  readonly text: FilterText;
  readonly sort: SearchSort;
  readonly page: PageRange;
  readonly hasWords: boolean;
}

/** The parts of a query for the matching traces in order. */
interface TraceQuery {
  readonly from: string;
  readonly values: readonly Cell[];
  /** The column by which it sorts, and the row id that decides between equal ones. */
  readonly column: string;
  readonly id: string;
  readonly direction: 'ASC' | 'DESC';
}

function directionOf({ order }: SearchSort): 'ASC' | 'DESC' {
  return order === 'asc' ? 'ASC' : 'DESC';
}

/**
 * @param isCommon - whether the filter is only one word, which many traces have
 * @param range - the only traces in which words are looked up
 */
function findTraces(database: Database, search: Search, isCommon: boolean, range?: RowRange): FoundPage {
  const { project, filter, text, sort, page, hasWords } = search;
  const { where, values } = conditions(project, filter);
  const isByPreview = sort.by === 'tokens' || sort.by === 'cost';
  // If false, all hits are found and counted first: words are looked up all at once.
  const isInOrder = (isByPreview || sort.by === 'started_at') && (text.words.length === 0 || isCommon);
  const all: Conditions = { parts: [where], values };
  addTraceConditions(database, all, project, text, { hasWords, range }, isInOrder);
  const fits = all.parts.join(' AND ').replace(/\bproject = \?/, 'traces.project = ?');
  const query: TraceQuery = {
    // `trace_previews` has an index for tokens and cost. Traces that are not indexed yet are missing in it.
    from: isByPreview
      ? `FROM trace_previews AS p CROSS JOIN traces ON traces.id = p.trace WHERE p.project = ${project} AND ${fits}`
      : `FROM traces WHERE ${fits}`,
    values: all.values,
    column: sortColumns[sort.by],
    id: isByPreview ? 'p.trace' : 'traces.id',
    direction: directionOf(sort),
  };
  let counted: Omit<FoundPage, 'items'> | undefined;
  if (isCommon) counted = { total: mostCountedFor(page) + 1, at_least: true };
  else if (all.parts.length === 1) counted = { total: countAll(database, fits, all.values) };
  else if (isInOrder) counted = countUpTo(database, `FROM traces WHERE ${fits}`, all.values, page);
  const rows = readPage(database, query, page, counted !== undefined);
  const items = rows.map(foundTrace);
  // Beyond the last page, no row has the total.
  return { items, ...(counted ?? { total: Number(rows[0]?.total ?? (page.offset === 0 ? 0 : page.offset)) }) };
}

function countAll(database: Database, where: string, values: readonly Cell[]): number {
  return Number(database.prepareOnce(`SELECT count(*) AS total FROM traces WHERE ${where}`).get(...values)?.total);
}

/** The rows of a page. If the hits are not counted yet, all of them are collected, and each row has their number as `total`. */
function readPage(database: Database, query: TraceQuery, page: PageRange, isCounted: boolean): Row[] {
  const { from, values, column, id, direction } = query;
  const [hits, ids, total] = isCounted
    ? ['', `SELECT traces.id ${from} ORDER BY ${column} ${direction}, ${id} ${direction}`, '0']
    : [
        `hits AS MATERIALIZED (SELECT traces.id, ${column} AS place ${from}),`,
        `SELECT id FROM hits ORDER BY place ${direction}, id ${direction}`,
        '(SELECT count(*) FROM hits)',
      ];
  return database
    .prepareOnce(
      `WITH ${hits} page AS MATERIALIZED (${ids} LIMIT ? OFFSET ?)
       SELECT traces.*, input AS said_in, output AS said_out, models, tokens, cost, ${total} AS total
       FROM page CROSS JOIN traces USING (id) LEFT JOIN trace_previews ON trace = id
       ORDER BY ${column} ${direction}, traces.id ${direction}`,
    )
    .all(...values, page.limit, page.offset);
}

function foundTrace(row: Row): FoundTrace {
  return {
    ...listItem(row),
    input_preview: textOrNull(row.said_in),
    output_preview: textOrNull(row.said_out),
    models: JSON.parse(textOrNull(row.models) ?? '[]') as string[], // written by this store
  };
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
  addText(
    all,
    'folded',
    texts.name?.map((name) => name.toLowerCase()),
  );
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
  addLimits(all, 'span_count', limits.spans);
  const steps: Conditions = { parts: ['steps.project = ?'], values: [project] };
  if (texts.kind === undefined && texts.model === undefined && texts.error === undefined) {
    addLimits(all, 'latency', limits.duration);
    addLimits(all, 'total_tokens', limits.tokens);
    addLimits(all, 'total_cost', limits.cost);
  } else {
    // If a kind, a model or an error selects steps, the limits apply to these steps, not to the whole trace.
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
