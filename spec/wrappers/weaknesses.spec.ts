import {
  type BedrockRuntimeClient,
  ConverseCommand,
  InvokeModelCommand,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { expect } from 'chai';
import { startTrace, withSpan, withTrace } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { unwrap, type WrapOptions, wrapOpenAI } from '../../lib/wrappers/openai.js';
import { anthropic } from './support/anthropic-wire.js';
import { bedrock } from './support/bedrock-wire.js';
import { bare, providers } from './support/clients.js';
import { gemini } from './support/gemini-wire.js';
import { mistral } from './support/mistral-wire.js';
import { noise } from './support/noise.js';
import { openAI } from './support/openai-wire.js';
import { type Provider, startProvider } from './support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from './support/recorded.js';

/*
 * What wrappers of this kind are known to get wrong, each caused with the real client. The numbers count the known
 * weaknesses; those missing are of frameworks' integrations, which are no wrappers.
 */

const messages = [{ role: 'user' as const, content: 'Hi' }];
const tools = (id: string) => [{ id, type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } }];
const none = (async function* () {})();

/** All providers at one address: their paths differ, but for one of Mistral's, whose specs have a server of their own. */
function wireOf(path: string) {
  if (path.startsWith('/model/')) return bedrock;
  if (path.includes('/models/')) return gemini;
  return path.startsWith('/v1/messages') ? anthropic : openAI;
}

