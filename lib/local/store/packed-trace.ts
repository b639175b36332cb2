import { isObject } from '../wire/fields.js';
import { Issues } from '../wire/issues.js';
import { readTrace, type TraceInput } from '../wire/records.js';
import type { Database } from './database.js';
import { figuresOf, newSpanBody, type SpanBody } from './span-body.js';

// A trace usually comes in one request and is never changed. It is kept as the text of that request then, which costs
// a fraction of a row for each span, and is read when somebody looks at it:
//
//     POST /traces ──> traces (what lists show) · trace_values.request (the text) · packed_usage (what charts add up)
//                          │ anything that changes its values or spans
//                          v
//                      trace_values.input, output, metadata · spans
//
// So of `trace_values.request` on one hand and rows of `spans` on the other there is always only one.

/** Nested deeper than this, a value may be too much for the stack of what writes JSON. */
const maxDepth = 500;

/** Whether a new trace can be kept as the text it came in. `body` is that text, parsed, and `trace` what was read of it. */
export function isPackable(text: string, body: unknown, { spans }: TraceInput): boolean {
  const given: unknown = isObject(body) ? body.spans : undefined;
  // An id that was made up here is not in the text.
  const haveIds = !Array.isArray(given) || given.every((span) => isObject(span) && span.span_id !== undefined);
  if (!haveIds || new Set(spans.map((span) => span.span_id)).size < spans.length) return false;
  return count(text, '[') + count(text, '{') <= maxDepth || !isDeep(text);
}

function count(text: string, character: string): number {
  let found = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found += 1;
  return found;
}

/** Whether brackets stand within each other more than {@link maxDepth} deep. `text` is JSON. */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      do at = text.indexOf('"', at + 1);
      while (isEscaped(text, at));
    } else if (code === openList || code === openObject) {
      depth += 1;
      if (depth > maxDepth) return true;
    } else if (code === closeList || code === closeObject) {
      depth -= 1;
    }
  }
  return false;
}
const [quote, openList, closeList, openObject, closeObject, backslash] = [34, 91, 93, 123, 125, 92];

/** Whether an odd number of backslashes stands before this place. */
function isEscaped(text: string, at: number): boolean {
  let from = at;
  while (text.charCodeAt(from - 1) === backslash) from -= 1;
  return (at - from) % 2 === 1;
}

/** Notes what the spans of a packed trace used, for the charts. Inside a transaction. */
export function putPackedUsage(database: Database, key: number, project: number, { spans }: TraceInput): void {
  spans.forEach((span, at) => {
    const { prompt, completion, cost } = figuresOf(span);
    if (span.model === null && prompt === 0 && completion === 0 && cost === 0) return;
    database.run(
      `INSERT INTO packed_usage (project, started, trace, place, model, prompt_tokens, completion_tokens, cost)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[project, span.started_at, key, at, span.model, prompt, completion, cost],
    );
  });
}

/** Forgets what {@link putPackedUsage} noted. Inside a transaction. */
export function removePackedUsage(database: Database, key: number, project: number, { spans }: TraceInput): void {
  for (const started of new Set(spans.map((span) => span.started_at))) {
    database.run('DELETE FROM packed_usage WHERE project = ? AND started = ? AND trace = ?', project, started, key);
  }
}

/** The trace a stored request holds. It was found right when it came, so nothing is wrong with it. */
export function readPacked(request: string): TraceInput {
  const trace = readTrace(JSON.parse(request), new Issues());
  if (trace === undefined) throw new Error('a stored trace is no JSON object');
  return trace;
}

/** The spans of a packed trace as they are answered, in the order they are answered. */
export function packedSpans(traceId: string, { spans }: TraceInput): SpanBody[] {
  const inOrder = spans.toSorted((a, b) => a.started_at - b.started_at || (a.span_id < b.span_id ? -1 : 1));
  return inOrder.map((span) => newSpanBody(traceId, span));
}
