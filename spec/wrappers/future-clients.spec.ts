import { expect } from 'chai';
import type { WrapOptions } from '../../lib/calls/wrap-options.js';
import type { Client } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { bare, providers } from './support/clients.js';
import { gemini } from './support/gemini-wire.js';
import { openAI } from './support/openai-wire.js';

const messages = [{ role: 'user' as const, content: 'Hi' }];
const said = (content: string) => ({ messages: [{ role: 'assistant', content }] });

/** Real clients, changed as their next version may be: what they keep to themselves is gone. */
describe('A wrapped client of a version to come', () => {
  let server: Provider;
  let recorded: Recorded;
  before(async () => {
    server = await startProvider((seen) => (seen.path.includes('/models/') ? gemini(seen) : openAI(seen)));
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  describe('of OpenAI, whose promises have no _thenUnwrap', () => {
    /** A client whose `create` gives the same promises, but for that method. */
    function client(options?: WrapOptions) {
      const openai = bare.openai(server.url);
      const { completions } = openai.chat;
      const create = completions.create.bind(completions) as (...args: unknown[]) => object;
      const changed = (...args: unknown[]) => Object.assign(create(...args), { _thenUnwrap: undefined });
      completions.create = changed as unknown as typeof completions.create; // all but one method of it
      return wrapOpenAI(openai, options).chat.completions;
    }

    it("returns the client's own promise, and records its reply once", async () => {
      const promise = client().create({ model: 'plain', messages });
      expect(promise.withResponse).to.be.a('function');
      const { data, request_id } = await promise.withResponse();
      expect([data.id, request_id]).to.deep.equal(['c1', 'req_1']);
      expect(await promise).to.equal(data);
      expect(recorded.span).to.deep.include({ status: 'OK', output: said('Hello') });
    });

    it('records streams, and hides what streamUsage adds to them', async () => {
      const stream = await client({ streamUsage: true }).create({ model: 'plain', messages, stream: true });
      expect(await drain(stream)).to.have.length(4);
      expect(recorded.span.tokenUsage).to.deep.include({ total_tokens: 19 });
    });

    it('fails as it did, and records it', async () => {
      const error = await rejection(client().create({ model: 'bad', messages }));
      expect(error.constructor.name).to.equal('BadRequestError');
      expect(
        await client()
          .create({ model: 'bad', messages })
          .catch(() => 'caught'),
      ).to.equal('caught');
      expect(recorded.spans.map((span) => span.error)).to.deep.equal([
        'BadRequestError: 400 nope',
        'BadRequestError: 400 nope',
      ]);
    });

    it('leaves an unparsed body to the caller', async () => {
      const response = await client().create({ model: 'plain', messages }).asResponse();
      await new Promise((resolve) => setImmediate(resolve));
      expect(await response.json()).to.include({ id: 'c1' });
      expect(recorded.span.metadata).to.deep.include({ http_status: 200 });
    });
  });

  it('hides what streamUsage adds to a stream that is only iterable', async () => {
    const { chat } = bare.openai(server.url);
    const create = async (request: object) => {
      const stream = await chat.completions.create({ ...request, model: 'plain', messages, stream: true });
      return { [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator]() };
    };
    const { completions } = wrapOpenAI({ chat: { completions: { create } } }, { streamUsage: true }).chat;
    expect(await drain(await completions.create({ model: 'plain', messages, stream: true }))).to.have.length(4);
    expect(recorded.span.tokenUsage).to.deep.include({ total_tokens: 19 });
  });

  it('of Google, without the methods the public ones go through, records the public ones', async () => {
    const ai = bare.gemini(server.url);
    // Another client's own: they go through nothing of this one.
    const { generateContent, generateContentStream } = bare.gemini(server.url).models;
    Object.assign(ai.models, { generateContent, generateContentStream });
    Object.assign(ai.models, { generateContentInternal: undefined, generateContentStreamInternal: undefined });
    const { models } = wrapGemini(ai);
    expect((await models.generateContent({ model: 'plain', contents: 'Hi' })).text).to.equal('Hello');
    expect(await drain(await models.generateContentStream({ model: 'plain', contents: 'Hi' }))).to.have.length(3);
    expect(recorded.spans.map(({ output }) => output)).to.deep.equal([said('Hello'), said('Hello')]);
  });
});

describe('A wrapper', () => {
  afterEach(stopRecording);

  it('throws for invalid options, in the call that has them', () => {
    const [openai, claude] = [bare.openai('http://127.0.0.1:9'), bare.anthropic('http://127.0.0.1:9')];
    expect(() => wrapOpenAI(openai, null as unknown as WrapOptions)).to.throw(
      'expected an object of options, got null',
    );
    expect(() => wrapAnthropic(claude, { client: {} as Client })).to.throw('client: expected a Client of this package');
    expect(openai.chat.completions).not.to.have.own.property('create');
  });

  for (const { name, answer, wrap } of providers) {
    it(`leaves a client of ${name} working with client: null`, async () => {
      const recorded = record();
      await using provider = await startProvider(answer);
      await wrap(provider.url, { client: null as unknown as undefined }).whole('plain');
      expect(recorded.spans).to.have.length(1);
    });
  }
});
