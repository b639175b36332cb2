import { count, type Json, jsonOf, list, object, type PeerSpan, text } from './arrived.js';

/*
 * What PandaProbe and Langfuse are sent. Langfuse takes OpenTelemetry's spans: its own attributes say what a span is, and where
 * a framework has made the span, the GenAI conventions or those of the Vercel AI SDK do.
 */

/** `POST /traces` and `POST /traces/{id}/spans`. */
export function pandaProbeSpans(path: string, body: unknown): readonly PeerSpan[] {
  const trace = object(body);
  const id = path.split('/')[2] ?? String(trace.trace_id);
  return list(Array.isArray(body) ? body : trace.spans).map((span) => {
    const usage = object(span.token_usage);
    return {
      id: String(span.span_id),
      trace: id,
      parent: text(span.parent_span_id),
      name: String(span.name),
      kind: kindOf(span.kind),
      start: Date.parse(String(span.started_at)),
      hasEnded: text(span.ended_at) !== undefined,
      error: span.status === 'ERROR' ? (text(span.error) ?? 'ERROR') : undefined,
      prompt: count(usage.prompt_tokens),
      completion: count(usage.completion_tokens),
      output: jsonOf(span.output),
    };
  });
}

function kindOf(kind: unknown): PeerSpan['kind'] {
  return kind === 'LLM' || kind === 'TOOL' ? kind : 'other';
}

/** OTLP as JSON. */
export function otlpSpans(body: unknown): readonly PeerSpan[] {
  return list(object(body).resourceSpans)
    .flatMap((resource) => list(resource.scopeSpans))
    .flatMap((scope) => list(scope.spans))
    .map(otlpSpan);
}

function otlpSpan(span: Json): PeerSpan {
  const has = Object.fromEntries(list(span.attributes).map(({ key, value }) => [String(key), plainValue(value)]));
  const usage = object(parsed(has['langfuse.observation.usage_details']));
  return {
    id: String(span.spanId),
    trace: String(span.traceId),
    parent: text(span.parentSpanId),
    name: String(span.name),
    kind: otlpKind(has),
    start: Number(span.startTimeUnixNano) / 1e6,
    hasEnded: true, // one that has not is never sent
    error: otlpError(span, has),
    prompt: count(usage.input, has['gen_ai.usage.input_tokens'], has['ai.usage.inputTokens']),
    completion: count(usage.output, has['gen_ai.usage.output_tokens'], has['ai.usage.outputTokens']),
    output: [
      has['langfuse.observation.output'],
      has['gen_ai.output.messages'],
      has['ai.response.text'],
      has['ai.response.toolCalls'],
    ]
      .filter((value) => value !== undefined)
      .map(jsonOf)
      .join('\n'),
  };
}

function otlpKind(has: Json): PeerSpan['kind'] {
  const said = String(has['langfuse.observation.type'] ?? has['gen_ai.operation.name'] ?? has['ai.operationId']);
  if (/^(generation|chat|text_completion)$|\.do(Generate|Stream)$/.test(said)) return 'LLM';
  return /^(tool|execute_tool|ai\.toolCall)$/.test(said) ? 'TOOL' : 'other';
}

function otlpError(span: Json, has: Json): string | undefined {
  const { code, message } = object(span.status);
  const isError = code === 2 || has['langfuse.observation.level'] === 'ERROR';
  if (!isError) return undefined;
  const events = list(span.events).flatMap(({ attributes }) => list(attributes).map(({ value }) => plainValue(value)));
  return [message, has['langfuse.observation.status_message'], ...events, 'ERROR'].filter(Boolean).join(' ');
}

function plainValue(value: unknown): unknown {
  const { arrayValue, ...one } = object(value);
  if (arrayValue === undefined) return Object.values(one)[0];
  return list(object(arrayValue).values).map(plainValue);
}

function parsed(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return undefined;
  }
}
