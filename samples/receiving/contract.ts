import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

// The rules of the backend's write calls. They are so strict that the backend stores everything that passes. Two kinds of rule:
// JSON Schemas for the shape of a body, and plain code for what a schema cannot see (characters, the order of times, how spans
// refer to each other).

const id = { type: 'string', format: 'uuid', pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' };
// Years and fractions within what Python's datetime holds; before the year 1 and a millisecond the list of the project fails.
const time = {
  type: 'string',
  format: 'date-time',
  pattern: '^(?!0000|0001-01-01T00:00:00([.]000[0-9]*)?(Z|[+-]))[0-9]{4}-[^.]+([.][0-9]{1,6})?(Z|[+-].{5})$',
};
const name = { type: 'string', minLength: 1, maxLength: 512 };
const shortText = { type: 'string', maxLength: 255 };
const text = { type: 'string' };
const json = {};
const object = { type: 'object' };
// A tag of more than 2,600 bytes is lost after the 202, with its trace: the index cannot hold it.
const tags = { type: 'array', items: shortText };
const kind = { enum: ['AGENT', 'TOOL', 'LLM', 'RETRIEVER', 'CHAIN', 'EMBEDDING', 'OTHER'] };
const spanStatus = { enum: ['UNSET', 'OK', 'ERROR'] };
const traceStatus = { enum: ['PENDING', 'RUNNING', 'COMPLETED', 'ERROR'] };
// The platform's totals cast these two to a 32-bit integer; one that does not fit breaks the project's list of traces.
const tokens = { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1 };
const tokenUsage = { type: 'object', properties: { prompt_tokens: tokens, completion_tokens: tokens } };
// A sum of costs that is infinite breaks the list as well.
const cost = { type: 'object', additionalProperties: { type: 'number', maximum: 1e12 } };

const orNull = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const allOrNull = (schemas: Record<string, object>) =>
  Object.fromEntries(Object.entries(schemas).map(([key, schema]) => [key, orNull(schema)]));

const spanTexts = {
  input: json,
  output: json,
  model: shortText,
  token_usage: tokenUsage,
  ended_at: time,
  error: text,
  completion_start_time: time,
  model_parameters: object,
  cost,
};
const traceTexts = {
  input: json,
  output: json,
  ended_at: time,
  session_id: shortText,
  user_id: shortText,
  environment: shortText,
  release: shortText,
};

const span = {
  type: 'object',
  // The backend makes up a missing id, and a repeated request would then store the span twice.
  required: ['span_id', 'name', 'started_at'],
  properties: {
    span_id: id,
    parent_span_id: orNull(id),
    name,
    kind,
    status: spanStatus,
    metadata: object,
    started_at: time,
    ...allOrNull(spanTexts),
  },
  additionalProperties: false,
};
const trace = {
  type: 'object',
  required: ['trace_id', 'name', 'started_at'],
  properties: {
    trace_id: id,
    name,
    status: traceStatus,
    metadata: object,
    started_at: time,
    tags,
    spans: { type: 'array', items: span, maxItems: 500 },
    ...allOrNull(traceTexts),
  },
  additionalProperties: false,
};
const score = {
  type: 'object',
  // Without `source`, the backend treats the score as given by a person.
  required: ['trace_id', 'name', 'value', 'source'],
  properties: {
    trace_id: id,
    name: { type: 'string', minLength: 1, maxLength: 255 },
    value: shortText,
    data_type: { enum: ['NUMERIC', 'BOOLEAN', 'CATEGORICAL'] },
    source: { const: 'PROGRAMMATIC' },
    reason: orNull(text),
    metadata: object,
  },
  additionalProperties: false,
};
const traceChange = {
  type: 'object',
  properties: allOrNull({ name, status: traceStatus, metadata: object, tags, ...traceTexts }),
  additionalProperties: false,
};
const spanChange = {
  type: 'object',
  properties: allOrNull({ name, kind, status: spanStatus, metadata: object, ...spanTexts }),
  additionalProperties: false,
};

const schemas = {
  'POST /traces': trace,
  'POST /traces/{trace_id}/spans': { type: 'array', items: span, minItems: 1, maxItems: 500 },
  'PATCH /traces/{trace_id}': traceChange,
  'PATCH /traces/{trace_id}/spans/{span_id}': spanChange,
  'POST /evaluations/trace-scores': score,
};

/** A write call of the backend: method, space, path with its parameters in braces. */
export type WriteCall = keyof typeof schemas;
/** The five write calls. */
export const writeCalls = Object.keys(schemas) as readonly WriteCall[]; // `keys` widens to string

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictNumbers: true });
formats.default(ajv);
const validators = new Map<string, ValidateFunction>(
  Object.entries(schemas).map(([call, schema]) => [call, ajv.compile(schema)]),
);

/**
 * The faults in the body of a write call, one line for each, as `place: fault`; empty if the backend would store it unchanged.
 *
 * @param call such as `POST /traces/{trace_id}/spans`
 * @param body the parsed JSON
 */
