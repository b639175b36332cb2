import { silentLog } from '../common/log.js';
import { createCapture } from './capture-values.js';
import { defaultMaxValueBytes } from './limits.js';
import type { JsonText, SpanRecord, TraceRecord } from './records.js';
import { type SpanFields, spanDataRecord, type TraceFields, traceDataRecord } from './trace-data-record.js';

const capture = createCapture({ maxValueBytes: defaultMaxValueBytes, log: silentLog });

/** `trace` as the body of `POST /traces`, as JSON text, so that the caller can parse it into objects of its own realm. */
export function traceDataJson(trace: TraceFields): string {
  return JSON.stringify(traceDict(traceDataRecord(trace, capture, silentLog)));
}

/** `span` as one item of a trace's `spans`, as JSON text. */
export function spanDataJson(span: SpanFields): string {
  const record = spanDataRecord(span, capture, silentLog);
  return JSON.stringify(record === undefined ? {} : spanDict(record));
}

function traceDict(record: TraceRecord): Record<string, unknown> {
  return present({
    trace_id: record.traceId,
    name: record.name,
    status: record.status,
    input: parsed(record.input),
    output: parsed(record.output),
    metadata: parsed(record.metadata),
    started_at: iso(record.startedAt),
    ended_at: iso(record.endedAt),
    session_id: record.sessionId,
    user_id: record.userId,
    tags: record.tags.length === 0 ? undefined : record.tags,
    environment: record.environment,
    release: record.release,
    spans: record.spans.length === 0 ? undefined : record.spans.map(spanDict),
  });
}

function spanDict(record: SpanRecord): Record<string, unknown> {
  return present({
    span_id: record.spanId,
    parent_span_id: record.parentSpanId,
    name: record.name,
    kind: record.kind,
    status: record.status,
    input: parsed(record.input),
    output: parsed(record.output),
    model: record.model,
    token_usage: parsed(record.tokenUsage),
    metadata: parsed(record.metadata),
    started_at: iso(record.startedAt),
    ended_at: iso(record.endedAt),
    error: record.error,
    completion_start_time: iso(record.completionStartTime),
    model_parameters: parsed(record.modelParameters),
    cost: parsed(record.cost),
  });
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function parsed(text: JsonText | undefined): unknown {
  return text === undefined ? undefined : JSON.parse(text);
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
