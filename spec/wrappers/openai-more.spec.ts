import { expect } from 'chai';
import { AzureOpenAI } from 'openai';
import { Client, init, MemorySink, session, startTrace, user, withTrace } from '../../lib/index.js';
import { unwrap, type WrapOptions, wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { openAI } from './support/openai-wire.js';
import { openAIClients } from './support/versions.js';

const messages = [{ role: 'user' as const, content: 'Hi' }];

for (const [name, OpenAI] of await openAIClients()) {
  describe(`wrapOpenAI(): ${name}`, () => {
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

    const bare = () => new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0, logLevel: 'off' });
    const client = (options?: WrapOptions) => wrapOpenAI(bare(), options);
    const plain = (openai: ReturnType<typeof bare>) => openai.chat.completions.create({ model: 'plain', messages });

    describe('embeddings and completions', () => {
      it('records an embedding by its size, never the numbers', async () => {
        const { data } = await client().embeddings.create({ model: 'embed', input: ['a', 'b'] });
        expect(Array.from(data[0]?.embedding ?? [])).to.deep.equal([0.5, 0.25, -1]);
        expect(recorded.span).to.deep.include({
          name: 'openai-embeddings',
          kind: 'EMBEDDING',
          model: 'embed-x-2026',
          input: { input: ['a', 'b'] },
          output: { count: 2, dimensions: 3 },
          tokenUsage: { prompt_tokens: 3, completion_tokens: 0, total_tokens: 3 },
          completionStartTime: undefined,
        });
      });

      it('counts tokens that are embedded as numbers', async () => {
        await client().embeddings.create({ model: 'embed', input: [[1, 2, 3], [4]], encoding_format: 'float' });
        expect(recorded.span.input).to.deep.equal({ input: ['[3 tokens]', '[1 tokens]'] });
        expect(recorded.span.modelParameters).to.deep.equal({ encoding_format: 'float' });
      });

      it('leaves embeddings alone with traceEmbeddings: false', async () => {
        await client({ traceEmbeddings: false }).embeddings.create({ model: 'embed', input: 'a' });
        expect(recorded.traces).to.have.length(0);
      });

      it('records legacy completions, whole and streamed', async () => {
        const openai = client();
        await openai.completions.create({ model: 'plain', prompt: 'Say hello' });
        await drain(await openai.completions.create({ model: 'plain', prompt: 'Say hello', stream: true }));
        for (const span of recorded.spans) {
          expect(span).to.deep.include({
            name: 'openai-completion',
            input: { messages: [{ role: 'user', content: 'Say hello' }] },
            output: { messages: [{ role: 'assistant', content: 'Hello' }] },
          });
        }
      });
    });

    describe('options', () => {
      it('gives traces of their own a session, a user, tags and metadata', async () => {
        await plain(client({ sessionId: 's', userId: 'u', tags: ['t'], metadata: { team: 'a' }, name: 'planner' }));
        expect(recorded.trace).to.deep.include({ name: 'planner', sessionId: 's', userId: 'u', tags: ['t'] });
        expect(recorded.trace.metadata).to.deep.equal({ team: 'a' });
        expect(recorded.span.name).to.equal('planner');
        expect(recorded.span.metadata).to.deep.include({ team: 'a', response_id: 'c1' });
      });

      it('reads session and user from the scope', async () => {
        const openai = client();
        await session('scoped', () => user('somebody', () => plain(openai).then((reply) => reply)));
        expect(recorded.trace).to.deep.include({ sessionId: 'scoped', userId: 'somebody' });
      });

      it('leaves inputs and outputs out if told so, by itself or by the tracing client', async () => {
        await plain(client({ captureInput: false, captureOutput: false }));
        expect(recorded.span).to.deep.include({ input: undefined, output: undefined });
        expect(recorded.trace).to.deep.include({ input: undefined, output: undefined });
        expect(recorded.span.tokenUsage).to.deep.include({ prompt_tokens: 12 });
        recorded = record({ captureInput: false });
        await plain(client());
        expect(recorded.span.input).to.equal(undefined);
        expect(recorded.span.output).not.to.equal(undefined);
      });

      it('records with a client of its own, unless a trace is current', async () => {
        const memory = new MemorySink();
        const own = new Client({ sinks: [memory] });
        const openai = client({ client: own });
        await plain(openai);
        await withTrace('agent', () => plain(openai));
        expect(memory.tree()).to.equal('openai-chat\n└─ openai-chat LLM');
        expect(recorded.memory.tree()).to.equal('agent\n└─ openai-chat LLM');
        await own.shutdown();
      });

      it('passes everything through if nothing is recorded', async () => {
        init({ enabled: false });
        const openai = client();
        expect((await plain(openai)).id).to.equal('c1');
        expect(
          await drain(await openai.chat.completions.create({ model: 'plain', messages, stream: true })),
        ).to.have.length(4);
      });
    });

    describe('wrapping', () => {
      it('changes the client in place without a visible trace', () => {
        const openai = bare();
        const keys = () => [openai, openai.chat.completions, openai.responses].map((object) => Object.keys(object));
        const before = keys();
        expect(wrapOpenAI(openai)).to.equal(openai);
        expect(keys()).to.deep.equal(before);
        expect(bare().chat.completions).not.to.have.own.property('create');
      });

      it('does nothing a second time', async () => {
        await plain(wrapOpenAI(client()));
        expect(recorded.spans).to.have.length(1);
      });

      it('is undone by unwrap', async () => {
        const openai = client();
        expect(unwrap(openai)).to.equal(openai);
        expect(Reflect.ownKeys(openai.chat.completions)).to.deep.equal(Reflect.ownKeys(bare().chat.completions));
        expect(Reflect.ownKeys(openai)).to.deep.equal(Reflect.ownKeys(bare()));
        await plain(openai);
        expect(recorded.traces).to.have.length(0);
        await plain(wrapOpenAI(openai));
        expect(recorded.traces).to.have.length(1);
      });

      it('reaches clients made by withOptions()', async () => {
        await plain(client({ name: 'planner' }).withOptions({ timeout: 5000 }));
        expect(recorded.span.name).to.equal('planner');
      });

      it('wraps Azure clients alike', async () => {
        const azure = new AzureOpenAI({
          apiKey: 'k',
          endpoint: provider.url,
          apiVersion: '2026-01-01',
          maxRetries: 0,
          logLevel: 'off',
        });
        await plain(wrapOpenAI(azure));
        expect(recorded.span.output).not.to.equal(undefined);
      });

      it('explains the error if it is given no client', () => {
        const nothing = undefined as unknown as ReturnType<typeof bare>;
        expect(() => wrapOpenAI(nothing)).to.throw('expected an OpenAI client to wrap, got undefined');
      });
    });

    it('nests below a handle that is open, and not below its sibling', async () => {
      const openai = client();
      const work = async (step: string) => {
        const handle = trace.span(step);
        await plain(openai);
        handle.end();
      };
      const trace = startTrace('agent');
      await Promise.all([work('a'), work('b')]);
      trace.end();
      expect(recorded.memory.tree()).to.equal(
        'agent\n├─ a OTHER\n│  └─ openai-chat LLM\n└─ b OTHER\n   └─ openai-chat LLM',
      );
    });
  });
}
