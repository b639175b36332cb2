import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import OpenAI from 'openai';
import { init, MemorySink, type SpanView, shutdown, withTrace } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { rejection } from '../support/recorded.js';

const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const chunk = (delta: object, finish_reason: string | null = null) => ({
  ...{ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-x' },
  choices: [{ index: 0, delta, finish_reason }],
});
const chat = (content: string, finish_reason: string) => [
  chunk({ role: 'assistant', content }),
  { ...chunk({}, finish_reason), usage },
];
const claude = (json: string) => [
  {
    type: 'message_start',
    message: {
      id: 'm',
      type: 'message',
      role: 'assistant',
      model: 'claude-x',
      content: [],
      usage: { input_tokens: 10 },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 't', name: 'w', input: {} } },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: json } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
];

const response = (text: string) => {
  const of = (status: string, output: readonly object[]) => ({
    ...{ id: 'r', object: 'response', model: 'gpt-x', status, output },
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15 },
  });
  const said = { id: 'm', type: 'message', role: 'assistant', status: 'completed' };
  const part = { type: 'output_text', text: '', annotations: [] };
  return [
    { type: 'response.created', response: of('in_progress', []) },
    { type: 'response.output_item.added', output_index: 0, item: { ...said, content: [] } },
    { type: 'response.content_part.added', output_index: 0, content_index: 0, item_id: 'm', part },
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, item_id: 'm', delta: text },
    { type: 'response.completed', response: of('completed', [{ ...said, content: [{ ...part, text }] }]) },
  ];
};

const messages = [{ role: 'user' as const, content: 'Hi' }];
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const response_format = {
  ...{ type: 'json_schema' as const, json_schema: { name: 'place', schema } },
  $brand: 'auto-parseable-response-format',
  $parseRaw: JSON.parse,
};

describe('A streamed answer that the helper of a client refuses', () => {
  let memory: MemorySink;
  let provider: Provider;
  let events: readonly object[];

  before(async () => {
    provider = await startProvider(({ path }) => ({ kind: 'sse', events, named: path.includes('messages') }));
  });
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  after(async () => {
    await shutdown();
    await provider[Symbol.asyncDispose]();
  });

  const openAI = () => wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 }));
  const anthropic = () => wrapAnthropic(new Anthropic({ apiKey: 'k', baseURL: provider.url, maxRetries: 0 }));
  const inFormat = () => openAI().chat.completions.stream({ model: 'gpt-x', messages, response_format });
  /** The call in a trace that handles the rejection. */
  async function refused(read: () => Promise<unknown>): Promise<readonly [Error, SpanView]> {
    const error = await withTrace('agent', () => rejection(read()));
    const [trace] = memory.traces;
    expect([memory.traces.length, trace?.status, trace?.spans.length]).to.deep.equal([1, 'COMPLETED', 1]);
    return [error, trace?.spans[0] as SpanView];
  }

  it('is an error of its call, with the output so far', async () => {
    events = chat('{"city": "Lis', 'length');
    const [error, span] = await refused(() => inFormat().finalChatCompletion());
    expect(error.constructor.name).to.equal('LengthFinishReasonError');
    expect(span.status).to.equal('ERROR');
    expect(span.error).to.include(error.message);
    expect(span.output).to.deep.equal({ messages: [{ role: 'assistant', content: '{"city": "Lis' }] });
    expect(span.metadata.finish_reason).to.equal('length');
  });

  it('is an error even if it is read to its end, and is not the requested JSON', async () => {
    events = chat('a city', 'stop');
    const [error, span] = await refused(() => inFormat().done());
    expect(error.message).to.match(/JSON/);
    expect([span.status, span.error?.includes('JSON')]).to.deep.equal(['ERROR', true]);
  });

  it('is an error with the Responses API, too, with its tokens', async () => {
    events = response('a city');
    const format = { ...response_format, type: 'json_schema' as const, name: 'place', schema };
    const [error, span] = await refused(() =>
      openAI().responses.stream({ model: 'gpt-x', input: 'Hi', text: { format } }).finalResponse(),
    );
    expect(error.message).to.match(/JSON/);
    expect([span.status, span.error?.includes('JSON')]).to.deep.equal(['ERROR', true]);
    expect(span.tokenUsage).to.deep.include({ prompt_tokens: 10, completion_tokens: 5 });
    expect(span.metadata).not.to.have.property('stream_incomplete');
  });

  it('is an error with Anthropic, too', async () => {
    events = claude('{"city": nowhere}');
    const [error, span] = await refused(() =>
      anthropic().messages.stream({ model: 'claude-x', max_tokens: 9, messages }).finalMessage(),
    );
    expect(error.message).to.match(/JSON/);
    expect([span.status, span.error?.includes('JSON')]).to.deep.equal(['ERROR', true]);
  });

  it('stays unhandled if nobody handles it', async () => {
    events = chat('{', 'length');
    const unhandled = new Promise<unknown>((resolve) => process.once('unhandledRejection', resolve));
    inFormat();
    expect(await unhandled)
      .to.have.property('message')
      .that.includes('length');
    expect(memory.traces.map(({ status }) => status)).to.deep.equal(['ERROR']);
  });

  it('is no error if the helper accepts it, or the program leaves the stream', async () => {
    events = chat('{"city": "Lisbon"}', 'stop');
    await inFormat().finalChatCompletion();
    for await (const _ of inFormat()) break;
    await new Promise((resolve) => setImmediate(resolve));
    expect(memory.traces.map(({ status, spans }) => [status, spans[0]?.status])).to.deep.equal([
      ['COMPLETED', 'OK'],
      ['COMPLETED', 'OK'],
    ]);
  });
});
