import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { withSpan, withTrace } from '../../lib/index.js';
import { unwrap, type WrapOptions, wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { anthropic } from './support/anthropic-wire.js';
import { noise } from './support/noise.js';

const ask = (model: string) => ({
  model,
  max_tokens: 100,
  messages: [{ role: 'user' as const, content: 'How warm is it?' }],
});
const said = (content: unknown) => ({ messages: [{ role: 'assistant', content }] });
const call = { id: 'tu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } };

describe('wrapAnthropic()', () => {
  let provider: Provider;
  let recorded: Recorded;
  before(async () => {
    provider = await startProvider(anthropic);
  });
  after(() => provider[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
    provider.forget();
  });
  afterEach(stopRecording);

  const client = (options?: WrapOptions): Anthropic =>
    wrapAnthropic(
      new Anthropic({ apiKey: 'sk-ant-secret-1234', baseURL: provider.url, maxRetries: 0, logLevel: 'off' }),
      options,
    );
  const create = async (model: string, isStreamed: boolean) => {
    if (isStreamed) await drain(await client().messages.create({ ...ask(model), stream: true }));
    else await client().messages.create(ask(model));
  };

  for (const isStreamed of [false, true]) {
    describe(isStreamed ? 'streamed' : 'whole', () => {
      it('counts cached tokens inside the prompt, and reasoning inside the completion', async () => {
        await create('plain', isStreamed);
        expect(recorded.span).to.deep.include({
          name: 'anthropic-messages',
          kind: 'LLM',
          status: 'OK',
          model: 'claude-x-2026',
          output: said('Hello'),
          modelParameters: { max_tokens: 100 },
          tokenUsage: {
            prompt_tokens: 15,
            completion_tokens: 9,
            total_tokens: 24,
            reasoning_tokens: 4,
            cache_read_tokens: 3,
            cache_creation_tokens: 2,
          },
        });
        expect(recorded.span.metadata).to.deep.equal({ response_id: 'msg_1', stop_reason: 'end_turn' });
        expect(recorded.span.completionStartTime !== undefined).to.equal(isStreamed);
        expect(recorded.trace).to.deep.include({
          input: { messages: [{ role: 'user', content: 'How warm is it?' }] },
          output: said('Hello'),
        });
      });

      it('keeps a tool call with and without text', async () => {
        await create('text-and-tool', isStreamed);
        await create('tools', isStreamed);
        expect(recorded.spans.map(({ output }) => output)).to.deep.equal([
          { messages: [{ role: 'assistant', content: 'Hello', tool_calls: [call] }] },
          { messages: [{ role: 'assistant', content: null, tool_calls: [call] }] },
        ]);
      });

      it('keeps thoughts apart, and has an output even if there is nothing else', async () => {
        await create('thinking', isStreamed);
        await create('only-thinking', isStreamed);
        const [both, alone] = recorded.spans;
        expect(both?.output).to.deep.equal(said('Hello'));
        expect(alone?.output).to.deep.equal(said(null));
        expect(recorded.spans.map(({ metadata }) => metadata.reasoning_summary)).to.deep.equal([
          'Think of Lisbon.',
          'Think of Lisbon.',
        ]);
        expect(recorded.text).not.to.match(/c2lnbmF0dXJl|cmVkYWN0ZWQ/);
      });

      it('records tools of the provider as spans, without encrypted content', async () => {
        await create('search', isStreamed);
        await create('failed-search', isStreamed);
        const tools = recorded.spans.filter(({ kind }) => kind === 'TOOL');
        expect(recorded.memory.tree().split('\n').slice(0, 3).join('\n')).to.equal(
          'anthropic-messages\n└─ anthropic-messages LLM\n   └─ web_search TOOL',
        );
        expect(tools[0]).to.deep.include({ status: 'OK', input: { query: 'Lisbon' } });
        expect(JSON.stringify(tools[0]?.output)).to.include('https://example.com/weather').and.include('[3000 bytes]');
        expect(tools[1]).to.deep.include({ status: 'ERROR', error: 'too_many_requests' });
        expect(recorded.text.length).to.be.below(8000);
      });
    });
  }

  it('records documents with what is written in them, or where they are', async () => {
    const document = { type: 'document', title: 'a note' } as const;
    await client().messages.create({
      ...ask('plain'),
      messages: [
        {
          role: 'user',
          content: [
            { ...document, source: { type: 'text', media_type: 'text/plain', data: 'It is 42' } },
            { ...document, source: { type: 'content', content: [{ type: 'text', text: 'It is 43' }] } },
            { ...document, source: { type: 'url', url: 'https://example.com/a.pdf' } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          ],
        },
      ],
    });
    const content = [
      { type: 'file', name: 'a note', content: 'It is 42' },
      { type: 'file', name: 'a note', content: [{ type: 'text', text: 'It is 43' }] },
      { type: 'file', name: 'a note', url: 'https://example.com/a.pdf' },
      { type: 'image', url: 'https://example.com/a.png' },
    ];
    expect(recorded.span.input).to.deep.equal({ messages: [{ role: 'user', content }] });
  });

  it('turns system prompts, tool results, files and thoughts of a conversation into messages', async () => {
    const bytes = noise(4000).toString('base64');
    await client().messages.create({
      ...ask('plain'),
      system: [
        { type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } },
        { type: 'text', text: 'Be kind.' },
      ],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: bytes } },
            {
              type: 'document',
              title: 'a.pdf',
              source: { type: 'base64', media_type: 'application/pdf', data: bytes },
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'c2lnbmF0dXJl' },
            { type: 'text', text: 'Let me look.' },
            { type: 'tool_use', id: 'tu_1', name: 'weather', input: { city: 'Lisbon' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'tu_1', content: [{ type: 'text', text: '21' }] },
            { type: 'tool_result', tool_use_id: 'tu_2', content: 'gone', is_error: true },
            { type: 'text', text: 'And now?' },
          ],
        },
      ],
      metadata: { user_id: 'user-z4711' },
      tools: [{ name: 'weather', input_schema: { type: 'object' } }],
    });
    expect(recorded.span.input).to.deep.equal({
      messages: [
        { role: 'system', content: 'Be brief.\nBe kind.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', mime_type: 'image/png', size_bytes: 4000 },
            { type: 'file', mime_type: 'application/pdf', name: 'a.pdf', size_bytes: 4000 },
          ],
        },
        { role: 'assistant', content: 'Let me look.', tool_calls: [call] },
        { role: 'tool', tool_call_id: 'tu_1', content: '21' },
        { role: 'tool', tool_call_id: 'tu_2', content: 'gone', is_error: true },
        { role: 'user', content: 'And now?' },
      ],
    });
    expect(recorded.span.metadata.tools).to.deep.equal(['weather']);
    expect(recorded.text).not.to.match(/z4711|sk-ant|c2lnbmF0dXJl/);
  });

  it('records errors with their status and request', async () => {
    const error = await rejection(client().messages.create(ask('overloaded')));
    expect(error).to.be.instanceOf(Anthropic.APIError);
    expect(recorded.trace.status).to.equal('ERROR');
    expect(recorded.span.error).to.match(/Overloaded/);
    expect(recorded.span.metadata.error).to.deep.include({
      type: 'overloaded_error',
      status: 529,
      request_id: 'req_1',
    });
    await rejection(client().messages.create(ask('no-key')));
    expect(recorded.spans[1]?.error).to.include('[key]').and.not.include('api03');
  });

  it('keeps the output so far of a stream that is cut off, fails, is left early or aborted', async () => {
    const stream = (model: string) => client().messages.create({ ...ask(model), stream: true });
    await rejection(drain(await stream('cut')));
    await rejection(drain(await stream('error-inside')));
    await rejection(drain(await stream('cut-tool')));
    for await (const event of await stream('stall')) if (event.type === 'content_block_delta') break;
    const aborted = await stream('stall');
    for await (const event of aborted) if (event.type === 'content_block_delta') aborted.controller.abort();
    const [cut, failed, tool, broken, abort] = recorded.spans;
    const sent = { prompt_tokens: 15, cache_read_tokens: 3, cache_creation_tokens: 2 };
    expect(cut).to.deep.include({ status: 'ERROR', output: said('Hello'), tokenUsage: sent });
    expect(failed?.error).to.match(/Overloaded/);
    expect(failed?.output).to.deep.equal(said('Hello'));
    expect(JSON.stringify(tool?.output)).to.include('"arguments":"{\\"c');
    expect(broken).to.deep.include({ status: 'OK', output: said('Hel') });
    expect(broken?.metadata).to.deep.equal({ response_id: 'msg_1', stream_incomplete: true });
    expect(abort?.metadata).to.deep.include({ stream_incomplete: true, aborted: true });
  });

  it('records parse(), stream() and the beta resource once each', async () => {
    const anthropicClient = client();
    await anthropicClient.messages.parse(ask('json'));
    expect(await anthropicClient.messages.stream(ask('plain')).finalText()).to.equal('Hello');
    await anthropicClient.beta.messages.create(ask('plain'));
    const helper = anthropicClient.messages.stream(ask('stall'));
    for await (const event of helper) if (event.type === 'content_block_delta') break;
    await helper.done().catch(() => {});
    expect(recorded.spans.map(({ output }) => output)).to.deep.equal([
      said('{"degrees":21}'),
      said('Hello'),
      said('Hello'),
      said('Hel'),
    ]);
    expect(recorded.spans[3]?.metadata.stream_incomplete).to.equal(true);
  });

  it('fails if parse() cannot read the reply, and keeps the answer', async () => {
    const parse = () => {
      throw new RangeError('not warm enough');
    };
    const format = { type: 'json_schema' as const, schema: {}, parse };
    const anthropicClient = client();
    const request = { ...ask('json'), output_config: { format } };
    for (const parsed of [anthropicClient.messages.parse(request), anthropicClient.beta.messages.parse(request)]) {
      expect((await rejection(parsed)).message).to.include('not warm enough');
    }
    for (const span of recorded.spans) {
      expect(span).to.deep.include({ status: 'ERROR', output: said('{"degrees":21}') });
      expect(span.error).to.include('not warm enough');
      expect(span.tokenUsage).not.to.equal(undefined);
    }
    expect(recorded.traces.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
  });

  it('records the making of a batch', async () => {
    const params = { model: 'plain', max_tokens: 1, messages: [] };
    await client().messages.batches.create({ requests: [{ custom_id: 'a', params }] });
    expect(recorded.span).to.deep.include({
      name: 'anthropic-batch',
      kind: 'OTHER',
      input: { requests: 1, models: ['plain'] },
    });
  });

  it('records the tool runner with the tools in between', async () => {
    await withTrace('agent', async () => {
      const runner = client().beta.messages.toolRunner({
        ...ask('tools'),
        tools: [
          {
            name: 'weather',
            input_schema: { type: 'object' as const },
            parse: (input: unknown) => input,
            run: () => withSpan('weather', { kind: 'TOOL' }, async () => '21 °C'),
          },
        ],
      });
      expect((await runner.runUntilDone()).content[0]).to.deep.include({ text: 'Hello' });
    });
    expect(recorded.memory.tree()).to.equal(
      'agent\n├─ anthropic-messages LLM\n├─ weather TOOL\n└─ anthropic-messages LLM',
    );
  });

  it('reaches clients made by withOptions(), wraps once and is undone', async () => {
    const anthropicClient = wrapAnthropic(client({ name: 'planner' }));
    await anthropicClient.withOptions({ timeout: 5000 }).messages.create(ask('plain'));
    expect(recorded.span.name).to.equal('planner');
    await unwrap(anthropicClient).messages.create(ask('plain'));
    expect(recorded.traces).to.have.length(1);
    expect(anthropicClient.messages).not.to.have.own.property('create');
  });
});
