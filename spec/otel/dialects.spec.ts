import { expect } from 'chai';
import { spanIdFromHex } from '../../lib/common/span-hex.js';
import { flatList } from '../../lib/otel/reading/flat-list.js';
import { isOfAgent, kindOf } from '../../lib/otel/reading/kind.js';
import { readRequest } from '../../lib/otel/reading/read-request.js';
import { spanValues } from '../../lib/otel/reading/span-values.js';
import { traceValues } from '../../lib/otel/reading/trace-values.js';
import { usageOf } from '../../lib/otel/reading/usage.js';
import type { SpanValues } from '../../lib/otel/values.js';
import { otelSpan } from './spans.js';

const asked = { messages: [{ role: 'user', content: 'Weather in Oslo?' }] };
const answered = { messages: [{ role: 'assistant', content: 'Rain.' }] };
const usage = { prompt_tokens: 12, completion_tokens: 3 };
const text = (value: unknown) => JSON.stringify(value);

/** A call of a model in each dialect. */
const calls: Readonly<Record<string, Record<string, unknown>>> = {
  'the GenAI conventions': {
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': 'gpt-5.4',
    'gen_ai.input.messages': text([{ role: 'user', parts: [{ type: 'text', content: 'Weather in Oslo?' }] }]),
    'gen_ai.output.messages': text([
      { role: 'assistant', parts: [{ type: 'text', content: 'Rain.' }], finish_reason: 'stop' },
    ]),
    'gen_ai.usage.input_tokens': 12,
    'gen_ai.usage.output_tokens': 3,
  },
  OpenInference: {
    'openinference.span.kind': 'LLM',
    'llm.model_name': 'gpt-5.4',
    'llm.input_messages.0.message.role': 'user',
    'llm.input_messages.0.message.content': 'Weather in Oslo?',
    'llm.output_messages.0.message.role': 'assistant',
    'llm.output_messages.0.message.content': 'Rain.',
    'llm.token_count.prompt': 12,
    'llm.token_count.completion': 3,
    'input.value': '{"model":"gpt-5.4"}',
  },
  'the AI SDK up to 6': {
    'ai.operationId': 'ai.generateText.doGenerate',
    'ai.model.id': 'gpt-5.4',
    'ai.prompt.messages': text(asked.messages),
    'ai.response.text': 'Rain.',
    'ai.usage.inputTokens': 12,
    'ai.usage.outputTokens': 3,
  },
  Langfuse: {
    'langfuse.observation.type': 'generation',
    'langfuse.observation.model.name': 'gpt-5.4',
    'langfuse.observation.input': text(asked),
    'langfuse.observation.output': text(answered),
    'langfuse.observation.usage_details': text({ input: 12, output: 3 }),
  },
  'older OpenLLMetry': {
    'llm.request.type': 'chat',
    'gen_ai.request.model': 'gpt-5.4',
    'gen_ai.prompt.0.role': 'user',
    'gen_ai.prompt.0.content': 'Weather in Oslo?',
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.content': 'Rain.',
    'gen_ai.usage.prompt_tokens': 12,
    'gen_ai.usage.completion_tokens': 3,
  },
  MLflow: {
    'mlflow.spanType': '"CHAT_MODEL"',
    'mlflow.llm.model': '"gpt-5.4"',
    'mlflow.spanInputs': text(asked),
    'mlflow.spanOutputs': text(answered),
    'mlflow.chat.tokenUsage': text({ input_tokens: 12, output_tokens: 3 }),
  },
  Genkit: {
    'genkit:type': 'action',
    'genkit:metadata:subtype': 'model',
    'genkit:name': 'openai/gpt-5.4',
    'genkit:input': text({ messages: [{ role: 'user', content: [{ text: 'Weather in Oslo?' }] }], tools: [] }),
    'genkit:output': text({
      ...{ message: { role: 'model', content: [{ text: 'Rain.' }] }, finishReason: 'stop' },
      usage: { inputTokens: 12, outputTokens: 3 },
    }),
  },
};

