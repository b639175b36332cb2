import { SpanKind, TraceStatus } from '../../model/kinds.js';
import type { TraceListItem } from '../store/trace-list.js';
import { type Api, type ApiPage, type ApiTrace, interrupted, maxPage, type Params } from './api.js';
import { type CommandContext, choiceOption, type Option, textOption, textsOption } from './command.js';
import { eachOf } from './each-of.js';
import { searchLocal } from './search-local.js';
import { timeOptions, timesOf } from './times.js';

const statuses = Object.keys(TraceStatus);
const kinds = Object.keys(SpanKind);

/** Options that select traces. */
export const filterOptions: Readonly<Record<string, Option>> = {
  status: { type: 'string', value: '<status>', choices: statuses, about: 'PENDING, RUNNING, COMPLETED or ERROR' },
  name: { type: 'string', value: '<text>', about: 'part of the name' },
  text: { type: 'string', value: '<text>', about: 'a text anywhere in it: names, inputs, outputs, metadata, errors' },
  kind: { type: 'string', value: '<kind>', choices: kinds, about: `has a span of this kind: ${kinds.join(', ')}` },
  session: { type: 'string', value: '<id>', about: 'the session' },
  user: { type: 'string', value: '<id>', about: 'the user' },
  tag: { type: 'string', multiple: true, value: '<tag>', about: 'a tag; given more than once, at least one of them' },
  ...timeOptions,
};

/** The options as parameters of `GET /traces`. */
export function filterParams(context: CommandContext): Params {
  const { after, before } = timesOf(context);
  return {
    status: choiceOption(context, 'status', statuses),
    name: textOption(context, 'name'),
    session_id: textOption(context, 'session'),
    user_id: textOption(context, 'user'),
    tags: textsOption(context, 'tag'),
    started_after: after,
    started_before: before,
  };
}

/** Whether any of the options is given. */
export function isFiltered(context: CommandContext): boolean {
  return Object.keys(filterOptions).some((name) => context.options[name] !== undefined);
}

/** The test that needs the whole trace; undefined if the list is enough. */
function contentTest(context: CommandContext): ((trace: ApiTrace) => boolean) | undefined {
  const text = textOption(context, 'text')?.toLowerCase();
  const kind = choiceOption(context, 'kind', kinds);
  if (text === undefined && kind === undefined) return undefined;
  return (trace) => {
    if (kind !== undefined && !trace.spans.some((span) => span.kind === kind)) return false;
    return text === undefined || holds(trace, text);
  };
}

/** Whether a text occurs in any name or value, ignoring case. */
function holds(trace: ApiTrace, text: string): boolean {
  // A list instead of recursion: values may be nested deeper than the stack.
  const todo: unknown[] = [trace];
  for (let value = todo.pop(); todo.length > 0 || value !== undefined; value = todo.pop()) {
    if (typeof value === 'string' && value.toLowerCase().includes(text)) return true;
    if (typeof value === 'object' && value !== null) {
      for (const each of Object.values(value)) if (each !== undefined) todo.push(each);
    }
  }
  return false;
}

/** A part of the traces that the options name, and how many were looked at or are there in all. */
export interface Found {
  readonly items: TraceListItem[];
  readonly total: number;
  /** How many traces were read to find them; undefined if the server did the search. */
  readonly read?: number;
}

/** The selected traces from `offset` on, at most `limit`. For a test that needs whole traces, at most `maxRead` are read. */
export async function findTraces(
  context: CommandContext,
  api: Api,
  {
    limit,
    offset,
    ...order
  }: { limit: number; offset: number; sort_by?: string | undefined; sort_order?: string | undefined },
  maxRead = Number.POSITIVE_INFINITY,
): Promise<Found> {
  const params = { ...filterParams(context), ...order };
  const test = contentTest(context);
  if (test === undefined) return api.get<ApiPage<TraceListItem> & Found>('/traces', { ...params, limit, offset });
  const searched = await searchLocal(context, api, params, { limit, offset });
  if (searched !== undefined) return searched;
  const items: TraceListItem[] = [];
  let read = 0;
  let total = 0;
  for (let from = 0; ; from += maxPage) {
    const page = await api.get<ApiPage<TraceListItem>>('/traces', { ...params, limit: maxPage, offset: from });
    total = page.total;
    const fits = await eachOf(page.items, async ({ trace_id: id }) => test(await api.get<ApiTrace>(`/traces/${id}`)));
    read += page.items.length;
    items.push(...page.items.filter((_, at) => fits[at]));
    context.terminal.progress(`${count(read)} of ${count(total)} traces read, ${count(items.length)} found`);
    if (items.length >= offset + limit || page.items.length < maxPage || read >= maxRead) break;
    if (context.signal.aborted) throw interrupted();
  }
  context.terminal.progress('');
  return { items: items.slice(offset, offset + limit), total, read };
}

const digits = new Intl.NumberFormat('en-US');

/** A number with thousands separators. */
export function count(number: number): string {
  return digits.format(number);
}