export function checkBody(call: string, body: unknown): string[] {
  const validate = validators.get(call);
  if (validate === undefined) return [`${call}: not a write call of the backend`];
  const shape = validate(body) ? [] : (validate.errors ?? []).filter(isCause).map(describe);
  return [...shape, ...checkText(body), ...checkMeaning(call, body)];
}

/** For `anyOf [x, null]`, only the errors about `x` are useful. */
function isCause(error: ErrorObject): boolean {
  return error.keyword !== 'anyOf' && !(error.keyword === 'type' && error.params.type === 'null');
}

function describe(error: ErrorObject): string {
  const detail = error.keyword === 'additionalProperties' ? ` (${String(error.params.additionalProperty)})` : '';
  return `${error.instancePath || '/'}: ${error.message ?? error.keyword}${detail}`;
}

/** Finds characters that PostgreSQL or the JSON parser refuses, and numbers that JSON cannot represent, anywhere in the body. */
function checkText(body: unknown): string[] {
  const problems: string[] = [];
  // A list instead of recursion: a captured value may be nested deeper than the stack.
  const todo: { readonly place: string; readonly value: unknown }[] = [{ place: '', value: body }];
  const look = (place: string, value: string, what: string) => {
    if (value.includes('\u0000')) problems.push(`${place || '/'}: null character in the ${what}`);
    if (/\p{Surrogate}/u.test(value)) problems.push(`${place || '/'}: lone surrogate in the ${what}`);
  };
  for (let item = todo.pop(); item !== undefined; item = todo.pop()) {
    const { place, value } = item;
    if (typeof value === 'string') look(place, value, 'text');
    else if (typeof value === 'number' && !Number.isFinite(value)) problems.push(`${place}: number out of range`);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        look(place, key, 'key');
        todo.push({ place: `${place}/${key}`, value: child });
      }
    }
  }
  return problems;
}

function checkMeaning(call: string, body: unknown): string[] {
  if (call === 'POST /evaluations/trace-scores') return isObject(body) ? checkScore(body) : [];
  if (call === 'POST /traces' && isObject(body)) {
    const spans = listOfObjects(body.spans);
    // A trace of 500 spans may go on in later requests, so only a shorter one is known to be whole.
    return [...checkTimes('', body), ...checkSpans('/spans', spans, spans.length < 500)];
  }
  if (call === 'POST /traces/{trace_id}/spans') return checkSpans('', listOfObjects(body), false);
  return [];
}

function checkSpans(place: string, spans: readonly JsonObject[], isWhole: boolean): string[] {
  const problems: string[] = [];
  const parents = new Map<unknown, unknown>();
  spans.forEach((each, index) => {
    if (parents.has(each.span_id)) problems.push(`${place}/${index}/span_id: a second span of this id`);
    parents.set(each.span_id, each.parent_span_id ?? undefined);
  });
  spans.forEach((each, index) => {
    const here = `${place}/${index}`;
    problems.push(...checkTimes(here, each), ...checkTokens(here, each));
    const parent = each.parent_span_id ?? undefined;
    if (isWhole && parent !== undefined && !parents.has(parent)) {
      problems.push(`${here}/parent_span_id: no span of this trace`);
    }
    if (isOwnAncestor(each.span_id, parents)) problems.push(`${here}/parent_span_id: the span is its own ancestor`);
  });
  return problems;
}

function isOwnAncestor(spanId: unknown, parents: ReadonlyMap<unknown, unknown>): boolean {
  const seen = new Set<unknown>();
  for (let at = parents.get(spanId); at !== undefined && !seen.has(at); at = parents.get(at)) {
    if (at === spanId) return true;
    seen.add(at);
  }
  return false;
}

/** The platform adds the two up as 32-bit integers, too. */
function checkTokens(place: string, { token_usage: usage }: JsonObject): string[] {
  if (!isObject(usage)) return [];
  const sum = [usage.prompt_tokens, usage.completion_tokens].reduce<number>((all, each) => all + Number(each ?? 0), 0);
  return sum > 2 ** 31 - 1 &&
    [usage.prompt_tokens, usage.completion_tokens].every((each) => Number(each ?? 0) < 2 ** 31)
    ? [`${place}/token_usage: more tokens than 32 bits hold`]
    : [];
}

function checkTimes(place: string, record: JsonObject): string[] {
  const { started_at: started, ended_at: ended } = record;
  if (typeof started !== 'string' || typeof ended !== 'string') return [];
  return microseconds(ended) < microseconds(started) ? [`${place}/ended_at: before started_at`] : [];
}

/** A time in microseconds, because `Date.parse` stops at milliseconds. NaN if it is not a time. */
function microseconds(time: string): number {
  const fraction = /[.](\d+)/.exec(time)?.[1] ?? '';
  return Date.parse(time.replace(`.${fraction}`, '')) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

function checkScore(body: JsonObject): string[] {
  const { value, data_type: type = 'NUMERIC' } = body;
  if (typeof value !== 'string') return [];
  const fits =
    type === 'NUMERIC'
      ? /^\d+([.]\d+)?$/.test(value) && Number(value) <= 1
      : type === 'BOOLEAN'
        ? value === 'true' || value === 'false'
        : true;
  return fits ? [] : [`/value: does not fit ${String(type)}`];
}

type JsonObject = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOfObjects(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}
