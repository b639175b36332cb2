import type { ItemRules } from '../queue/route.js';

/**
 * A trace's first body is `POST /traces`, which has a limit of its own (backend-contract.md, *Rate limit*). Its other bodies, late
 * spans and scores are the other calls. A score that is sent twice is stored twice (backend-contract.md, *Repeats*).
 */
export const itemRules: ItemRules = {
  routeOf: ({ kind, acknowledged }) => (kind === 'trace' && acknowledged === 0 ? 'traces' : 'other'),
  isRepeatable: (kind) => kind !== 'score',
};
