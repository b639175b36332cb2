import { type Api, type ApiPage, type ApiSpan, type ApiTrace, interrupted, maxPage } from '../api/api.js';
import { eachOf } from '../api/each-of.js';
import { costOf, tokensOf } from '../api/figures.js';
import type { CommandContext } from '../command-line/command.js';
import { count } from '../command-line/number-text.js';
import type { StepListItem } from '../store/steps.js';
import type { TraceListItem } from '../store/trace-list.js';
import { askSearch } from './ask-search.js';
import { fittingSpans } from './filter-test.js';
import { askedWords } from './filter-words.js';
import type { Searching } from './found.js';
import { timesOf } from './times.js';

/** One page of the steps that the options select. */
export interface FoundSteps extends Searching {
  readonly items: readonly StepListItem[];
  readonly total: number;
}

/** The sort keys of steps. */
export const stepSorts = ['started_at', 'duration', 'latency', 'tokens', 'cost', 'name'] as const;
/** A sort key of steps. */
export type StepSort = (typeof stepSorts)[number];

/** How many of the newest traces are read from a server that has no search. */
const maxTracesRead = 1000;

/** The order, and the page. */
interface StepPart {
  readonly sort: StepSort;
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly offset: number;
}

/** The selected spans of all traces. From another server than a local one, the newest traces are read one by one. */
export async function findSteps(context: CommandContext, api: Api, part: StepPart): Promise<FoundSteps> {
  const { sort, order, limit, offset } = part;
  const { text } = askedWords(context);
  if (text !== undefined) {
    const sort_by = sort === 'duration' ? 'latency' : sort;
    const params = { ...startedIn(context), filter: text, sort_by, sort_order: order, limit, offset };
    const found = await askSearch<FoundSteps & { indexing: number }>(context, api, '/local/steps', params);
    if (found !== undefined) return found;
  }
  const { found: steps, read, of } = await readSteps(context, api);
  const sorted = steps.toSorted((one, other) => (order === 'asc' ? 1 : -1) * compared(one, other, sort));
  return { items: sorted.slice(offset, offset + limit), total: steps.length, read, of };
}

/** The steps found in the newest traces, the number of traces read, and the number of all traces. */
export interface ReadTraces<T> {
  readonly found: readonly T[];
  readonly read: number;
  readonly of: number;
}

/** Reads the newest selected traces, and returns what `find` finds in each. */
export async function readNewest<T>(
  context: CommandContext,
  api: Api,
  find: (trace: ApiTrace) => readonly T[],
): Promise<ReadTraces<T>> {
  const { user, session } = askedWords(context).filter.texts;
  // The list accepts only one name, and no pattern.
  const whole = (texts: readonly string[] = []) =>
    texts.length > 1 || texts[0]?.includes('*') === true ? undefined : texts[0];
  const params = { ...startedIn(context), user_id: whole(user), session_id: whole(session) };
  const found: T[] = [];
  let read = 0;
  let of = 0;
  for (let offset = 0; offset < maxTracesRead; offset += maxPage) {
    const page = await api.get<ApiPage<TraceListItem>>('/traces', { ...params, limit: maxPage, offset });
    of = page.total;
    const traces = await eachOf(page.items, async ({ trace_id: id }) => {
      const trace = await api.getIfThere<ApiTrace>(`/traces/${id}`);
      return trace === undefined ? [] : find(trace);
    });
    for (const steps of traces) for (const step of steps) found.push(step);
    read += page.items.length;
    context.terminal.progress(`${count(read)} of ${count(of)} traces read`);
    if (page.items.length < maxPage) break;
    if (context.signal.aborted) throw interrupted();
  }
  context.terminal.progress('');
  return { found, read, of };
}

/** The matching steps of the newest traces. */
export function readSteps(context: CommandContext, api: Api): Promise<ReadTraces<StepListItem>> {
  const { filter } = askedWords(context);
  return readNewest(context, api, (trace) => fittingSpans(trace, filter).map((span) => rowOf(trace, span)));
}

/** The period as parameters. */
export function startedIn(context: CommandContext) {
  const { after, before } = timesOf(context);
  return { started_after: after, started_before: before };
}

function rowOf({ trace_id, name: trace_name }: ApiTrace, span: ApiSpan): StepListItem {
  const { span_id, name, kind, model, status, started_at, latency_ms, error } = span;
  const sums = { total_tokens: tokensOf(span), total_cost: costOf(span) };
  return { span_id, trace_id, trace_name, name, kind, model, status, started_at, latency_ms, ...sums, error };
}

/** Compares two steps. A step that has not ended sorts as the quickest, as on a local server. */
function compared(one: StepListItem, other: StepListItem, sort: StepSort): number {
  if (sort === 'name') return one.name < other.name ? -1 : Number(one.name > other.name);
  if (sort === 'started_at') return Date.parse(one.started_at) - Date.parse(other.started_at);
  if (sort === 'tokens') return one.total_tokens - other.total_tokens;
  if (sort === 'cost') return one.total_cost - other.total_cost;
  return (one.latency_ms ?? -1) - (other.latency_ms ?? -1);
}
