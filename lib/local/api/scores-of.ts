import { type Api, type ApiPage, type ApiScore, maxPage } from './api.js';

/** The scores of each trace. */
interface ScoresOf {
  of(traceId: string): Promise<readonly ApiScore[]>;
}

const path = '/evaluations/trace-scores';

/**
 * Reads all scores of a project at once if they are few in comparison with the number of `traces`; otherwise those of each trace.
 */
export async function readScores(api: Api, traces: number): Promise<ScoresOf> {
  const first = await api.get<ApiPage<ApiScore>>(path, { limit: maxPage });
  if (first.total > maxPage * Math.max(1, traces)) return { of: (traceId) => scoresOf(api, traceId) };
  const byTrace = new Map<string, ApiScore[]>();
  for (let page = first, offset = 0; ; ) {
    for (const score of page.items) {
      const found = byTrace.get(score.trace_id);
      if (found === undefined) byTrace.set(score.trace_id, [score]);
      else found.push(score);
    }
    offset += maxPage;
    if (page.items.length < maxPage) break;
    page = await api.get<ApiPage<ApiScore>>(path, { limit: maxPage, offset });
  }
  return { of: async (traceId) => byTrace.get(traceId) ?? [] };
}

/** All scores of one trace, the latest first. */
export async function scoresOf(api: Api, traceId: string): Promise<readonly ApiScore[]> {
  const found: ApiScore[] = [];
  for (let offset = 0; ; offset += maxPage) {
    const { items } = await api.get<ApiPage<ApiScore>>(path, { trace_id: traceId, limit: maxPage, offset });
    found.push(...items);
    if (items.length < maxPage) return found;
  }
}
