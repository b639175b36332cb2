import { maxSpansPerRequest } from '../../model/limits.js';
import type { Api, ApiScore } from './api.js';
import { scoresOf } from './scores-of.js';

/** Sends a trace of an export. It has more fields than a request; the server ignores them. */
export async function putTrace(api: Api, given: Readonly<Record<string, unknown>>): Promise<void> {
  const { spans, scores, ...trace } = given;
  const all: unknown[] = Array.isArray(spans) ? spans : [];
  const first = { ...trace, spans: all.slice(0, maxSpansPerRequest) };
  const { trace_id: traceId } = await api.send<{ trace_id: string }>('POST', '/traces', first);
  for (let at = maxSpansPerRequest; at < all.length; at += maxSpansPerRequest) {
    await api.send('POST', `/traces/${traceId}/spans`, all.slice(at, at + maxSpansPerRequest));
  }
  if (!Array.isArray(scores) || scores.length === 0) return;
  // A score has no id in a request, so stored scores are recognized by their content.
  const known = new Set((await scoresOf(api, traceId)).map(contentKey));
  for (const score of (scores as ApiScore[]).toReversed()) {
    if (known.has(contentKey(score))) continue;
    const { name, value, data_type, source, reason, metadata } = score;
    const body = { trace_id: traceId, name, value, data_type, source, reason, metadata };
    await api.send('POST', '/evaluations/trace-scores', body);
  }
}

function contentKey({ name, value, source, reason }: ApiScore): string {
  return JSON.stringify([name, value, source, reason]);
}
