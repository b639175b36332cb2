import { TraceStatus } from '../../model/kinds.js';
import { type Api, type ApiPage, type ApiTrace, interrupted, maxPage, type Params } from '../api/api.js';
import { eachOf } from '../api/each-of.js';
import { type CommandContext, choiceOption, type Option, textOption, textsOption } from '../command-line/command.js';
import { count } from '../command-line/number-text.js';
import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { traceFits } from './filter-test.js';
import { type AskedWords, askedWords, wordOptions } from './filter-words.js';
import type { Found } from './found.js';
import { searchLocal } from './search-local.js';
import { timeOptions, timesOf } from './times.js';

const statuses = Object.keys(TraceStatus);
/** Sort keys that only the search of a local server supports. */
const searchSorts = ['tokens', 'cost', 'spans'];

/** Options that select traces. */
export const filterOptions: Readonly<Record<string, Option>> = {
  status: { type: 'string', value: '<status>', choices: statuses, about: 'PENDING, RUNNING, COMPLETED or ERROR' },
  name: { type: 'string', value: '<text>', about: 'part of the name' },
  session: { type: 'string', value: '<id>', about: 'the session' },
  user: { type: 'string', value: '<id>', about: 'the user' },
  tag: { type: 'string', multiple: true, value: '<tag>', about: 'a tag; given more than once, at least one of them' },
  ...wordOptions,
  ...timeOptions,
};

/** The options as parameters of `GET /traces`. @throws LocalFailure if an option is invalid */
export function filterParams(context: CommandContext): Params {
  const { after, before } = timesOf(context);
  wordsOf(context); // throws at once if they are wrong
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

/** Whether the options need more than the platform's list of traces has. */
export function isSearch(context: CommandContext): boolean {
  return Object.keys(wordOptions).some((name) => context.options[name] !== undefined);
}

/** The options as words of the search. Status, session, user and tags are parameters of the list as well. */
function wordsOf(context: CommandContext): AskedWords {
  const words = askedWords(context, ['status', 'session', 'user', 'tag']);
  // A star in a part of a name stands for itself, and in a filter for anything.
  return textOption(context, 'name')?.includes('*') === true ? { ...words, text: undefined } : words;
}

/**
 * The selected traces from `offset` on, at most `limit`. If whole traces must be read to select them, at most `maxRead` are read.
 */
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
  const words = wordsOf(context);
  const isSorted = searchSorts.includes(order.sort_by ?? '');
  if (!isSearch(context) && !isSorted)
    return api.get<ApiPage<TraceListItem> & Found>('/traces', { ...params, limit, offset });
  const searched = await searchLocal(context, api, params, words.text, { limit, offset });
  if (searched !== undefined) return searched;
  if (isSorted) {
    const why =
      words.text === undefined
        ? 'goes with no quote and no star in the other options'
        : `needs a local server, which ${api.endpoint} is not`;
    throw new LocalFailure('usage', `--sort ${order.sort_by} ${why}`);
  }
  const items: TraceListItem[] = [];
  let read = 0;
  let total = 0;
  for (let from = 0; ; from += maxPage) {
    const page = await api.get<ApiPage<TraceListItem>>('/traces', { ...params, limit: maxPage, offset: from });
    total = page.total;
    const fits = await eachOf(page.items, async ({ trace_id: id }) => {
      const trace = await api.getIfThere<ApiTrace>(`/traces/${id}`);
      return trace !== undefined && traceFits(trace, words.filter);
    });
    read += page.items.length;
    items.push(...page.items.filter((_, at) => fits[at]));
    context.terminal.progress(`${count(read)} of ${count(total)} traces read, ${count(items.length)} found`);
    if (items.length >= offset + limit || page.items.length < maxPage || read >= maxRead) break;
    if (context.signal.aborted) throw interrupted();
  }
  context.terminal.progress('');
  return { items: items.slice(offset, offset + limit), total, read };
}
