import type { ItemKind } from './item.js';

/**
 * What the backend limits apart from each other. Source: backend-contract.md, *Rate limit*: 100 `POST /traces` a minute for each key,
 * 200 of everything else.
 */
export type Route = 'traces' | 'other';

export const routes: readonly Route[] = ['traces', 'other'];

/** The route of an item's next request. */
export function routeOf(item: { readonly kind: ItemKind; readonly acknowledged: number }): Route {
  return item.kind === 'trace' && item.acknowledged === 0 ? 'traces' : 'other';
}
