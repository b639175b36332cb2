import { isObject, parse } from '../text/json.js';

/**
 * The body of a trace that stands in for one that another process has not sent: running, named like the span that began first, with
 * the spans in it. When the true one comes, its fields take their place and the spans stay (backend-contract.md, *Repeats*).
 * Undefined where `body` holds no spans.
 */
export function placeholderOf(traceId: string, body: string): string | undefined {
  const parsed = parse(body);
  const spans = Array.isArray(parsed) ? parsed.filter(isObject) : [];
  let [first] = spans;
  for (const span of spans) if (String(span.started_at) < String(first?.started_at)) first = span;
  if (first === undefined) return undefined;
  const { session_id, user_id } = isObject(first.metadata) ? first.metadata : {};
  const { name, started_at } = first;
  const labels = { session_id: labelOf(session_id), user_id: labelOf(user_id) };
  return JSON.stringify({ trace_id: traceId, name, status: 'RUNNING', started_at, ...labels, spans });
}

function labelOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The spans in a placeholder, as a body; any other body unchanged. */
export function spansIn(body: string): string {
  return isPlaceholder(body) ? JSON.stringify((parse(body) as { readonly spans: unknown }).spans) : body; // made by `placeholderOf`
}

/** Late spans are a list, and a placeholder is an object. */
export function isPlaceholder(body: Buffer | string | undefined): boolean {
  return typeof body === 'string' && body.startsWith('{');
}
