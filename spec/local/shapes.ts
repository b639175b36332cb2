import { Ajv } from 'ajv';
import formats from 'ajv-formats';

// What the backend's answers look like, strictly: every field is there and there is no other.

const id = { type: 'string', format: 'uuid' };
const time = { type: 'string', format: 'date-time', pattern: '[+]00:00$' };
const text = { type: 'string' };
const whole = { type: 'integer' };
const number = { type: 'number' };
const object = { type: 'object' };
const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const all = (properties: Record<string, object>) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
});
const list = (items: object) => ({ type: 'array', items });
const page = (items: object) => all({ items: list(items), total: whole, limit: whole, offset: whole });

const traceStatus = { enum: ['PENDING', 'RUNNING', 'COMPLETED', 'ERROR'] };
const labels = { session_id: orNull(text), user_id: orNull(text), environment: orNull(text), release: orNull(text) };
const head = {
  trace_id: id,
  name: text,
  status: traceStatus,
  started_at: time,
  ended_at: orNull(time),
  tags: list(text),
};
const totals = { total_tokens: whole, total_cost: number };

const spanShape = all({
  span_id: id,
  trace_id: id,
  parent_span_id: orNull(id),
  name: text,
  kind: { enum: ['AGENT', 'TOOL', 'LLM', 'RETRIEVER', 'CHAIN', 'EMBEDDING', 'OTHER'] },
  status: { enum: ['UNSET', 'OK', 'ERROR'] },
  input: {},
  output: {},
  model: orNull(text),
  token_usage: orNull(object),
  metadata: object,
  started_at: time,
  ended_at: orNull(time),
  error: orNull(text),
  completion_start_time: orNull(time),
  model_parameters: orNull(object),
  cost: orNull({ type: 'object', additionalProperties: number }),
  latency_ms: orNull(number),
  time_to_first_token_ms: orNull(number),
});
const traceShape = all({
  ...head,
  ...labels,
  ...totals,
  project_id: id,
  input: {},
  output: {},
  metadata: object,
  spans: list(spanShape),
});
const sessionFields = {
  session_id: text,
  trace_count: whole,
  first_trace_at: time,
  last_trace_at: orNull(time),
  total_latency_ms: orNull(number),
  has_error: { type: 'boolean' },
  user_id: orNull(text),
  tags: list(text),
  total_span_count: whole,
  ...totals,
};
const scoreShape = all({
  id,
  trace_id: id,
  project_id: id,
  name: text,
  value: orNull(text),
  status: { enum: ['SUCCESS', 'FAILED', 'PENDING'] },
  source: { enum: ['AUTOMATED', 'ANNOTATION', 'PROGRAMMATIC'] },
  data_type: { enum: ['NUMERIC', 'BOOLEAN', 'CATEGORICAL'] },
  eval_run_id: orNull(id),
  author_user_id: orNull(text),
  reason: orNull(text),
  environment: orNull(text),
  config_id: orNull(text),
  metadata: object,
  created_at: time,
  updated_at: time,
});
const millis = orNull(number);

const shapes = {
  accepted: all({ trace_id: id, task_id: text }),
  spansAdded: all({ span_ids: list(id) }),
  span: spanShape,
  trace: traceShape,
  traces: page(all({ ...head, ...labels, ...totals, latency_ms: millis, span_count: whole })),
  users: page(all({ user_id: text, trace_count: whole, first_seen: time, last_seen: time, error_count: whole })),
  sessions: page(all(sessionFields)),
  session: all({ ...sessionFields, traces: list(traceShape) }),
  score: scoreShape,
  scores: page(scoreShape),
  scoreList: list(scoreShape),
  volume: list(
    all({
      bucket: time,
      trace_count: whole,
      error_count: whole,
      avg_latency_ms: millis,
      p50_latency_ms: millis,
      p90_latency_ms: millis,
      p99_latency_ms: millis,
    }),
  ),
  tokens: list(
    all({ bucket: time, total_tokens: whole, prompt_tokens: whole, completion_tokens: whole, total_cost: number }),
  ),
  models: list(all({ model: text, call_count: whole, ...totals })),
  sessionVolume: list(
    all({ bucket: time, session_count: whole, avg_traces_per_session: millis, avg_session_duration_ms: millis }),
  ),
  scoreSummary: list(
    all({
      metric_name: text,
      avg_score: millis,
      min_score: millis,
      max_score: millis,
      median_score: millis,
      success_count: whole,
      failed_count: whole,
      latest_score_at: orNull(time),
    }),
  ),
  scoreTrend: list(all({ bucket: time, metric_name: text, avg_score: number, count: whole })),
  scoreDistribution: list(all({ bucket: whole, bucket_min: number, bucket_max: number, count: whole })),
  nothing: { type: 'array', maxItems: 0 },
  nothingPaged: all({ items: { type: 'array', maxItems: 0 }, total: { const: 0 }, limit: whole, offset: whole }),
  refusal: all({ detail: text }),
  invalid: all({ detail: { const: 'Validation error' }, errors: list(all({ field: text, message: text })) }),
} as const;

/** Something the backend answers with. */
export type Shape = keyof typeof shapes;

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false });
formats.default(ajv);

/** What is wrong with an answer, one line each. */
export function shapeFaults(shape: Shape, body: unknown): string[] {
  const validate = ajv.compile(shapes[shape]);
  return validate(body) ? [] : (validate.errors ?? []).map((each) => `${each.instancePath}: ${each.message}`);
}
