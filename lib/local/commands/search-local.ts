import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { type Api, type ApiPage, interrupted, maxPage, type Params } from './api.js';
import { type CommandContext, textOption } from './command.js';

interface FoundPage extends ApiPage<TraceListItem & Readonly<Record<string, unknown>>> {
  /** How many traces are not searched yet. */
  readonly indexing: number;
}

/** Longest wait for the server to search what it has just stored. */
const longestWaits = 200;
const waitMs = 50;

/**
 * Lets a local server search by kind and text: it has an index. Undefined where it cannot: another server, or what its filter
 * has no words for.
 */
export async function searchLocal(
  context: CommandContext,
  api: Api,
  { name: _, ...params }: Params,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly items: TraceListItem[]; readonly total: number } | undefined> {
  const filter = filterOf(context);
  if (filter === undefined || params.sort_by === 'ended_at') return undefined;
  const items: TraceListItem[] = [];
  for (let waits = 0; ; ) {
    const part = { limit: Math.min(maxPage, limit - items.length), offset: offset + items.length };
    const page = await ask(api, { ...params, filter, ...part });
    if (page === undefined) return undefined;
    if (page.indexing > 0) {
      waits += 1;
      if (waits > longestWaits) return undefined;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (context.signal.aborted) throw interrupted();
      continue;
    }
    for (const { input_preview: __, output_preview: ___, models: ____, ...item } of page.items) items.push(item);
    if (items.length >= limit || page.items.length < part.limit) return { items, total: page.total };
  }
}

/** Source: `docs/viewer.md`, *Search*: keys, and words in quotes. */
function filterOf(context: CommandContext): string | undefined {
  const [kind, text, name] = ['kind', 'text', 'name'].map((option) => textOption(context, option));
  if (text?.includes('"') === true || /["*]/.test(name ?? '')) return undefined;
  return [
    kind === undefined ? '' : `kind:${kind.toLowerCase()}`,
    name === undefined ? '' : `name:"*${name}*"`,
    text === undefined ? '' : `text:"${text}"`,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

async function ask(api: Api, params: Params): Promise<FoundPage | undefined> {
  try {
    return await api.get<FoundPage>('/local/traces', params);
  } catch (error) {
    if (error instanceof LocalFailure && error.ending === 'notFound') return undefined;
    throw error;
  }
}