describe('A known weakness of wrappers', () => {
  let server: Provider;
  let recorded: Recorded;
  before(async () => {
    server = await startProvider((seen) => wireOf(seen.path)(seen));
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const openai = (options?: WrapOptions) => wrapOpenAI(bare.openai(server.url), options);
  const claude = () => wrapAnthropic(bare.anthropic(server.url));
  const google = () => wrapGemini(bare.gemini(server.url));
  const aws = (): BedrockRuntimeClient => wrapBedrock(bare.bedrock(server.url));
  const chat = (model: string) => openai().chat.completions.create({ model, messages });
  const chatStream = (model: string) => openai().chat.completions.create({ model, messages, stream: true });
  const message = (model: string) => claude().messages.create({ model, messages, max_tokens: 9 });
  const messageStream = (model: string) => claude().messages.create({ model, messages, max_tokens: 9, stream: true });
  const outputs = () => recorded.spans.map(({ output }) => (output as { messages: unknown[] })?.messages);

  describe('1: a call is taken for finished when it has only begun', () => {
    for (const { name, answer, wrap } of providers) {
      it(`does not happen with ${name}: the span has the answer, and a streamed call can be awaited`, async () => {
        await using provider = await startProvider(answer);
        const client = wrap(provider.url);
        await client.whole('plain');
        await drain(await client.stream('plain'));
        for (const { status, output, tokenUsage } of recorded.spans) {
          expect(status).to.equal('OK');
          expect(output).to.have.property('messages').with.length(1);
          expect(tokenUsage).to.include.keys('prompt_tokens', 'completion_tokens');
        }
        expect(recorded.spans).to.have.length(2);
      });
    }
  });

  describe('2: breaking out of a stream leaks its trace into what follows', () => {
    for (const { name, span, answer, wrap } of providers) {
      it(`does not happen with ${name}`, async () => {
        await using provider = await startProvider(answer);
        const client = wrap(provider.url);
        for await (const _ of await client.stream('stall')) break;
        await client.whole('plain');
        expect(recorded.memory.tree()).to.equal(`${span}\n└─ ${span} LLM\n${span}\n└─ ${span} LLM`);
        expect(recorded.spans[0]?.metadata.stream_incomplete).to.equal(true);
        expect(recorded.spans[1]?.metadata).not.to.have.property('stream_incomplete');
      });
    }
  });

  it('3: calls at the same time become children of each other; here they stay siblings', async () => {
    await withTrace('agent', () =>
      Promise.all(
        ['a', 'b'].map((step) =>
          withSpan(step, async () => {
            for await (const _ of await chatStream('plain')) await chat('plain');
          }),
        ),
      ),
    );
    const calls = '│  ├─ openai-chat LLM\n'.repeat(4);
    const branch = (step: string) => `${step} OTHER\n${calls}│  └─ openai-chat LLM`;
    const last = branch('b').replaceAll('│  ', '   ');
    expect(recorded.memory.tree()).to.equal(`agent\n├─ ${branch('a')}\n└─ ${last}`);
  });

  it('4: cached tokens of OpenAI are not recorded; here they are, whole and streamed', async () => {
    await chat('plain');
    await drain(
      await openai({ streamUsage: true }).chat.completions.create({ model: 'plain', messages, stream: true }),
    );
    await openai().responses.create({ model: 'plain', input: 'Hi' });
    expect(recorded.spans.map(({ tokenUsage }) => tokenUsage?.cache_read_tokens)).to.deep.equal([4, 4, 4]);
  });

  it('5: the current trace is passed over, and settings are shared; here each client nests and keeps its own', async () => {
    const [a, b] = [openai({ sessionId: 'a', tags: ['a'] }), openai({ sessionId: 'b', tags: ['b'] })];
    await withTrace('agent', () => a.chat.completions.create({ model: 'plain', messages }));
    for (const client of [a, b]) await client.chat.completions.create({ model: 'plain', messages });
    await unwrap(a).chat.completions.create({ model: 'plain', messages });
    const seen = recorded.traces.map(({ name, sessionId, tags }) => [name, sessionId, ...tags].join());
    expect(seen).to.deep.equal(['agent,', 'openai-chat,a,a', 'openai-chat,b,b']);
  });

  it('6: a span that ends after its trace, or a long name, costs the trace; here both arrive', async () => {
    const trace = startTrace('agent');
    const stream = await openai({ name: 'n'.repeat(600) }).chat.completions.create({
      model: 'm'.repeat(300),
      messages,
      stream: true,
    });
    trace.end();
    await drain(stream);
    const { span } = recorded;
    expect(span).to.deep.include({
      status: 'OK',
      output: { messages: [{ role: 'assistant', content: 'It is 21 °C' }] },
    });
    expect([span.name.length, span.model]).to.deep.equal([512, 'gpt-x-2026']);
  });

  describe('7, OpenAI:', () => {
    it('streamed tool calls, refusals, reasoning and further choices are dropped; here they are kept', async () => {
      for (const model of ['tools', 'refusal', 'reasoning', 'three']) await drain(await chatStream(model));
      const [called, refused, thought, three] = outputs();
      expect(called).to.deep.equal([{ role: 'assistant', content: null, tool_calls: tools('t1') }]);
      expect(refused).to.deep.equal([{ role: 'assistant', content: null, refusal: 'I will not' }]);
      expect(thought).to.deep.equal([{ role: 'assistant', content: '42' }]);
      expect(recorded.spans[2]?.metadata.reasoning_summary).to.equal('six times seven');
      expect(three).to.have.length(2);
    });

    it('an empty first chunk counts as the first token; here the first content does', async () => {
      const iterator = (await chatStream('plain'))[Symbol.asyncIterator]();
      await iterator.next();
      await withTrace('marker', () => {});
      await drain({ [Symbol.asyncIterator]: () => iterator });
      const [marker, answered] = recorded.traces;
      const first = answered?.spans[0]?.completionStartTime?.getTime();
      expect(first).to.be.at.least(marker?.endedAt?.getTime() ?? Number.NaN);
    });

    it('parse(), embeddings and completions go unseen; here they are recorded', async () => {
      await openai().chat.completions.parse({ model: 'json', messages });
      await openai().responses.parse({ model: 'json', input: 'Hi' });
      await openai().embeddings.create({ model: 'embed', input: 'a' });
      await openai().completions.create({ model: 'plain', prompt: 'Hi' });
      const names = ['openai-chat', 'openai-response', 'openai-embeddings', 'openai-completion'];
      expect(recorded.spans.map(({ name }) => name)).to.deep.equal(names);
    });

    it('streams lose their other members; here they are the very streams', async () => {
      const stream = await chatStream('plain');
      expect(stream.controller).to.be.instanceOf(AbortController);
      expect(stream.toReadableStream).to.be.a('function');
      const { response } = await openai()
        .chat.completions.create({ model: 'plain', messages, stream: true })
        .withResponse();
      expect(response.status).to.equal(200);
    });

    it('a response of nothing but tool calls has no output; here it has', async () => {
      await openai().responses.create({ model: 'tools', input: 'Hi' });
      const [span, tool] = recorded.spans;
      expect(span?.output).to.deep.equal({
        messages: [{ role: 'assistant', content: null, tool_calls: tools('call1') }],
      });
      expect(tool).to.deep.include({ name: 'function_call:weather', input: { city: 'Lisbon' } });
    });

    it('a failed, incomplete or broken response passes for OK; here it does not', async () => {
      await openai().responses.create({ model: 'failed', input: 'Hi' });
      for (const model of ['failed', 'incomplete']) {
        await drain(await openai().responses.create({ model, input: 'Hi', stream: true }));
      }
      await rejection(
        openai().responses.create({ model: 'error-inside', input: 'Hi', stream: true }).then(drain),
      ).catch(() => {});
      const seen = recorded.spans.map(({ status, error, metadata }) => [status, error ?? metadata.incomplete_reason]);
      expect(seen.slice(0, 3)).to.deep.equal([
        ['ERROR', 'it broke'],
        ['ERROR', 'it broke'],
        ['OK', 'max_output_tokens'],
      ]);
      expect(seen[3]?.[0]).to.equal('ERROR');
      expect(recorded.spans[3]?.error).to.include('boom');
    });

    it("the provider's own tools take no time; here they last from their start to their end", async () => {
      for await (const event of await openai().responses.create({ model: 'search', input: 'Hi', stream: true })) {
        if (event.type === 'response.output_item.added' && event.item.type === 'web_search_call') {
          withTrace('marker', () => {});
        }
      }
      const tool = recorded.spans.find(({ name }) => name === 'web_search');
      const [marker] = recorded.traces;
      expect(tool?.startedAt).to.be.at.most(marker?.startedAt ?? new Date(0));
      expect(tool?.endedAt).to.be.at.least(marker?.endedAt ?? new Date(8e12));
    });
  });

  describe('8, Anthropic:', () => {
    it('a tool call beside text is lost; here both are kept, whole and streamed', async () => {
      await message('text-and-tool');
      await drain(await messageStream('text-and-tool'));
      const expected = [{ role: 'assistant', content: 'Hello', tool_calls: tools('tu_1') }];
      expect(outputs()).to.deep.equal([expected, expected]);
    });

    it('an answer of nothing but a tool call or a thought has no message; here it has', async () => {
      await message('tools');
      await message('only-thinking');
      expect(outputs()).to.deep.equal([
        [{ role: 'assistant', content: null, tool_calls: tools('tu_1') }],
        [{ role: 'assistant', content: null }],
      ]);
      expect(recorded.spans[1]?.metadata.reasoning_summary).to.equal('Think of Lisbon.');
    });

    it('streams have no totals, time to first token or partial output; here they have', async () => {
      await drain(await messageStream('plain'));
      await rejection(drain(await messageStream('cut-tool')));
      const [whole, cut] = recorded.spans;
      expect(whole?.tokenUsage).to.deep.equal({
        prompt_tokens: 15,
        completion_tokens: 9,
        total_tokens: 24,
        reasoning_tokens: 4,
        cache_read_tokens: 3,
        cache_creation_tokens: 2,
      });
      expect(whole?.completionStartTime).not.to.equal(undefined);
      expect(JSON.stringify(cut?.output)).to.include('weather');
    });

    it('the stream helper loses its members, and beta goes unseen; here neither does', async () => {
      const helper = claude().messages.stream({ model: 'plain', messages, max_tokens: 9 });
      expect(await helper.on('text', () => {}).finalText()).to.equal('Hello');
      await claude().beta.messages.create({ model: 'plain', messages, max_tokens: 9 });
      const expected = [{ role: 'assistant', content: 'Hello' }];
      expect(outputs()).to.deep.equal([expected, expected]);
    });
  });

  describe('9, Gemini:', () => {
    it('what is not text is erased; here it is kept, and every form of contents is read', async () => {
      const ai = google();
      await ai.models.generateContent({ model: 'plain', contents: { text: 'Hi' } });
      const picture = { inlineData: { mimeType: 'image/png', data: noise(3000).toString('base64') } };
      await ai.models.generateContent({ model: 'tools', contents: ['Look', picture] });
      const inputs = recorded.spans.map(({ input }) => (input as { messages: unknown[] }).messages);
      expect(inputs[0]).to.deep.equal(messages);
      const parts = [
        { type: 'text', text: 'Look' },
        { type: 'image', mime_type: 'image/png', size_bytes: 3000 },
      ];
      expect(inputs[1]).to.deep.equal([{ role: 'user', content: parts }]);
      expect(outputs()[1]).to.deep.equal([{ role: 'assistant', content: null, tool_calls: tools('weather-1') }]);
    });

    it('tokens are looked for in the last chunk, and the model that answered is not; here both are found', async () => {
      await drain(await google().models.generateContentStream({ model: 'plain', contents: 'Hi' }));
      expect(recorded.span).to.deep.include({ model: 'gemini-x-001' });
      expect(recorded.span.tokenUsage).to.deep.include({ completion_tokens: 7, reasoning_tokens: 3, total_tokens: 19 });
    });
  });

  describe('10, Mistral and Bedrock:', () => {
    it('streamed tool calls, lists of content and cached tokens of Mistral are dropped; here they are kept', async () => {
      await using provider = await startProvider(mistral);
      const { chat } = wrapMistral(bare.mistral(provider.url));
      for (const model of ['tools', 'thinking']) await drain(await chat.stream({ model, messages }));
      expect(outputs()).to.deep.equal([
        [{ role: 'assistant', content: null, tool_calls: tools('tc1') }],
        [{ role: 'assistant', content: 'Hello' }],
      ]);
      expect(recorded.spans.map(({ tokenUsage }) => tokenUsage?.cache_read_tokens)).to.deep.equal([4, 4]);
    });

    it('a tool call beside text is dropped; here both are kept', async () => {
      const content = [{ text: 'Hi' }];
      await aws().send(new ConverseCommand({ modelId: 'tools', messages: [{ role: 'user', content }] }));
      expect(outputs()).to.deep.equal([[{ role: 'assistant', content: 'Hello', tool_calls: tools('tu1') }]]);
    });

    it('streams of InvokeModel have neither output nor tokens, and Llama no counts; here they have', async () => {
      for (const modelId of ['anthropic.claude-v1', 'meta.llama-v1', 'mistral.mistral-v1']) {
        const command = new InvokeModelWithResponseStreamCommand({ modelId, body: '{"prompt":"Hi"}' });
        await drain((await aws().send(command)).body ?? none);
      }
      await aws().send(new InvokeModelCommand({ modelId: 'meta.llama-v1', body: '{"prompt":"Hi"}' }));
      for (const each of outputs()) expect(each).to.deep.equal([{ role: 'assistant', content: 'Hello' }]);
      const counted = recorded.spans.map(({ tokenUsage }) => tokenUsage?.total_tokens);
      expect(counted).to.deep.equal([24, 7, 7, 7]);
    });

    it('schemas of tools and free fields are copied into the parameters; here names and open fields are', async () => {
      const json = { type: 'object', properties: { city: { type: 'string', description: 'schema-4711' } } };
      await aws().send(
        new ConverseCommand({
          modelId: 'plain',
          messages: [{ role: 'user', content: [{ text: 'Hi' }] }],
          toolConfig: { tools: [{ toolSpec: { name: 'weather', inputSchema: { json } } }], toolChoice: { auto: {} } },
          additionalModelRequestFields: { top_k: 5, api_key: 'key-4711', nested: { hf_token: 'token-4711' } },
        }),
      );
      expect(recorded.span.modelParameters).to.deep.equal({
        tool_choice: { auto: {} },
        additional_model_request_fields: { top_k: 5, nested: {} },
      });
      expect(recorded.span.metadata.tools).to.deep.equal(['weather']);
      expect(recorded.text).not.to.include('4711');
    });
  });

  describe('11: a stream that fails loses what has come, and files are sent whole', () => {
    for (const { name, answer, wrap } of providers) {
      it(`does not happen with ${name}: the partial answer stays`, async () => {
        await using provider = await startProvider(answer);
        await rejection(wrap(provider.url).stream('cut').then(drain));
        const { status, output, metadata } = recorded.span;
        expect(status).to.equal('ERROR');
        expect(metadata.stream_incomplete).to.equal(true);
        expect(JSON.stringify(output)).to.match(/Hel|It is/);
      });
    }

    it('does not happen: a picture is told by its size, a schema by its name', async () => {
      const data = noise(5000).toString('base64');
      await openai().chat.completions.create({
        model: 'plain',
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } }] },
        ],
        response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: { title: 'schema-4711' } } },
      });
      expect(recorded.span.input).to.deep.equal({
        messages: [{ role: 'user', content: [{ type: 'image', mime_type: 'image/png', size_bytes: 5000 }] }],
      });
      expect(recorded.span.modelParameters).to.deep.equal({
        response_format: { type: 'json_schema', name: 'weather' },
      });
      expect(recorded.text).not.to.include('schema-4711').and.not.to.include(data.slice(0, 100));
    });
  });

  describe('12: tokens mean something else with each provider', () => {
    for (const { name, answer, wrap } of providers) {
      it(`does not happen with ${name}: caches are part of the prompt, reasoning of the completion`, async () => {
        await using provider = await startProvider(answer);
        const client = wrap(provider.url);
        await client.whole('plain');
        await drain(await client.stream('plain'));
        const [whole, streamed] = recorded.spans.map(({ tokenUsage }) => tokenUsage ?? {});
        expect(streamed).to.deep.equal(whole);
        const { prompt_tokens = 0, completion_tokens = 0, total_tokens, ...parts } = whole ?? {};
        expect(total_tokens).to.equal(prompt_tokens + completion_tokens);
        expect(parts.cache_read_tokens).to.be.greaterThan(0);
        expect((parts.cache_read_tokens ?? 0) + (parts.cache_creation_tokens ?? 0)).to.be.at.most(prompt_tokens);
        expect(parts.reasoning_tokens ?? 0).to.be.at.most(completion_tokens);
        expect(Object.values(whole ?? {}).every(Number.isInteger)).to.equal(true);
      });
    }
  });

  it('17: a cost is never recorded; here the one that is stated is, and else the one you estimate', async () => {
    recorded = record({ estimateCost: (_, { total_tokens = 0 }) => total_tokens / 1000 });
    for (const model of ['priced', 'plain', 'uncounted']) await chat(model);
    const costs = recorded.spans.map(({ cost }) => cost);
    expect(costs).to.deep.equal([{ total: 0.0025 }, { total: 0.019 }, undefined]);
  });
});
