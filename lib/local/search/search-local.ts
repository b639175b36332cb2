import { type Api, type ApiPage, maxPage, type Params } from '../api/api.js';
import type { CommandContext } from '../command-line/command.js';
import type { TraceListItem } from '../store/trace-list.js';
import { askSearch } from './ask-search.js';
import type { Found } from './found.js';

interface FoundPage extends ApiPage<TraceListItem & Readonly<Record<string, unknown>>> {
  readonly indexing: number;
  readonly at_least?: true;
}

/**
 * Searches with the index of a local server. Undefined if that is not possible: another server, options that the filter cannot
 * express, or traces that are not indexed yet if all are needed.
 */
export async function searchLocal(
  context: CommandContext,
  api: Api,
  { name: _, ...params }: Params,
  filter: string | undefined,
  { limit, offset }: { readonly limit: number; readonly offset: number },
): Promise<Found | undefined> {
  if (filter === undefined || params.sort_by === 'ended_at') return undefined;
  const isPartGood = limit !== Number.POSITIVE_INFINITY;
  const items: TraceListItem[] = [];
  for (;;) {
    const part = { limit: Math.min(maxPage, limit - items.length), offset: offset + items.length };
    const asked = { ...params, filter, ...part };
    const page = await askSearch<FoundPage>(context, api, '/local/traces', asked, isPartGood);
    if (page === undefined) return undefined;
    for (const { input_preview: __, output_preview: ___, models: ____, ...item } of page.items) items.push(item);
    if (items.length < limit && page.items.length === part.limit) continue;
    const { total, at_least: isMore, indexing } = page;
    return { items, total, ...(isMore === true ? { at_least: true } : {}), ...(indexing > 0 ? { indexing } : {}) };
  }
}
