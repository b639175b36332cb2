import { expect } from 'chai';
import { withSpan, withTrace } from '../../lib/index.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { noise } from './support/noise.js';
import { openAI } from './support/openai-wire.js';
import { openAIClients } from './support/versions.js';

const messages = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: 'How warm is it?' },
];

for (const [name, OpenAI] of await openAIClients()) {
  describe(`wrapOpenAI(): chat completions of ${name}`, () => {
    let provider: Provider;
    let recorded: Recorded;
    before(async () => {
      provider = await startProvider(openAI);
    });
    after(() => provider[Symbol.asyncDispose]());
    beforeEach(() => {
      recorded = record();
      provider.forget();
    });
    afterEach(stopRecording);

    const client = (options?: Parameters<typeof wrapOpenAI>[1]) =>
      wrapOpenAI(
        new OpenAI({ apiKey: 'sk-secret-key-1234', baseURL: `${provider.url}/v1`, maxRetries: 0, logLevel: 'off' }),
        options,
      );

    it("returns the client's own promise, for await and for its helpers", async () => {
      const bare = new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0, logLevel: 'off' });
      const { completions } = bare.chat;
      const create = completions.create.bind(completions) as (...args: unknown[]) => unknown;
      const made: unknown[] = [];
      Object.assign(completions, {
        create(...args: unknown[]) {
          made.push(create(...args));
          return made.at(-1);
        },
      });
      wrapOpenAI(bare);
      const promise = completions.create({ model: 'plain', messages });
      expect(promise).to.equal(made[0]);
      expect(Object.keys(promise)).to.deep.equal(Object.keys(create({ model: 'plain', messages }) as object));
      await promise;
      await completions.parse({ model: 'plain', messages });
      const output = { messages: [{ role: 'assistant', content: 'Hello' }] };
      expect(recorded.spans.map((span) => span.output)).to.deep.equal([output, output]);
    });

    it('makes a trace of its own outside of any trace', async () => {
      await client().chat.completions.create({ model: 'plain', messages, temperature: 0.2 });
      const { trace, span } = recorded;
      expect(recorded.memory.tree()).to.equal('openai-chat\n└─ openai-chat LLM');
      expect(trace).to.deep.include({
        status: 'COMPLETED',
        input: { messages: [messages[1]] },
        output: { messages: [{ role: 'assistant', content: 'Hello' }] },
      });
      expect(span).to.deep.include({
        status: 'OK',
        model: 'gpt-x-2026',
        input: { messages },
        output: { messages: [{ role: 'assistant', content: 'Hello' }] },
        modelParameters: { temperature: 0.2 },
        completionStartTime: undefined,
      });
      expect(span.metadata).to.deep.equal({ response_id: 'c1', finish_reason: 'stop' });
    });

    it('counts cached tokens inside the prompt and reasoning inside the completion', async () => {
      await client().chat.completions.create({ model: 'plain', messages });
      expect(recorded.span.tokenUsage).to.deep.equal({
        prompt_tokens: 12,
        completion_tokens: 7,
        total_tokens: 19,
        reasoning_tokens: 3,
        cache_read_tokens: 4,
      });
    });

    it('leaves out tokens that were not counted', async () => {
      await client().chat.completions.create({ model: 'uncounted', messages });
      expect(recorded.span.tokenUsage).to.equal(undefined);
    });

    it('records a cost only if the provider states one', async () => {
      await client().chat.completions.create({ model: 'plain', messages });
      expect(recorded.span.cost).to.equal(undefined);
      recorded = record({ estimateCost: () => 1 });
      await client().chat.completions.create({ model: 'priced', messages });
      expect(recorded.span.cost).to.deep.equal({ total: 0.0025 });
    });

    it('nests in the current span, also when called in parallel', async () => {
      const openai = client();
      await withTrace('agent', async () => {
        const ask = (step: string) =>
          withSpan(step, () => openai.chat.completions.create({ model: 'plain', messages }));
        await Promise.all([ask('a'), ask('b')]);
        await openai.chat.completions.create({ model: 'plain', messages });
      });
      expect(recorded.memory.tree()).to.equal(
        'agent\n├─ a OTHER\n│  └─ openai-chat LLM\n├─ b OTHER\n│  └─ openai-chat LLM\n└─ openai-chat LLM',
      );
    });

    it('records tool calls with and without text', async () => {
      await client().chat.completions.create({ model: 'tools', messages });
      expect(recorded.span.output).to.deep.equal({
        messages: [
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Lisbon"}' } }],
          },
        ],
      });
      expect(recorded.span.metadata.finish_reason).to.equal('tool_calls');
    });

    it('records every choice, refusals and reasoning', async () => {
      const openai = client();
      await openai.chat.completions.create({ model: 'three', messages, n: 3 });
      await openai.chat.completions.create({ model: 'refusal', messages });
      await openai.chat.completions.create({ model: 'reasoning', messages });
      const [three, refusal, reasoning] = recorded.spans;
      expect(three?.output).to.deep.equal({
        messages: ['one', 'two', 'three'].map((content) => ({ role: 'assistant', content })),
      });
      expect(three?.metadata.finish_reasons).to.deep.equal(['stop', 'stop', 'stop']);
      expect(refusal?.output).to.deep.equal({
        messages: [{ role: 'assistant', content: null, refusal: 'I will not' }],
      });
      expect(reasoning?.output).to.deep.equal({ messages: [{ role: 'assistant', content: '42' }] });
      expect(reasoning?.metadata.reasoning_summary).to.equal('six times seven');
    });

    it('keeps credentials, users and schemas out of the parameters', async () => {
      await client().chat.completions.create(
        {
          model: 'json',
          messages,
          user: 'user-z4711',
          safety_identifier: 'person-z4711',
          prompt_cache_key: 'cache-z4711',
          metadata: { customer: 'customer-z4711' },
          response_format: { type: 'json_schema', json_schema: { name: 'weather', schema: { big: 'schema-z4711' } } },
          tools: [{ type: 'function', function: { name: 'weather', parameters: { deep: 'parameters-z4711' } } }],
          tool_choice: 'auto',
        },
        { headers: { 'x-secret': 'header-z4711' } },
      );
      expect(recorded.span.modelParameters).to.deep.equal({
        tool_choice: 'auto',
        response_format: { type: 'json_schema', name: 'weather' },
      });
      expect(recorded.span.metadata.tools).to.deep.equal(['weather']);
      expect(recorded.text).not.to.match(/z4711|sk-secret/);
    });

    it('records files and pictures by their size, and keeps addresses', async () => {
      const bytes = noise(5000).toString('base64');
      await client().chat.completions.create({
        model: 'plain',
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: `data:image/png;base64,${bytes}` } },
              { type: 'image_url', image_url: { url: 'https://example.com/cat.png' } },
              { type: 'input_audio', input_audio: { data: bytes, format: 'wav' } },
              { type: 'file', file: { file_data: `data:application/pdf;base64,${bytes}`, filename: 'a.pdf' } },
            ],
          },
          { role: 'tool', tool_call_id: 't1', content: `the screenshot is ${bytes}` },
        ],
      });
      expect(recorded.span.input).to.deep.equal({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image', mime_type: 'image/png', size_bytes: 5000 },
              { type: 'image', url: 'https://example.com/cat.png' },
              { type: 'audio', mime_type: 'audio/wav', size_bytes: 5000 },
              { type: 'file', mime_type: 'application/pdf', name: 'a.pdf', size_bytes: 5000 },
            ],
          },
          { role: 'tool', tool_call_id: 't1', content: 'the screenshot is [5000 bytes]' },
        ],
      });
    });

    it('records errors without the key, and rethrows them', async () => {
      const openai = client();
      const error = await rejection(openai.chat.completions.create({ model: 'bad', messages }));
      expect(error).to.be.instanceOf(OpenAI.BadRequestError);
      expect(recorded.trace.status).to.equal('ERROR');
      expect(recorded.span).to.deep.include({ status: 'ERROR', error: 'BadRequestError: 400 nope' });
      expect(recorded.span.metadata.error).to.deep.equal({
        type: 'invalid_request_error',
        status: 400,
        code: 'bad_value',
        request_id: 'req_1',
      });
      await rejection(openai.chat.completions.create({ model: 'no-key', messages }));
      expect(recorded.spans[1]?.error).to.equal('AuthenticationError: 401 Incorrect API key provided: [key]');
    });

    it('records malformed bodies, cut connections and aborts', async () => {
      const openai = client();
      await rejection(openai.chat.completions.create({ model: 'malformed', messages }));
      await rejection(openai.chat.completions.create({ model: 'cut-first', messages }));
      const controller = new AbortController();
      const aborted = openai.chat.completions.create({ model: 'hang', messages }, { signal: controller.signal });
      setTimeout(() => controller.abort(), 20);
      await rejection(aborted);
      expect(recorded.spans.map(({ error }) => error?.replace(/:.*/s, ''))).to.deep.equal([
        'SyntaxError',
        'APIConnectionError',
        'APIUserAbortError',
      ]);
      expect(recorded.spans[1]?.metadata.error).to.have.property('cause', 'other side closed');
      expect(recorded.spans[2]?.metadata.aborted).to.equal(true);
      expect(recorded.spans.every(({ input }) => input !== undefined)).to.equal(true);
    });

    it('records parse(), runTools() and the steps in between', async () => {
      const openai = client();
      const parsed = await openai.chat.completions.parse({
        model: 'json',
        messages,
        response_format: { type: 'json_schema', json_schema: { name: 'w', schema: {} } },
      });
      expect(parsed.choices[0]?.message.content).to.equal('{"degrees":21}');
      expect(recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: '{"degrees":21}' }] });
      recorded.memory.clear();
      await withTrace('agent', async () => {
        const runner = openai.chat.completions.runTools({
          model: 'tools',
          messages,
          tools: [
            {
              type: 'function',
              function: {
                name: 'weather',
                description: 'the weather',
                parameters: {},
                function: () => withSpan('weather', { kind: 'TOOL' }, () => '21 °C'),
              },
            },
          ],
        });
        expect(await runner.finalContent()).to.equal('It is 21 °C');
      });
      expect(recorded.memory.tree()).to.equal('agent\n├─ openai-chat LLM\n├─ weather TOOL\n└─ openai-chat LLM');
    });

    it('ends the span when only the response is requested', async () => {
      const response = await client().chat.completions.create({ model: 'plain', messages }).asResponse();
      expect(response.status).to.equal(200);
      await new Promise((resolve) => setImmediate(resolve));
      expect(recorded.span.metadata).to.deep.equal({ http_status: 200 });
      expect(recorded.span.status).to.equal('OK');
      expect(await response.json()).to.have.property('id', 'c1');
    });

    it('records withResponse() once', async () => {
      const { data, request_id } = await client().chat.completions.create({ model: 'plain', messages }).withResponse();
      expect(data.choices[0]?.message.content).to.equal('Hello');
      expect(request_id).to.equal('req_1');
      await new Promise((resolve) => setImmediate(resolve));
      expect(recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello' }] });
    });
  });
}
