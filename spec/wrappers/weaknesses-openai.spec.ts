import { expect } from 'chai';
import { withTrace } from '../../lib/index.js';
import { type WrapOptions, wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { bare } from './support/clients.js';
import { openAI } from './support/openai-wire.js';
import { outputsOf, tools } from './support/outputs.js';

// The known weaknesses of OpenAI's wrappers alone; weaknesses.spec.ts says what the numbers count.

const messages = [{ role: 'user' as const, content: 'Hi' }];

describe('A known weakness of wrappers', () => {
  let server: Provider;
  let recorded: Recorded;
  before(async () => {
    server = await startProvider(openAI);
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const openai = (options?: WrapOptions) => wrapOpenAI(bare.openai(server.url), options);
  const chat = (model: string) => openai().chat.completions.create({ model, messages });
  const chatStream = (model: string) => openai().chat.completions.create({ model, messages, stream: true });
  const outputs = () => outputsOf(recorded);

  it('4: cached tokens of OpenAI are not recorded; here they are, whole and streamed', async () => {
    await chat('plain');
    await drain(
      await openai({ streamUsage: true }).chat.completions.create({ model: 'plain', messages, stream: true }),
    );
    await openai().responses.create({ model: 'plain', input: 'Hi' });
    expect(recorded.spans.map(({ tokenUsage }) => tokenUsage?.cache_read_tokens)).to.deep.equal([4, 4, 4]);
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
});
