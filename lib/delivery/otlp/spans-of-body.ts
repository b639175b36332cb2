import type { JsonObject, Numbers, SpanValues, TraceLabels, TraceValues } from '../../otel/values.js';
import type { OtlpSpan } from '../../otel/wire/otlp.js';
import { stepSpan, traceSpan, type WritingOptions } from '../../otel/writing/trace-spans.js';
import { isObject } from '../text/json.js';

/** A body as spans, with the labels of its trace. */
interface BodySpans {
  readonly spans: readonly OtlpSpan[];
  readonly labels: TraceLabels;
}

/**
 * The spans of one body of an item: a trace with spans, or spans of a trace.
 * @param labels - the labels from the body before it
 */
export function spansOfBody(body: unknown, traceId: string, labels: TraceLabels, options: WritingOptions): BodySpans {
  const trace = isObject(body) ? traceOf(body, traceId) : undefined;
  const own = trace ?? labels;
  const given = isObject(body) ? body.spans : body;
  const steps = (Array.isArray(given) ? given : [])
    .filter(isObject)
    .map((span) => stepSpan(traceId, spanOf(span), own, options));
  return { spans: trace === undefined ? steps : [traceSpan(trace, options), ...steps], labels: own };
}

// The bodies are this package's own, so that each field has the type that the encoder wrote.

function traceOf(body: JsonObject, traceId: string): TraceValues {
  return {
    traceId,
    name: body.name as string,
    status: body.status as TraceValues['status'],
    startedAt: millis(body.started_at) ?? 0,
    endedAt: millis(body.ended_at),
    input: body.input,
    output: body.output,
    metadata: body.metadata as JsonObject | undefined,
    sessionId: body.session_id as string | undefined,
    userId: body.user_id as string | undefined,
    tags: body.tags as readonly string[] | undefined,
    environment: body.environment as string | undefined,
    release: body.release as string | undefined,
    spans: [],
  };
}

function spanOf(body: JsonObject): SpanValues {
  return {
    spanId: body.span_id as string,
    parentSpanId: body.parent_span_id as string | undefined,
    name: body.name as string,
    kind: body.kind as SpanValues['kind'],
    status: (body.status ?? 'UNSET') as SpanValues['status'],
    startedAt: millis(body.started_at) ?? 0,
    endedAt: millis(body.ended_at),
    completionStartTime: millis(body.completion_start_time),
    model: body.model as string | undefined,
    error: body.error as string | undefined,
    input: body.input,
    output: body.output,
    metadata: body.metadata as JsonObject | undefined,
    modelParameters: body.model_parameters as JsonObject | undefined,
    tokenUsage: body.token_usage as Numbers | undefined,
    cost: body.cost as Numbers | undefined,
  };
}

/** Milliseconds of `2026-11-22T13:17:47.123456Z`. `Date` keeps no microseconds. */
function millis(time: unknown): number | undefined {
  if (typeof time !== 'string') return undefined;
  const micros = time.length === 27 ? Number(time.slice(23, 26)) : 0;
  return Date.parse(time) + micros / 1000;
}
