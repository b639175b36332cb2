import { Mistral } from '@mistralai/mistralai';
import { expect } from 'chai';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { drain, rejection } from '../support/recorded.js';
import { useScene } from './support/scene.js';

const usage = { prompt_tokens: 12, completion_tokens: 7, total_tokens: 29, connector_tokens: 10 };
const tokens = { prompt_tokens: 22, completion_tokens: 7, total_tokens: 29, connector_tokens: 10 };
const weather = { id: 'f1', type: 'function', function: { name: 'weather', arguments: '{"city":"Bern"}' } };
const thinking = { type: 'thinking', thinking: [{ type: 'text', text: 'six times seven' }] };

const outputs = [
  { type: 'tool.execution', id: 't1', name: 'web_search', arguments: '{"query":"42"}', info: { hits: 3 } },
  {
    type: 'agent.handoff',
    id: 'h1',
    previous_agent_id: 'a',
    previous_agent_name: 'A',
    next_agent_id: 'b',
    next_agent_name: 'Maths',
  },
  {
    type: 'message.output',
    id: 'm1',
    model: 'mistral-x-2026',
    content: [thinking, { type: 'text', text: 'It is 42' }],
  },
  { type: 'function.call', id: 'c1', tool_call_id: 'f1', name: 'weather', arguments: '{"city":"Bern"}' },
];
const whole = { object: 'conversation.response', conversation_id: 'k1', outputs, usage };

const delta = (content: unknown) => ({
  type: 'message.output.delta',
  output_index: 2,
  id: 'm1',
  content_index: 0,
  model: 'mistral-x-2026',
  role: 'assistant',
  content,
});
const tool = (step: string, rest: object) => ({
  type: `tool.execution.${step}`,
  output_index: 0,
  id: 't1',
  name: 'web_search',
  ...rest,
});
const piece = (input: string) => ({
  type: 'function.call.delta',
  output_index: 3,
  id: 'c1',
  name: 'weather',
  tool_call_id: 'f1',
  arguments: input,
});
const events = [
  { type: 'conversation.response.started', conversation_id: 'k1' },
  tool('started', { arguments: '{"query":' }),
  tool('delta', { arguments: '"42"}' }),
  tool('done', { info: { hits: 3 } }),
  { type: 'agent.handoff.started', output_index: 1, id: 'h1', previous_agent_id: 'a', previous_agent_name: 'A' },
  { type: 'agent.handoff.done', output_index: 1, id: 'h1', next_agent_id: 'b', next_agent_name: 'Maths' },
  delta({ type: 'thinking', thinking: [{ type: 'text', text: 'six times ' }] }),
  delta({ type: 'thinking', thinking: [{ type: 'text', text: 'seven' }] }),
  delta('It is '),
  delta({ type: 'text', text: '42' }),
  piece('{"city":'),
  piece('"Bern"}'),
  { type: 'conversation.response.done', usage },
];

