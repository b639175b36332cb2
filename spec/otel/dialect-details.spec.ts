import { expect } from 'chai';
import { fromConvention, messagesIn, toConvention } from '../../lib/otel/messages.js';
import type { OtelEvent, OtelSpan } from '../../lib/otel/otel-span.js';
import { isOfAgent, kindOf } from '../../lib/otel/reading/kind.js';
import { spanValues } from '../../lib/otel/reading/span-values.js';
import { traceValues } from '../../lib/otel/reading/trace-values.js';
import { costOf, usageOf } from '../../lib/otel/reading/usage.js';
import { otelSpan } from './spans.js';

const text = (value: unknown) => JSON.stringify(value);
const read = (attributes: Record<string, unknown>, more: Partial<OtelSpan> = {}) =>
  spanValues(otelSpan('step', attributes, more), undefined);
const event = (name: string, attributes: Record<string, unknown>): OtelEvent => ({ name, at: 5, attributes });

describe('Details of other libraries’ spans', () => {
  it('knows each dialect’s words for a kind, in any case where the dialect has none of its own', () => {
    const rows: readonly (readonly [name: string, value: string, kind: string | undefined])[] = [
      ['langfuse.observation.type', 'generation', 'LLM'],
      ['langfuse.observation.type', 'event', 'OTHER'],
      ['openinference.span.kind', 'reranker', 'RETRIEVER'],
      ['openinference.span.kind', 'GUARDRAIL', 'OTHER'],
      ['gen_ai.operation.name', 'text_completion', 'LLM'],
      ['gen_ai.operation.name', 'invoke_workflow', 'CHAIN'],
      ['gen_ai.operation.name', 'rerank', 'RETRIEVER'],
      ['gen_ai.operation.name', 'decide', 'LLM'],
      ['gen_ai.operation.name', 'ai.generateSpeech', 'LLM'],
      ['gen_ai.operation.name', 'ai.transcribe', 'LLM'],
      ['gen_ai.operation.name', 'ai.streamTranscribe', 'LLM'],
      ['gen_ai.operation.name', 'hum', 'OTHER'],
      ['traceloop.span.kind', 'task', 'CHAIN'],
      ['traceloop.span.kind', 'dream', 'OTHER'],
      ['mlflow.spanType', '"chat_model"', 'LLM'],
      ['mlflow.spanType', '"PARSER"', 'OTHER'],
      ['ai.operationId', 'ai.streamText.doStream', 'LLM'],
      ['ai.operationId', 'ai.streamText', 'AGENT'],
      ['ai.operationId', 'ai.generateObject', 'AGENT'],
      ['ai.operationId', 'ai.toolCall', 'TOOL'],
      ['ai.operationId', 'ai.embedMany.doEmbed', 'EMBEDDING'],
      ['ai.operationId', 'ai.embedMany', 'CHAIN'],
      ['ai.operationId', 'ai.generateSpeech', 'LLM'],
      ['ai.operationId', 'ai.streamTranscribe', 'LLM'],
      ['ai.operationId', 'ai.rerank', 'OTHER'],
      ['gen_ai.request.model', 'gpt-5.4', 'LLM'],
      ['llm.token_count.prompt', '3', 'LLM'],
      ['gen_ai.agent.name', 'planner', undefined],
    ];
    const found = rows.map(([name, value]) => [name, value, kindOf({ attributes: { [name]: value } })]);
    expect(found).to.deep.equal(rows);
    for (const [name, value] of rows) expect(isOfAgent({ scope: 'any', attributes: { [name]: value } })).to.equal(true);
    for (const scope of ['pydantic-ai', '@mastra/otel', 'opentelemetry.instrumentation.openai.v1'])
      expect(isOfAgent({ scope, attributes: {} }), scope).to.equal(true);
  });

  it('reads parts of a message that are no plain text, and keeps their form', () => {
    const parts = [
      { type: 'reasoning', content: 'It may rain.' },
      { type: 'text', content: 'Look:', index: 0 },
      { type: 'uri', modality: 'image', uri: 'https://x.test/map.png', detail: 'low' },
      { type: 'uri', modality: 'audio', uri: 'https://x.test/rain.mp3' },
      { type: 'uri', modality: 'image', uri: 5 },
      { type: 'blob', content: 'AAAA' },
      { type: 'text', content: { nested: true } },
      { type: 'reasoning', content: null },
    ];
    const read = fromConvention([{ role: 'user', parts }]);
    expect(read).to.deep.equal({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'reasoning', text: 'It may rain.' },
            { type: 'text', text: 'Look:', index: 0 },
            { type: 'image_url', image_url: { url: 'https://x.test/map.png', detail: 'low' } },
            ...parts.slice(3),
          ],
        },
      ],
    });
    expect(toConvention(messagesIn(read) ?? [], false)).to.deep.equal([{ role: 'user', parts }]);
    const odd = toConvention([{ role: 'user', content: ['Hi', 7, { type: 'reasoning', text: 3 }] }], true);
    expect(odd).to.deep.equal([
      {
        role: 'user',
        parts: [
          { type: 'text', content: 'Hi' },
          { type: 'text', content: '7' },
          { type: 'reasoning', text: 3 },
        ],
        finish_reason: 'stop',
      },
    ]);
  });

  it('recognizes only lists of whole messages as messages', () => {
    const message = { role: 'user', content: 'Hi' };
    expect(messagesIn({ messages: [message, { role: 'assistant' }, { role: 'tool', content: 5 }] })).to.have.length(3);
    const others: readonly unknown[] = [
      { messages: [] },
      { messages: [message], model: 'gpt-5.4' },
      { messages: message },
      { messages: [message, 'Hi'] },
      { messages: [message, { content: 'no role' }] },
      { messages: [message, { role: 'user', content: 5 }] },
      { messages: [{ role: 'user', parts: [] }] },
      [message],
    ];
    expect(others.map(messagesIn)).to.deep.equal(others.map(() => undefined));
  });

  it('reads tool calls of both forms of the AI SDK, and an answer without a text', () => {
    const toolCalls = [
      { toolCallId: 'c1', toolName: 'weather', input: { city: 'Oslo' } },
      { toolCallId: 'c2', toolName: 'weather', args: '{"city":"Bergen"}' },
      { toolCallId: 'c3', toolName: 'now' },
    ];
    const call = (id: string, name: string, given: string) => ({
      ...{ id, type: 'function', function: { name, arguments: given } },
    });
    const calls = [
      call('c1', 'weather', '{"city":"Oslo"}'),
      call('c2', 'weather', '{"city":"Bergen"}'),
      call('c3', 'now', '{}'),
    ];
    const answered = read({ 'ai.operationId': 'ai.generateText', 'ai.response.toolCalls': text(toolCalls) });
    expect(answered.output).to.deep.equal({ messages: [{ role: 'assistant', content: null, tool_calls: calls }] });
    const asked = (prompt: unknown) => read({ 'ai.operationId': 'ai.generateText', 'ai.prompt': text(prompt) }).input;
    const question = { role: 'user', content: 'Rain?' };
    const system = { role: 'system', content: 'Be brief.' };
    expect(asked({ system: 'Be brief.', prompt: 'Rain?' })).to.deep.equal({ messages: [system, question] });
    expect(asked({ system: '', messages: [question] })).to.deep.equal({ messages: [question] });
    expect(asked({ topic: 'rain' })).to.deep.equal({ topic: 'rain' });
  });

  it('reads OpenInference’s parts of a message and calls of tools', () => {
    const message = 'llm.input_messages.0.message.';
    const attributes = {
      'openinference.span.kind': 'LLM',
      [`${message}contents.0.message_content.type`]: 'text',
      [`${message}contents.0.message_content.text`]: 'Look:',
      [`${message}contents.1.message_content.type`]: 'image',
      [`${message}contents.1.message_content.image.image.url`]: 'https://x.test/map.png',
      [`${message}contents.2.message_content.type`]: 'audio',
      [`${message}tool_calls.0.tool_call.id`]: 'c1',
      [`${message}tool_calls.0.tool_call.function.name`]: 'weather',
      [`${message}tool_calls.0.tool_call.function.arguments`]: '{"city":"Oslo"}',
    };
    expect(JSON.parse(text(read(attributes).input))).to.deep.equal({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look:' },
            { type: 'image_url', image_url: { url: 'https://x.test/map.png' } },
            { type: 'audio' },
          ],
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
        },
      ],
    });
  });

  it('reads the messages of an agent, the answer of a tool, and events with parts of a message', () => {
    const tool = { 'gen_ai.operation.name': 'execute_tool' };
    const events = [
      event('gen_ai.tool.message', { content: '{"city":"Oslo"}' }),
      event('gen_ai.choice', { message: 'rain' }),
    ];
    expect(read(tool, { events })).to.include({ output: 'rain' });
    expect(read(tool, { events }).input).to.deep.equal({ city: 'Oslo' });
    const all = [{ role: 'user', parts: [{ type: 'text', content: 'Rain?' }] }];
    const agent = read({ 'gen_ai.operation.name': 'invoke_agent', 'pydantic_ai.all_messages': text(all) });
    expect(agent.input).to.deep.equal({ messages: [{ role: 'user', content: 'Rain?' }] });
    const chat = { 'gen_ai.operation.name': 'chat' };
    const answer = (value: unknown) => read(chat, { events: [event('gen_ai.choice', { message: value })] }).output;
    expect(answer({ content: 'Rain.', role: 'model' })).to.deep.equal({
      messages: [{ role: 'model', content: 'Rain.' }],
    });
    expect(answer({ refusal: 'No.' })).to.deep.equal({
      messages: [{ role: 'assistant', content: { refusal: 'No.' } }],
    });
    expect(answer(undefined)).to.deep.equal({ messages: [{ role: 'assistant', content: null }] });
  });

  it('takes the reason of a failed span from the first text that it has', () => {
    const level = 'langfuse.observation.level';
    const said = { [level]: 'ERROR', 'langfuse.observation.status_message': 'no quota', 'error.type': 'QuotaError' };
    const events = [event('exception', { 'exception.type': 'TimeoutError' })];
    const failed = (message: string) => ({ status: { code: 2, message } });
    expect(read(said, { ...failed('by the status'), events }).error).to.equal('by the status');
    expect(read(said, { ...failed(''), events }).error).to.equal('no quota');
    expect(read({ 'error.type': '503' }, { ...failed(''), events }).error).to.equal('TimeoutError');
    expect(read({ 'error.type': '503' }, failed('')).error).to.equal('503');
    expect(read({}, failed('')).error).to.equal('failed');
    expect(read({ [level]: 'WARNING' }, { events })).to.include({ error: undefined, status: 'UNSET' });
  });

  it('reads the time of the first chunk, and the requested parameters', () => {
    const at = (attributes: Record<string, unknown>, events: OtelEvent[] = []) =>
      read(attributes, { events }).completionStartTime;
    const start = 1_700_000_000_000;
    expect(at({ 'gen_ai.response.time_to_first_chunk': 0.25 })).to.equal(start + 250);
    expect(at({ 'gen_ai.response.time_to_first_chunk': -1, 'ai.response.msToFirstChunk': 40.5 })).to.equal(
      start + 40.5,
    );
    expect(at({ 'ai.response.msToFirstChunk': 0 })).to.equal(start);
    expect(at({ 'ai.response.msToFirstChunk': '40' })).to.equal(undefined);
    const time = '2023-11-14T22:13:20.125Z';
    expect(at({ 'langfuse.observation.completion_start_time': text(time) })).to.equal(start + 125);
    expect(at({}, [event('ai.stream.firstChunk', {})])).to.equal(5);
    const parameters = read({
      'llm.invocation_parameters': text({ temperature: 0.1, model: 'gpt-5.4', tools: [] }),
      'gen_ai.request.temperature': 0.9,
      'gen_ai.request.max_tokens': 50,
      'gen_ai.request.model': 'gpt-5.4',
      'ai.settings.temperature': 0.8,
      'ai.settings.maxRetries': 2,
    }).modelParameters;
    expect(parameters).to.deep.equal({ temperature: 0.1, max_tokens: 50, maxRetries: 2 });
    expect(read({ 'gen_ai.request.model': 'gpt-5.4' }).modelParameters).to.equal(undefined);
  });

  it('reads counts and amounts that are texts, and ignores invalid counts', () => {
    const counts = {
      'gen_ai.usage.input_tokens': '12',
      'gen_ai.usage.output_tokens': '',
      'llm.token_count.completion': 0,
    };
    expect(usageOf(counts)).to.deep.equal({ prompt_tokens: 12, completion_tokens: 0 });
    for (const odd of [-1, 1.5, 'many', null, Number.POSITIVE_INFINITY])
      expect(usageOf({ 'gen_ai.usage.input_tokens': odd }), String(odd)).to.equal(undefined);
    expect(costOf({ 'llm.cost.total': '0.5', 'operation.cost': 9, 'llm.cost.prompt': 0 })).to.deep.equal({
      ...{ total: 0.5, prompt: 0 },
    });
    expect(costOf({ 'mlflow.llm.cost': text({ total: 0.25 }), 'llm.cost.total': 9 })).to.deep.equal({ total: 0.25 });
    for (const odd of [-0.1, 'dear', Number.POSITIVE_INFINITY])
      expect(costOf({ 'llm.cost.total': odd })).to.equal(undefined);
  });

  it('names a trace after its own root, else after a root from another process, else after its first step', () => {
    const span = (id: string, more: Partial<OtelSpan>) =>
      otelSpan(`s${id}`, { 'gen_ai.operation.name': 'chat' }, { spanId: id.repeat(16), ...more });
    const step = span('a', { parentId: 'f'.repeat(16), startedAt: 1000, endedAt: 9000 });
    const remote = span('b', { parentId: 'e'.repeat(16), isParentRemote: true, startedAt: 2000, endedAt: 3000 });
    const own = span('c', { parentId: undefined, startedAt: 3000, endedAt: 4000, status: { code: 2, message: 'no' } });
    const found = [[step], [remote, step], [step, own, remote]].map((spans) => {
      const { trace, root } = traceValues(spans, true);
      return [root, trace.name, trace.status, trace.startedAt, trace.endedAt];
    });
    expect(found).to.deep.equal([
      ['none', 'sa', 'COMPLETED', 1000, 9000],
      ['remote', 'sb', 'COMPLETED', 1000, 9000],
      ['own', 'sc', 'ERROR', 1000, 9000],
    ]);
  });
});
