const traceId = '0b0e7c5c-6a0f-4f0e-9a53-2f6f6b3f5a01';
const uuid = (n: number) => `5a1d0c3e-0000-4000-8000-${String(n).padStart(12, '0')}`;
const at = '2026-03-29T10:00:00.500000Z';
const later = '2026-03-29T10:00:01.200000Z';

const span = (n: number, fields: object = {}) => ({ span_id: uuid(n), name: 'search', started_at: at, ...fields });
/** A trace with only the fields that it needs. */
export const trace = (fields: object = {}) => ({ trace_id: traceId, name: 'support-agent', started_at: at, ...fields });
const score = (fields: object = {}) => ({
  trace_id: traceId,
  name: 'quality',
  value: '0.85',
  data_type: 'NUMERIC',
  source: 'PROGRAMMATIC',
  ...fields,
});
const spans = (count: number) => Array.from({ length: count }, (_, n) => span(n));

const full = trace({
  status: 'COMPLETED',
  input: { messages: [{ role: 'user', content: 'hi 👋' }] },
  output: null,
  metadata: { deep: { list: [1, 2.5, null, true] } },
  ended_at: later,
  session_id: 'a'.repeat(255),
  user_id: '👩'.repeat(255),
  tags: ['support'],
  environment: 'production',
  release: '1.2.3',
  spans: [
    span(1, { kind: 'AGENT', status: 'OK', ended_at: later }),
    span(2, {
      parent_span_id: uuid(1),
      name: 'n'.repeat(512),
      kind: 'LLM',
      status: 'ERROR',
      error: 'timeout',
      model: 'm'.repeat(255),
      model_parameters: { temperature: 0 },
      token_usage: { prompt_tokens: 0, completion_tokens: 2147483647, cache_read_tokens: 1.5 },
      cost: { total: 1e12, input: 1e-9 },
      completion_start_time: at,
      ended_at: at,
    }),
  ],
});

/** Bodies that the backend accepts. */
export const good: Record<string, [call: string, body: unknown]> = {
  'a trace with every field': ['POST /traces', full],
  'the smallest trace': ['POST /traces', trace()],
  'a time of one millisecond after the year 1 began': [
    'POST /traces',
    trace({ started_at: '0001-01-01T00:00:00.001Z' }),
  ],
  'a trace with null for what may be null': [
    'POST /traces',
    trace({ ended_at: null, session_id: null, user_id: null }),
  ],
  'a time with an offset': ['POST /traces', trace({ started_at: '2026-03-29T12:00:00+02:00', ended_at: at })],
  'a trace of 500 spans whose parents come later': [
    'POST /traces',
    trace({ spans: [...spans(499), span(500, { parent_span_id: uuid(9000) })] }),
  ],
  'spans whose parent is stored already': [
    'POST /traces/{trace_id}/spans',
    [span(1, { parent_span_id: uuid(9000) }), span(2, { parent_span_id: uuid(1) })],
  ],
  'a numeric score': [
    'POST /evaluations/trace-scores',
    score({ value: '0.0000001', reason: 'measured', metadata: {} }),
  ],
  'a boolean score': ['POST /evaluations/trace-scores', score({ value: 'true', data_type: 'BOOLEAN' })],
  'a category': ['POST /evaluations/trace-scores', score({ value: 'PASS', data_type: 'CATEGORICAL' })],
  'a change of a trace': ['PATCH /traces/{trace_id}', { status: 'ERROR', session_id: null, metadata: { a: 1 } }],
  'a change of a span': ['PATCH /traces/{trace_id}/spans/{span_id}', { ended_at: later, error: 'late', cost: null }],
};