describe('wrapMistral(): conversations', () => {
  const scene = useScene();
  let conversations: Mistral['beta']['conversations'];
  before(() => {
    const options = { apiKey: 'secret-z4711', serverURL: scene.url, retryConfig: { strategy: 'none' as const } };
    ({ conversations } = wrapMistral(new Mistral(options)).beta);
  });
  beforeEach(() => {
    scene.answer = { kind: 'json', body: whole };
  });

  const llm = () => scene.recorded.spans.filter(({ kind }) => kind === 'LLM');
  const stream = (...given: readonly object[]) => {
    scene.answer = { kind: 'sse', events: given, named: true };
    return conversations.startStream({ model: 'mistral-x', inputs: 'How much?' });
  };
  const expected = {
    name: 'mistral-conversation',
    status: 'OK',
    model: 'mistral-x-2026',
    input: { messages: [{ role: 'user', content: 'How much?' }] },
    output: { messages: [{ role: 'assistant', content: 'It is 42', tool_calls: [weather] }] },
    tokenUsage: tokens,
    metadata: { conversation: 'k1', handoffs: ['Maths'], reasoning_summary: 'six times seven' },
  };
  const expectTool = () => {
    const [used, ...others] = scene.recorded.spans.filter(({ kind }) => kind === 'TOOL');
    expect(used).to.deep.include({ name: 'web_search', input: { query: '42' }, output: { hits: 3 }, status: 'OK' });
    expect(used?.parentSpanId).to.equal(llm()[0]?.spanId);
    expect(others).to.deep.equal([]);
  };

  it('records text, thoughts, calls, tools, hand-offs and tokens', async () => {
    const given = await conversations.start({ model: 'mistral-x', inputs: 'How much?' });
    expect(given.conversationId).to.equal('k1');
    expect(llm()[0]).to.deep.include(expected);
    expectTool();
  });

  it('records the same of a stream, with the time of the first token', async () => {
    expect(await drain(await stream(...events))).to.have.length(events.length);
    expect(llm()[0]).to.deep.include(expected);
    expect(llm()[0]?.completionStartTime).not.to.equal(undefined);
    expectTool();
  });

  it('keeps the output so far if a stream is left early', async () => {
    for await (const { data } of await stream(...events)) {
      if (data.type === 'message.output.delta' && data.content === 'It is ') break;
    }
    expect(llm()[0]?.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'It is ' }] });
    expect(llm()[0]?.metadata).to.deep.include({ stream_incomplete: true });
    expect(llm()[0]?.tokenUsage).to.equal(undefined);
  });

  it('records the request, also when a conversation goes on or starts again', async () => {
    const inputs = [
      { role: 'user' as const, content: 'How warm?' },
      { type: 'function.call' as const, toolCallId: 'f1', name: 'weather', arguments: { city: 'Bern' } },
      { type: 'function.result' as const, toolCallId: 'f1', result: '21' },
    ];
    const completionArgs = { temperature: 0.5, maxTokens: 9 };
    await conversations.start({ agentId: 'ag1', instructions: 'Be brief.', inputs, completionArgs });
    await conversations.append({
      conversationId: 'k1',
      conversationAppendRequest: { inputs: 'And now?', completionArgs },
    });
    await conversations.restart({
      conversationId: 'k1',
      conversationRestartRequest: { inputs: 'Again', fromEntryId: 'e1' },
    });
    const [first, second, third] = llm();
    expect(first?.input).to.deep.equal({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'How warm?' },
        { role: 'assistant', content: null, tool_calls: [weather] },
        { role: 'tool', tool_call_id: 'f1', content: '21' },
      ],
    });
    expect(first?.metadata).to.deep.include({ agent_id: 'ag1' });
    expect(second?.input).to.deep.equal({ messages: [{ role: 'user', content: 'And now?' }] });
    expect(second?.metadata).to.deep.include({ conversation: 'k1' });
    expect(third?.metadata).to.deep.include({ conversation: 'k1', from_entry: 'e1' });
    const parameters = { temperature: 0.5, max_tokens: 9 };
    expect(llm().map(({ modelParameters }) => modelParameters)).to.deep.equal([parameters, parameters, undefined]);
  });

  it('records the streams of conversations that go on or start again', async () => {
    scene.answer = { kind: 'sse', events, named: true };
    await drain(
      await conversations.appendStream({ conversationId: 'k1', conversationAppendStreamRequest: { inputs: 'x' } }),
    );
    const again = { inputs: 'x', fromEntryId: 'e1' };
    await drain(await conversations.restartStream({ conversationId: 'k1', conversationRestartStreamRequest: again }));
    expect(llm()).to.have.length(2);
    for (const span of llm()) {
      expect(span).to.deep.include({ input: { messages: [{ role: 'user', content: 'x' }] }, tokenUsage: tokens });
    }
  });

  it('counts what the tools read once, also where the prompt has it already', async () => {
    const within = { prompt_tokens: 22, completion_tokens: 7, total_tokens: 29, connector_tokens: 10 };
    const none = { prompt_tokens: 0, completion_tokens: 7, total_tokens: 7 };
    for (const usage of [within, none]) {
      scene.answer = { kind: 'json', body: { ...whole, usage } };
      await conversations.start({ model: 'mistral-x', inputs: 'How much?' });
    }
    expect(llm().map(({ tokenUsage }) => tokenUsage)).to.deep.equal([within, none]);
  });

  it('counts nothing if the reply has no counts', async () => {
    scene.answer = { kind: 'json', body: { ...whole, usage: {} } };
    await conversations.start({ model: 'mistral-x', inputs: 'How much?' });
    expect(llm()[0]?.tokenUsage).to.equal(undefined);
  });

  it('fails for a failure in the status or in a stream, and keeps the output so far', async () => {
    await drain(await stream(delta('par'), { type: 'conversation.response.error', message: 'try again', code: 529 }));
    scene.answer = { kind: 'json', status: 400, body: { object: 'error', message: 'nope', type: 'invalid_request' } };
    await rejection(conversations.start({ model: 'mistral-x', inputs: 'How much?' }));
    expect(llm().map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
    expect(llm()[0]).to.deep.include({
      error: 'try again',
      output: { messages: [{ role: 'assistant', content: 'par' }] },
    });
    expect(llm()[0]?.metadata?.error).to.deep.equal({ type: 'error', code: 529 });
    expect(llm()[1]?.error).to.include('nope');
  });
});
