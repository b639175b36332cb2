import type { ItemKind } from './item.js';

/**
 * Requests that a backend limits apart from each other: `traces` are those that create a trace, `other` those that need a trace
 * that is stored. A backend with one limit for all requests uses `traces` only.
 */
export type Route = 'traces' | 'other';

export const routes: readonly Route[] = ['traces', 'other'];

/** How far the sending of an item is. */
export interface Progress {
  readonly kind: ItemKind;
  /** Bodies acknowledged so far. */
  readonly acknowledged: number;
}

/** What a backend's protocol says about items. */
export interface ItemRules {
  /** The route of an item's next request. */
  routeOf(item: Progress): Route;
  /** Whether an item of this kind may be sent twice: the second time changes nothing. */
  isRepeatable(kind: ItemKind): boolean;
}
