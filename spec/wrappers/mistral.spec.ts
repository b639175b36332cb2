import { Mistral } from '@mistralai/mistralai';
import { expect } from 'chai';
import { withTrace } from '../../lib/index.js';
import { unwrap, type WrapOptions, wrapMistral } from '../../lib/wrappers/mistral.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { mistral } from './support/mistral-wire.js';
import { noise } from './support/noise.js';

const ask = (model: string) => ({ model, messages: [{ role: 'user' as const, content: 'Hi' }] });
const said = (content: unknown) => ({ messages: [{ role: 'assistant', content }] });
const call = { id: 'tc1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } };

describe('wrapMistral()', () => {
  let provider: Provider;
  let recorded: Recorded;
  before(async () => {
    provider = await startProvider(mistral);
  });
  after(() => provider[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const client = (options?: WrapOptions): Mistral =>
    wrapMistral(
      new Mistral({ apiKey: 'secret-z4711', serverURL: provider.url, retryConfig: { strategy: 'none' } }),
      options,
    );
  const complete = async (model: string, isStreamed: boolean) => {
    if (isStreamed) await drain(await client().chat.stream(ask(model)));
    else await client().chat.complete(ask(model));
  };

  for (const isStreamed of [false, true]) {
    describe(isStreamed ? 'streamed' : 'whole', () => {
      it('records model, output, cached tokens and the trace of its own', async () => {
        await complete('plain', isStreamed);
        expect(recorded.span).to.deep.include({
          name: 'mistral-chat',
          kind: 'LLM',
          status: 'OK',
          model: 'mistral-x-2026',
          input: { messages: [{ role: 'user', content: 'Hi' }] },
          output: said('Hello'),
          tokenUsage: { prompt_tokens: 12, completion_tokens: 7, total_tokens: 19, cache_read_tokens: 4 },
        });
        expect(recorded.span.metadata).to.deep.equal({ response_id: 'mc1', finish_reason: 'stop' });
        expect(recorded.span.completionStartTime !== undefined).to.equal(isStreamed);
        expect(recorded.trace.output).to.deep.equal(said('Hello'));
      });

      it('records tool calls', async () => {
        await complete('tools', isStreamed);
        expect(recorded.span.output).to.deep.equal({
          messages: [{ role: 'assistant', content: null, tool_calls: [call] }],
        });
      });

      it('reads content that is a list, and keeps thoughts apart', async () => {
        await complete('thinking', isStreamed);
        expect(recorded.span.output).to.deep.equal(said('Hello'));
        expect(recorded.span.metadata.reasoning_summary).to.equal('Think of Lisbon.');
      });
    });
  }

  it('leaves out counts that are only defaults of the client', async () => {
    await complete('uncounted', false);
    expect(recorded.span.tokenUsage).to.equal(undefined);
  });

  it('records messages and parameters in the names of the wire', async () => {
    await client().chat.complete({
      model: 'plain',
      temperature: 0.1,
      maxTokens: 10,
      randomSeed: 7,
      safePrompt: true,
      responseFormat: { type: 'json_schema', jsonSchema: { name: 'weather', schemaDefinition: {} } },
      tools: [{ type: 'function', function: { name: 'weather', parameters: {} } }],
      metadata: { user: 'user-z4711' },
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', imageUrl: `data:image/png;base64,${noise(4000).toString('base64')}` },
          ],
        },
        {
          role: 'assistant',
          content: '',
          toolCalls: [{ id: 'tc1', function: { name: 'weather', arguments: { city: 'Lisbon' } } }],
        },
        { role: 'tool', toolCallId: 'tc1', name: 'weather', content: '21' },
      ],
    });
    expect(recorded.span.input).to.deep.equal({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', mime_type: 'image/png', size_bytes: 4000 },
          ],
        },
        { role: 'assistant', content: '', tool_calls: [call] },
        { role: 'tool', content: '21', name: 'weather', tool_call_id: 'tc1' },
      ],
    });
    expect(recorded.span.modelParameters).to.deep.equal({
      temperature: 0.1,
      max_tokens: 10,
      random_seed: 7,
      safe_prompt: true,
      response_format: { type: 'json_schema', name: 'weather' },
    });
    expect(recorded.span.metadata.tools).to.deep.equal(['weather']);
    expect(recorded.text).not.to.include('z4711');
  });

  it('records streams however they are read', async () => {
    const stream = () => client().chat.stream(ask('plain'));
    const reader = (await stream()).getReader();
    while (!(await reader.read()).done);
    const [left, right] = (await stream()).tee();
    expect([(await drain(left)).length, (await drain(right)).length]).to.deep.equal([4, 4]);
    await (await stream()).pipeTo(new WritableStream());
    await drain((await stream()).pipeThrough(new TransformStream()));
    const values = (await stream()).values();
    while (!(await values.next()).done);
    expect(recorded.spans).to.have.length(5);
    for (const span of recorded.spans) {
      expect(span).to.deep.include({ status: 'OK', output: said('Hello') });
      expect(span.metadata).not.to.have.property('stream_incomplete');
    }
  });

  it('keeps the output so far of a stream that is cut off, left early or cancelled', async () => {
    await rejection(drain(await client().chat.stream(ask('cut'))));
    for await (const { data } of await client().chat.stream(ask('stall'))) if (data.choices[0]?.delta.content) break;
    const reader = (await client().chat.stream(ask('stall'))).getReader();
    await reader.read();
    await reader.read();
    await reader.cancel();
    const [cut, broken, cancelled] = recorded.spans;
    expect(cut).to.deep.include({ status: 'ERROR', output: said('Hello') });
    expect(broken).to.deep.include({ status: 'OK', output: said('Hel') });
    expect(cancelled).to.deep.include({ status: 'OK', output: said('Hel') });
    for (const span of recorded.spans) expect(span.metadata.stream_incomplete).to.equal(true);
  });

  it('records parse(), parseStream(), agents, FIM and embeddings', async () => {
    const { z } = await import('zod');
    const responseFormat = z.object({ degrees: z.number() });
    const parsed = await client().chat.parse({ ...ask('json'), responseFormat });
    expect(parsed.choices?.[0]?.message?.parsed).to.deep.equal({ degrees: 21 });
    await drain(await client().chat.parseStream({ ...ask('json'), responseFormat }));
    await client().agents.complete({ agentId: 'agent-1', messages: [{ role: 'user', content: 'Hi' }] });
    await client().fim.complete({ model: 'plain', prompt: 'def f(', suffix: 'return a' });
    await client().embeddings.create({ model: 'embed', inputs: ['a', 'b'] });
    const [first, second, agent, fim, vectors] = recorded.spans;
    expect([first?.output, second?.output]).to.deep.equal([said('{"degrees":21}'), said('{"degrees":21}')]);
    expect(agent).to.deep.include({ name: 'mistral-agent', output: said('Hello') });
    expect(agent?.metadata.agent_id).to.equal('agent-1');
    expect(fim?.input).to.deep.equal({ messages: [{ role: 'user', content: 'def f(', suffix: 'return a' }] });
    expect(vectors).to.deep.include({
      name: 'mistral-embeddings',
      kind: 'EMBEDDING',
      input: { input: ['a', 'b'] },
      output: { count: 2, dimensions: 3 },
      tokenUsage: { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 },
    });
  });

  it('records errors with their status', async () => {
    await rejection(client().chat.complete(ask('bad')));
    await rejection(client().chat.complete(ask('cut-first')));
    expect(recorded.spans[0]?.error).to.match(/nope/);
    expect(recorded.spans[0]?.metadata.error).to.deep.include({ status: 400 });
    expect(recorded.traces.map(({ status }) => status)).to.deep.equal(['ERROR', 'ERROR']);
  });

  it('nests, wraps once and is undone', async () => {
    const mistralClient = wrapMistral(client());
    await withTrace('agent', () => mistralClient.chat.complete(ask('plain')));
    expect(recorded.memory.tree()).to.equal('agent\n└─ mistral-chat LLM');
    await unwrap(mistralClient).chat.complete(ask('plain'));
    expect(recorded.traces).to.have.length(1);
    expect(mistralClient.chat).not.to.have.own.property('complete');
  });
});