// Each breaks one rule; the text is the start of the one problem it must give.
/** Bodies that break one rule, and how the checker's first problem begins. */
export const bad: Record<string, [call: string, body: unknown, problem: string]> = {
  'a call that writes nothing': ['GET /traces', {}, 'GET /traces: not a write call'],
  'a trace that is a list': ['POST /traces', [], '/: must be object'],
  'a trace without an id': [
    'POST /traces',
    trace({ trace_id: undefined }),
    "/: must have required property 'trace_id'",
  ],
  'a trace without a name': ['POST /traces', trace({ name: undefined }), "/: must have required property 'name'"],
  'a trace without a start': [
    'POST /traces',
    trace({ started_at: undefined }),
    "/: must have required property 'started_at'",
  ],
  'a trace with an unknown field': [
    'POST /traces',
    trace({ error: 'x' }),
    '/: must NOT have additional properties (error)',
  ],
  'an id with a prefix': ['POST /traces', trace({ trace_id: `urn:uuid:${traceId}` }), '/trace_id: must match pattern'],
  'an empty trace name': ['POST /traces', trace({ name: '' }), '/name: must NOT have fewer than 1'],
  'a trace name of 513 characters': [
    'POST /traces',
    trace({ name: 'n'.repeat(513) }),
    '/name: must NOT have more than 512',
  ],
  'a trace status that does not exist': ['POST /traces', trace({ status: 'OK' }), '/status: must be equal to one of'],
  'metadata that is null': ['POST /traces', trace({ metadata: null }), '/metadata: must be object'],
  'metadata that is a list': ['POST /traces', trace({ metadata: [] }), '/metadata: must be object'],
  'a tag of 256 characters': [
    'POST /traces',
    trace({ tags: ['t'.repeat(256)] }),
    '/tags/0: must NOT have more than 255',
  ],
  'the first time there is': [
    'POST /traces',
    trace({ started_at: '0001-01-01T00:00:00.000000Z' }),
    '/started_at: must match pattern',
  ],
  'more tokens than 32 bits hold': [
    'POST /traces/{trace_id}/spans',
    [span(1, { token_usage: { prompt_tokens: 2147483647, completion_tokens: 1 } })],
    '/0/token_usage: more tokens than 32 bits hold',
  ],
  'a cost of more than 1e12': [
    'POST /traces',
    trace({ spans: [span(1, { cost: { total: 1e308 } })] }),
    '/spans/0/cost/total: must be <= 1000000000000',
  ],
  'a tag that is a number': ['POST /traces', trace({ tags: [1] }), '/tags/0: must be string'],
  'a session of 256 characters': [
    'POST /traces',
    trace({ session_id: 's'.repeat(256) }),
    '/session_id: must NOT have more than 255',
  ],
  'a user of 256 characters': ['POST /traces', trace({ user_id: 'u'.repeat(256) }), '/user_id: must NOT have more'],
  'an environment of 256 characters': [
    'POST /traces',
    trace({ environment: 'e'.repeat(256) }),
    '/environment: must NOT have more',
  ],
  'a release of 256 characters': ['POST /traces', trace({ release: 'r'.repeat(256) }), '/release: must NOT have more'],
  'a time without a zone': ['POST /traces', trace({ started_at: '2026-03-29T10:00:00.5' }), '/started_at: must match'],
  'a time that is no time': [
    'POST /traces',
    trace({ started_at: '2026-02-30T10:00:00Z' }),
    '/started_at: must match format',
  ],
  'a time with nanoseconds': [
    'POST /traces',
    trace({ started_at: '2026-03-29T10:00:00.123456789Z' }),
    '/started_at: must match pattern',
  ],
  'a trace that ends before it starts': [
    'POST /traces',
    trace({ started_at: '2026-03-29T10:00:00.500001Z', ended_at: at }),
    '/ended_at: before started_at',
  ],
  'a 501st span': ['POST /traces', trace({ spans: spans(501) }), '/spans: must NOT have more than 500'],
  'a span without an id': [
    'POST /traces',
    trace({ spans: [span(1, { span_id: undefined })] }),
    '/spans/0: must have req',
  ],
  'a span without a start': [
    'POST /traces',
    trace({ spans: [span(1, { started_at: undefined })] }),
    "/spans/0: must have required property 'started_at'",
  ],
  'a span with an unknown field': [
    'POST /traces',
    trace({ spans: [span(1, { tags: [] })] }),
    '/spans/0: must NOT have add',
  ],
  'an empty span name': [
    'POST /traces',
    trace({ spans: [span(1, { name: '' })] }),
    '/spans/0/name: must NOT have fewer',
  ],
  'a span name of 513 characters': [
    'POST /traces',
    trace({ spans: [span(1, { name: 'n'.repeat(513) })] }),
    '/spans/0/name: must NOT have more',
  ],
  'a kind that does not exist': [
    'POST /traces',
    trace({ spans: [span(1, { kind: 'llm' })] }),
    '/spans/0/kind: must be eq',
  ],
  'a span status that does not exist': [
    'POST /traces',
    trace({ spans: [span(1, { status: 'COMPLETED' })] }),
    '/spans/0/status: must be equal',
  ],
  'a model of 256 characters': [
    'POST /traces',
    trace({ spans: [span(1, { model: 'm'.repeat(256) })] }),
    '/spans/0/model: must NOT have more',
  ],
  'an error that is an object': [
    'POST /traces',
    trace({ spans: [span(1, { error: {} })] }),
    '/spans/0/error: must be string',
  ],
  'tokens that are a text': [
    'POST /traces',
    trace({ spans: [span(1, { token_usage: { prompt_tokens: '7' } })] }),
    '/spans/0/token_usage/prompt_tokens: must be integer',
  ],
  'tokens with a fraction': [
    'POST /traces',
    trace({ spans: [span(1, { token_usage: { completion_tokens: 0.5 } })] }),
    '/spans/0/token_usage/completion_tokens: must be integer',
  ],
  'tokens below zero': [
    'POST /traces',
    trace({ spans: [span(1, { token_usage: { prompt_tokens: -1 } })] }),
    '/spans/0/token_usage/prompt_tokens: must be >= 0',
  ],
  'tokens beyond 32 bits': [
    'POST /traces',
    trace({ spans: [span(1, { token_usage: { completion_tokens: 2147483648 } })] }),
    '/spans/0/token_usage/completion_tokens: must be <= 2147483647',
  ],
  'tokens that are null': [
    'POST /traces',
    trace({ spans: [span(1, { token_usage: { prompt_tokens: null } })] }),
    '/spans/0/token_usage/prompt_tokens: must be integer',
  ],
  'a cost that is null': [
    'POST /traces',
    trace({ spans: [span(1, { cost: { total: null } })] }),
    '/spans/0/cost/total: must be number',
  ],
  'a cost with a text': [
    'POST /traces',
    trace({ spans: [span(1, { cost: { total: 1, currency: 'EUR' } })] }),
    '/spans/0/cost/currency: must be number',
  ],
  'a number beyond what JSON can say': [
    'POST /traces',
    trace({ input: JSON.parse('[1e999]') }),
    '/input/0: number out of',
  ],
  'a null character in a text': [
    'POST /traces',
    trace({ input: ['a\u0000b'] }),
    '/input/0: null character in the text',
  ],
  'a null character in a key': [
    'POST /traces',
    trace({ metadata: { 'a\u0000': 1 } }),
    '/metadata: null character in the key',
  ],
  'a null character in a tag': ['POST /traces', trace({ tags: ['\u0000'] }), '/tags/0: null character in the text'],
  'a lone surrogate in a text': [
    'POST /traces',
    trace({ output: { x: '👋\ud83d' } }),
    '/output/x: lone surrogate in the text',
  ],
  'a lone surrogate in a key': [
    'POST /traces',
    trace({ output: { '\udc00': 1 } }),
    '/output: lone surrogate in the key',
  ],
  'a parent of another trace': [
    'POST /traces',
    trace({ spans: [span(1, { parent_span_id: uuid(2) })] }),
    '/spans/0/parent_span_id: no span of this trace',
  ],
  'a span that is its own parent': [
    'POST /traces/{trace_id}/spans',
    [span(1, { parent_span_id: uuid(1) })],
    '/0/parent_span_id: the span is its own ancestor',
  ],
  'a span id used twice in a trace': [
    'POST /traces',
    trace({ spans: [span(1), span(1)] }),
    '/spans/1/span_id: a second span',
  ],
  'a span id used twice in extra spans': [
    'POST /traces/{trace_id}/spans',
    [span(1), span(1)],
    '/1/span_id: a second span',
  ],
  'a span that ends before it starts': [
    'POST /traces',
    trace({ spans: [span(1, { started_at: later, ended_at: at })] }),
    '/spans/0/ended_at: before started_at',
  ],
  'no extra spans': ['POST /traces/{trace_id}/spans', [], '/: must NOT have fewer than 1'],
  'extra spans that are an object': ['POST /traces/{trace_id}/spans', {}, '/: must be array'],
  '501 extra spans': ['POST /traces/{trace_id}/spans', spans(501), '/: must NOT have more than 500'],
  'a score without a trace': [
    'POST /evaluations/trace-scores',
    score({ trace_id: undefined }),
    '/: must have required',
  ],
  'a score without a name': ['POST /evaluations/trace-scores', score({ name: '' }), '/name: must NOT have fewer'],
  'a score name of 256 characters': [
    'POST /evaluations/trace-scores',
    score({ name: 'n'.repeat(256) }),
    '/name: must NOT have more than 255',
  ],
  'a category of 256 characters': [
    'POST /evaluations/trace-scores',
    score({ value: 'v'.repeat(256), data_type: 'CATEGORICAL' }),
    '/value: must NOT have more than 255',
  ],
  ...Object.fromEntries(
    ['5', '-0.1', '1.01', '1e-7', '1e-400'].map((value) => [
      `a NUMERIC score of ${value}`,
      ['POST /evaluations/trace-scores', score({ value }), '/value: does not fit NUMERIC'] as [string, unknown, string],
    ]),
  ),
  'a score that is a number': ['POST /evaluations/trace-scores', score({ value: 0.85 }), '/value: must be string'],
  'a score that is no number': [
    'POST /evaluations/trace-scores',
    score({ value: 'good' }),
    '/value: does not fit NUMERIC',
  ],
  'a score that is not finite': [
    'POST /evaluations/trace-scores',
    score({ value: 'Infinity' }),
    '/value: does not fit NUM',
  ],
  'a score that is no boolean': [
    'POST /evaluations/trace-scores',
    score({ value: '1', data_type: 'BOOLEAN' }),
    '/value: does not fit BOOLEAN',
  ],
  'a score of an unknown type': [
    'POST /evaluations/trace-scores',
    score({ data_type: 'STARS' }),
    '/data_type: must be equal',
  ],
  'a score in the name of a person': [
    'POST /evaluations/trace-scores',
    score({ source: 'ANNOTATION' }),
    '/source: must be equal to constant',
  ],
  'a score with no source': ['POST /evaluations/trace-scores', score({ source: undefined }), '/: must have required'],
  'a change of what never changes': ['PATCH /traces/{trace_id}', { trace_id: traceId }, '/: must NOT have additional'],
  'a change to an empty name': ['PATCH /traces/{trace_id}/spans/{span_id}', { name: '' }, '/name: must NOT have fewer'],
};
