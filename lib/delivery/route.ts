import type { ItemKind } from './item.js';
import type { Obstacle } from './protocol.js';

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

/** Statuses with which a gateway says that the backend behind it is not there, whatever was asked of it. */
const gone: readonly (number | undefined)[] = [502, 503, 504];

/** Whether an obstacle stands in the way of every request, and not only of those of its route. */
export function isOfAllRoutes({ cause, status }: Obstacle): boolean {
  return (
    cause === 'blocked' || (cause === 'fault' && status === undefined) || (cause !== 'absent' && gone.includes(status))
  );
}
