import type { TraceListItem } from '../store/trace-list.js';
import { type Api, type ApiPage, maxPage, type Params } from './api.js';
import { askSearch } from './ask-search.js';
import type { CommandContext } from './command.js';

interface FoundPage extends ApiPage<TraceListItem & Readonly<Record<string, unknown>>> {
  readonly indexing: number;
  readonly at_least?: true;
}

/** Lets a local server search: it has an index. Undefined where it cannot: another server, or what its filter has no words for. */
export async function searchLocal(
  context: CommandContext,
  api: Api,
  { name: _, ...params }: Params,
  filter: string | undefined,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<{ readonly items: TraceListItem[]; readonly total: number; readonly at_least?: true } | undefined> {
  if (filter === undefined || params.sort_by === 'ended_at') return undefined;
  const items: TraceListItem[] = [];
  for (;;) {
    const part = { limit: Math.min(maxPage, limit - items.length), offset: offset + items.length };
    const page = await askSearch<FoundPage>(context, api, '/local/traces', { ...params, filter, ...part });
    if (page === undefined) return undefined;
    for (const { input_preview: __, output_preview: ___, models: ____, ...item } of page.items) items.push(item);
    if (items.length >= limit || page.items.length < part.limit)
      return { items, total: page.total, ...(page.at_least === true ? { at_least: true } : {}) };
  }
}
