import { randomUUID } from 'node:crypto';
import type { ReceivedRequest } from './receiver.js';
import type { Store, StoredScore, StoredTrace } from './receiver-store.js';

/** An answer of the backend. */
export interface CallAnswer {
  readonly status: number;
  readonly body?: unknown;
}

type Fields = Record<string, unknown>;

/** Handles a request as the backend does. Source: backend-contract.md, *Writing*, *Answers*, *Reading*. */
export function handle(store: Store, request: ReceivedRequest): CallAnswer {
  const { headers, path } = request;
  if (headers['x-api-key'] === undefined) return { status: 401, body: { detail: 'Missing API key' } };
  if (headers['x-project-name'] === undefined) return { status: 422, body: { detail: 'Missing project name' } };
  const [, , traceId = '', , spanId = ''] = path.split('/');
  const fields = isFields(request.body) ? request.body : undefined;
  switch (request.call) {
    case 'POST /traces':
      return postTrace(store, fields);
    case 'POST /traces/{trace_id}/spans':
      return postSpans(store, traceId, request.body);
    case 'POST /evaluations/trace-scores':
      return postScore(store, fields);
    case 'PATCH /traces/{trace_id}':
      if (!store.has(traceId)) return notFound();
      store.patchTrace(traceId, fields ?? {});
      return { status: 200, body: store.trace(traceId) };
    case 'PATCH /traces/{trace_id}/spans/{span_id}':
      if (!store.hasSpan(traceId, spanId)) return notFound();
      store.patchSpan(traceId, spanId, fields ?? {});
      return { status: 200, body: { span_id: spanId } };
    case 'GET /traces':
      return { status: 200, body: page(store.traces(), request.query) };
    case 'GET /traces/{trace_id}': {
      const trace = store.trace(traceId);
      return trace === undefined ? notFound() : { status: 200, body: { ended_at: null, ...trace } };
    }
    case 'DELETE /traces/{trace_id}':
      return store.remove(traceId) ? { status: 204 } : notFound();
    case 'GET /evaluations/trace-scores':
      return { status: 200, body: page(scores(store, request.query), request.query) };
    case 'GET /evaluations/trace-scores/{trace_id}':
      return { status: 200, body: latest(store.trace(path.split('/')[3] ?? '')) };
    default:
      return notFound();
  }
}

function postTrace(store: Store, trace: Fields | undefined): CallAnswer {
  if (trace === undefined) return invalid('body', 'Input should be an object');
  const missing = ['name', 'started_at'].find((field) => typeof trace[field] !== 'string' || trace[field] === '');
  if (missing !== undefined) return invalid(`body -> ${missing}`, 'Field required');
  const spans: unknown[] = Array.isArray(trace.spans) ? trace.spans : [];
  if (spans.length > 500) return invalid('body -> spans', 'List should have at most 500 items');
  const bad = spans.findIndex((span) => !isSpan(span));
  if (bad >= 0) return invalid(`body -> spans -> ${bad} -> name`, 'Field required');
  const traceId = typeof trace.trace_id === 'string' ? trace.trace_id : randomUUID();
  store.upsertTrace({ ...trace, trace_id: traceId });
  return { status: 202, body: { trace_id: traceId, task_id: randomUUID() } };
}

function postSpans(store: Store, traceId: string, body: unknown): CallAnswer {
  if (!Array.isArray(body) || body.length < 1 || body.length > 500)
    return invalid('body', 'List should have 1 to 500 items');
  const bad = body.findIndex((span) => !isSpan(span));
  if (bad >= 0) return invalid(`body -> ${bad} -> name`, 'Field required');
  if (!store.has(traceId)) return notFound();
  store.upsertSpans(traceId, body as Fields[]); // checked above
  return { status: 201, body: { span_ids: body.map((span: Fields) => span.span_id) } };
}

function postScore(store: Store, score: Fields | undefined): CallAnswer {
  if (score === undefined || typeof score.name !== 'string') return invalid('body -> name', 'Field required');
  if (typeof score.value !== 'string') return invalid('body -> value', 'Input should be a valid string');
  if (!store.has(String(score.trace_id))) return { status: 500, body: { detail: 'Internal server error' } };
  const stored = { ...score, id: randomUUID(), created_at: new Date().toISOString(), status: 'SUCCESS' };
  store.addScore(stored as unknown as StoredScore); // name, value and trace_id checked above
  return { status: 201, body: stored };
}

function scores(store: Store, query: URLSearchParams): StoredScore[] {
  const traceId = query.get('trace_id');
  const name = query.get('name');
  return store
    .traces()
    .flatMap((trace) => trace.scores)
    .filter((score) => (traceId === null || score.trace_id === traceId) && (name === null || score.name === name))
    .reverse();
}

/** The latest score of each name. */
function latest(trace: StoredTrace | undefined): StoredScore[] {
  return [...new Map(trace?.scores.map((score) => [score.name, score])).values()];
}

function page(items: readonly unknown[], query: URLSearchParams): Fields {
  const limit = Number(query.get('limit') ?? 50);
  const offset = Number(query.get('offset') ?? 0);
  return { items: items.slice(offset, offset + limit), total: items.length, limit, offset };
}

function notFound(): CallAnswer {
  return { status: 404, body: { detail: 'Not found' } };
}

function invalid(field: string, message: string): CallAnswer {
  return { status: 422, body: { detail: 'Validation error', errors: [{ field, message }] } };
}

function isSpan(value: unknown): boolean {
  return isFields(value) && typeof value.name === 'string' && value.name !== '' && typeof value.started_at === 'string';
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
