import { isObject } from '../wire/fields.js';
import { Issues } from '../wire/issues.js';
import { readTrace, type SpanInput, type TraceInput } from '../wire/records.js';
import type { Database } from './database.js';
import { figuresOf, newSpanBody, type SpanBody } from './span-body.js';

// A trace usually comes in one request and is never changed. Then it is kept as the text of that request, which takes a
// fraction of the time of writing a row for each span. The text is parsed when the trace is read:
//
//     POST /traces ──> traces (what lists show) · trace_values.request (the text) · packed_usage (what charts add up)
//                          │ the first change to its values or spans
//                          v
//                      trace_values.input, output, metadata · spans
//
// Invariant: a trace has either `trace_values.request` or rows of `spans`, never both.

/** Whether a new trace can be kept as the text of its request. `body`: the text, parsed. `trace`: the trace that was read from it. */
export function isPackable(body: unknown, { spans }: TraceInput): boolean {
  const given: unknown = isObject(body) ? body.spans : undefined;
  // An id that was generated here is not in the text.
  const haveIds = !Array.isArray(given) || given.every((span) => isObject(span) && span.span_id !== undefined);
  return haveIds && new Set(spans.map((span) => span.span_id)).size === spans.length;
}

/** Stores the token usage of a packed trace's spans, for the charts. Inside a transaction. */
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

/** Removes the rows of {@link putPackedUsage}. Inside a transaction. */
export function removePackedUsage(database: Database, key: number, project: number, { spans }: TraceInput): void {
  for (const started of new Set(spans.map((span) => span.started_at))) {
    database.run('DELETE FROM packed_usage WHERE project = ? AND started = ? AND trace = ?', project, started, key);
  }
}

/** The trace of a stored request. It was validated before it was stored. */
export function readPacked(request: string): TraceInput {
  const trace = readTrace(JSON.parse(request), new Issues());
  if (trace === undefined) throw new Error('a stored trace is no JSON object');
  return trace;
}

/** Spans in the order in which the API returns them. */
export function inOrder(spans: readonly SpanInput[]): SpanInput[] {
  return spans.toSorted((a, b) => a.started_at - b.started_at || (a.span_id < b.span_id ? -1 : 1));
}

/** The spans of a packed trace as the API returns them. */
export function packedSpans(traceId: string, { spans }: TraceInput): SpanBody[] {
  return inOrder(spans).map((span) => newSpanBody(traceId, span));
}