describe('Spans of other libraries', () => {
  for (const [dialect, attributes] of Object.entries(calls)) {
    it(`reads a model call with the attributes of ${dialect}`, () => {
      const span = otelSpan('call', attributes);
      expect(pick(spanValues(span, undefined))).to.deep.equal({
        ...{ kind: 'LLM', model: 'gpt-5.4', input: asked, output: answered, tokenUsage: usage },
      });
      expect(isOfAgent(span)).to.equal(true);
    });
  }

  it('loses no content, whatever kind of span the other attributes name', () => {
    const marks: readonly Record<string, unknown>[] = [
      {},
      { 'langfuse.observation.type': 'generation' },
      { 'openinference.span.kind': 'LLM' },
      { 'ai.operationId': 'ai.generateText' },
      { 'gen_ai.operation.name': 'chat' },
      { 'gen_ai.operation.name': 'execute_tool' },
      { 'gen_ai.operation.name': 'invoke_agent' },
      { 'traceloop.span.kind': 'workflow' },
      { 'mlflow.spanType': 'CHAT_MODEL' },
      { 'genkit:type': 'action', 'genkit:metadata:subtype': 'model' },
    ];
    const message = (content: string) => text([{ role: 'user', parts: [{ type: 'text', content }] }]);
    const contents: Readonly<Record<string, (canary: string) => unknown>> = {
      ...{ 'gen_ai.input.messages': message, 'gen_ai.output.messages': message },
      ...{ 'gen_ai.system_instructions': String, 'gen_ai.prompt.0.content': String },
      ...{ 'gen_ai.completion.0.content': String, 'gen_ai.tool.call.arguments': String },
      ...{ 'gen_ai.tool.call.result': String, 'gen_ai.retrieval.documents': (canary) => text([{ content: canary }]) },
      ...{ 'llm.input_messages.0.message.content': String, 'llm.output_messages.0.message.content': String },
      ...{ 'input.value': String, 'output.value': String, 'retrieval.documents.0.document.content': String },
      ...{ 'ai.prompt': (canary) => text({ prompt: canary }), 'ai.prompt.messages': (canary) => text([{ canary }]) },
      ...{ 'ai.response.text': String, 'ai.response.object': (canary) => text({ canary }) },
      ...{ 'ai.response.toolCalls': (canary) => text([{ toolName: canary }]), 'ai.toolCall.args': String },
      ...{ 'ai.toolCall.result': String, 'langfuse.observation.input': String, 'langfuse.observation.output': String },
      ...{ 'traceloop.entity.input': String, 'traceloop.entity.output': String, 'mlflow.spanInputs': String },
      ...{ 'mlflow.spanOutputs': String, 'mlflow.traceInputs': String, 'mlflow.traceOutputs': String },
      ...{ 'genkit:input': String, 'genkit:output': (canary) => text({ message: { content: [canary] } }) },
    };
    const lost = marks.flatMap((mark) =>
      Object.entries(contents).flatMap(([name, holding]) => {
        const read = spanValues(otelSpan('step', { ...mark, [name]: holding('canary') }), undefined);
        return text(read).includes('canary') ? [] : [`${name} with ${text(mark)}`];
      }),
    );
    expect(lost).to.deep.equal([]);
  });

  it('reads tool calls and their answers in messages', () => {
    const call = { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Oslo' } };
    const list = [
      { role: 'assistant', parts: [call] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', result: 'rain' }] },
    ];
    const attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': text(list) };
    const { messages } = spanValues(otelSpan('chat', attributes), undefined).input as { messages: unknown[] };
    const made = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } };
    expect(messages).to.deep.equal([
      { role: 'assistant', content: null, tool_calls: [made] },
      { role: 'tool', tool_call_id: 'c1', content: 'rain' },
    ]);
  });

  it("keeps OpenInference's other fields of a message", () => {
    const attributes = {
      'openinference.span.kind': 'LLM',
      'llm.input_messages.0.message.role': 'tool',
      'llm.input_messages.0.message.name': 'weather',
      'llm.input_messages.0.message.content': 'rain',
    };
    expect(spanValues(otelSpan('call', attributes), undefined).input).to.deep.equal({
      messages: [{ role: 'tool', name: 'weather', content: 'rain' }],
    });
  });

  it('reads tools, retrievers and embeddings', () => {
    const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.call.arguments': '{"city":"Oslo"}' };
    expect(spanValues(otelSpan('t', tool), undefined)).to.deep.include({ kind: 'TOOL', input: { city: 'Oslo' } });
    const found = {
      'openinference.span.kind': 'RETRIEVER',
      'input.value': 'Oslo',
      'retrieval.documents.0.document.content': 'Oslo is wet.',
      'retrieval.documents.1.document.score': 0.5,
    };
    const retrieved = spanValues(otelSpan('r', found), undefined);
    expect(retrieved).to.deep.include({ kind: 'RETRIEVER', input: 'Oslo' });
    expect(text(retrieved.output)).to.equal('{"documents":[{"content":"Oslo is wet."},{"score":0.5}]}');
    expect(spanValues(otelSpan('e', { 'ai.operationId': 'ai.embed.doEmbed' }), undefined).kind).to.equal('EMBEDDING');
  });

  it('reads events with messages, as the conventions had them until 1.36, and Strands has them', () => {
    const old = [
      { name: 'gen_ai.user.message', at: 0, attributes: { content: 'Weather in Oslo?' } },
      { name: 'gen_ai.choice', at: 0, attributes: { message: 'Rain.' } },
    ];
    const span = otelSpan('chat', { 'gen_ai.operation.name': 'chat' }, { events: old });
    expect(pick(spanValues(span, undefined))).to.deep.include({ input: asked, output: answered });
    const details = { 'gen_ai.input.messages': calls['the GenAI conventions']?.['gen_ai.input.messages'] };
    const event = { name: 'gen_ai.client.inference.operation.details', at: 0, attributes: details };
    const strands = otelSpan('chat', { 'gen_ai.operation.name': 'chat' }, { events: [event] });
    expect(spanValues(strands, undefined).input).to.deep.equal(asked);
  });

  it('has the reason of a failed span, also if the status has none', () => {
    const status = { code: 2, message: '' };
    const attributes = { 'exception.type': 'TimeoutError', 'exception.message': 'after 3 s' };
    const thrown = otelSpan('s', {}, { status, events: [{ name: 'exception', at: 0, attributes }] });
    expect(spanValues(thrown, undefined)).to.include({ status: 'ERROR', error: 'TimeoutError: after 3 s' });
    const level = { 'langfuse.observation.level': 'ERROR', 'langfuse.observation.status_message': 'no quota' };
    expect(spanValues(otelSpan('s', level), undefined)).to.include({ status: 'ERROR', error: 'no quota' });
  });

  it('keeps the stack of an exception, and events and links that have no field', () => {
    const stack = 'Traceback (most recent call last):\n  File "agent.py", line 3';
    const events = [
      { name: 'retry', at: 1_700_000_000_500, attributes: { attempt: 2 } },
      {
        name: 'exception',
        at: 0,
        attributes: { 'exception.type': 'KeyError', 'exception.message': 'city', 'exception.stacktrace': stack },
      },
      { name: 'gen_ai.user.message', at: 0, attributes: { content: 'Weather in Oslo?' } },
      { name: 'cache miss', at: 8.64e15 + 1, attributes: {} },
    ];
    const links = [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: { why: 'queued' } }];
    const failed = otelSpan('s', {}, { status: { code: 2, message: '' }, events, links });
    expect(spanValues(failed, undefined).metadata).to.deep.equal({
      exception: { type: 'KeyError', message: 'city', stack },
      'otel.events': [
        { name: 'retry', time: '2023-11-14T22:13:20.500Z', attributes: { attempt: 2 } },
        { name: 'cache miss' },
      ],
      'otel.links': [
        {
          trace_id: 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa',
          span_id: spanIdFromHex('a'.repeat(32), 'b'.repeat(16)),
          attributes: { why: 'queued' },
        },
      ],
    });
    // An exception that the span got over is an event like others.
    const caught = spanValues(otelSpan('s', {}, { events: events.slice(1, 2) }), undefined).metadata;
    expect(caught).to.have.keys('otel.events');
  });

  it('keeps attributes without a field, also with names such as __proto__', () => {
    const attributes = JSON.parse('{"http.route":"/chat","__proto__":"x","llm.input_messages.0.__proto__.polluted":1}');
    const span = otelSpan('GET /chat', attributes, { scope: 'http', droppedAttributes: 3 });
    expect(spanValues(span, undefined).metadata).to.include({
      ...{ 'http.route': '/chat', 'otel.scope': 'http', 'otel.dropped_attributes': 3 },
    });
    spanValues(otelSpan('m', { ...attributes, 'openinference.span.kind': 'LLM' }), undefined);
    expect({}).not.to.have.property('polluted');
    expect(isOfAgent(span)).to.equal(true); // it has an attribute of a dialect
    expect(
      isOfAgent(otelSpan('GET /', { 'http.route': '/' }, { scope: '@opentelemetry/instrumentation-http' })),
    ).to.equal(false);
  });

  it('does not mistake names such as constructor for known values', () => {
    const named = ['pandaprobe.span.kind', 'langfuse.observation.type', 'gen_ai.operation.name', 'traceloop.span.kind'];
    for (const name of named) {
      expect(kindOf({ attributes: { [name]: 'constructor' } }), name).to.equal('OTHER');
      expect(kindOf({ attributes: { [name]: '__proto__' } }), name).to.equal('OTHER');
    }
    const details = '{"toString":3,"input":5}';
    expect(usageOf({ 'langfuse.observation.usage_details': details })).to.deep.equal({ toString: 3, prompt_tokens: 5 });
    const ids = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), startTimeUnixNano: '1000' };
    const span = { ...ids, status: { code: 'constructor' } };
    const { spans } = readRequest({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
    expect(spans[0]?.status.code).to.equal(0);
  });

  it('counts the parts of an input once if a dialect counts them separately', () => {
    const cached = { input: 5, input_cached_tokens: 100, output: 3, output_reasoning_tokens: 4 };
    const all = { prompt_tokens: 105, completion_tokens: 7, cache_read_tokens: 100, reasoning_tokens: 4 };
    const langfuse = (details: object) => usageOf({ 'langfuse.observation.usage_details': text(details) });
    expect(langfuse(cached)).to.deep.equal(all);
    expect(langfuse({ ...cached, total: 112 })).to.deep.equal({ ...all, total_tokens: 112 });
    // As older SDKs of Langfuse counted: the parts are within.
    const within = { input: 105, input_cached_tokens: 100, output: 7, output_reasoning_tokens: 4, total: 112 };
    expect(langfuse(within)).to.deep.equal({ ...all, total_tokens: 112 });
    const anthropic = { input: 5, cache_read_input_tokens: 90, cache_creation_input_tokens: 10, output: 3 };
    expect(langfuse(anthropic)).to.deep.equal({
      ...{ prompt_tokens: 105, completion_tokens: 3, cache_read_tokens: 90, cache_creation_tokens: 10 },
    });
    const pydantic = {
      ...{ 'gen_ai.usage.input_tokens': 105, 'gen_ai.usage.output_tokens': 7 },
      ...{ 'gen_ai.usage.details.cache_read_tokens': 90, 'gen_ai.usage.details.cache_write_tokens': 10 },
      'gen_ai.usage.details.reasoning_tokens': 4,
    };
    const sentry = {
      ...{ 'gen_ai.usage.input_tokens': 105, 'gen_ai.usage.output_tokens': 7 },
      ...{ 'gen_ai.usage.input_tokens.cached': 90, 'gen_ai.usage.input_tokens.cache_write': 10 },
      'gen_ai.usage.output_tokens.reasoning': 4,
    };
    for (const dialect of [pydantic, sentry]) {
      expect(usageOf(dialect)).to.deep.equal({
        ...{ prompt_tokens: 105, completion_tokens: 7, reasoning_tokens: 4 },
        ...{ cache_read_tokens: 90, cache_creation_tokens: 10 },
      });
    }
  });

  it('makes no list longer than its items, whatever their indices are', () => {
    const list = flatList({ 'p.9999.a.9999.9999': 1, 'p.9999.a.7': 2, 'p.9999.a.10': 3, 'p.2': 4 }, 'p');
    expect(text(list)).to.equal('[4,{"a":[2,3,[1]]}]');
  });

  it('puts only numbers into lists of lists', () => {
    const attributes = Object.fromEntries(
      ['0', '__proto__.polluted', '__proto__.__proto__.polluted', 'length', '1'].map((path) => [`p.0.${path}`, path]),
    );
    const list = flatList(attributes, 'p');
    try {
      expect([]).not.to.have.property('polluted');
      expect({}).not.to.have.property('polluted');
      expect(list).to.deep.equal([['0', '1']]);
    } finally {
      for (const prototype of [Array.prototype, Object.prototype]) Reflect.deleteProperty(prototype, 'polluted');
    }
  });

  it('counts tokens once if an agent states the sum of its calls', () => {
    const sum = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.usage.input_tokens': 24 };
    const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.usage.input_tokens': 12 };
    const agent = otelSpan('agent', sum, { spanId: '000000000000000a' });
    const inner = ['b', 'c'].map((id) =>
      otelSpan('chat', call, {
        spanId: `000000000000000${id}`,
        parentId: agent.spanId,
        startedAt: agent.startedAt + 1,
      }),
    );
    for (const isWhole of [true, false]) {
      const { spans } = traceValues([agent, ...inner], isWhole).trace;
      expect(spans.map(({ tokenUsage }) => tokenUsage?.prompt_tokens)).to.deep.equal([undefined, 12, 12]);
      expect(spans[0]?.metadata).to.deep.include({ stated_usage: { prompt_tokens: 24 } });
    }
    const only = (isWhole: boolean) => traceValues([agent], isWhole).trace.spans[0]?.tokenUsage;
    expect(only(true)).to.deep.equal({ prompt_tokens: 24 });
    expect(only(false)).to.equal(undefined); // its calls may come in another request
  });

  it('names the trace after its root, with the last question and the last answer', () => {
    const history = { messages: [{ role: 'user', content: 'Hi' }, ...asked.messages] };
    const attributes = {
      ...{ 'ai.operationId': 'ai.generateText', 'ai.prompt': text(history), 'ai.response.text': 'Rain.' },
      ...{ 'session.id': 's1', 'ai.telemetry.metadata.userId': 'u1', 'tag.tags': ['a'] },
    };
    const { trace, root } = traceValues([otelSpan('ask', attributes)], true);
    expect(root).to.equal('own');
    expect(trace).to.deep.include({ name: 'ask', status: 'COMPLETED', input: asked, output: answered });
    expect(trace).to.deep.include({ sessionId: 's1', userId: 'u1', tags: ['a'] });
  });
});

function pick({ kind, model, input, output, tokenUsage }: SpanValues): unknown {
  return JSON.parse(text({ kind, model, input, output, tokenUsage }));
}
