import { expect } from 'chai';
import { withSpan, withTrace } from '../../lib/index.js';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { type Recorded, record, rejection, stopRecording } from '../support/recorded.js';
import { anthropic } from './support/anthropic-wire.js';
import { bare } from './support/clients.js';
import { openAI } from './support/openai-wire.js';

const messages = [{ role: 'user' as const, content: 'Hi' }];

interface Asked extends PromiseLike<unknown> {
  asResponse(): Promise<Response>;
  withResponse(): Promise<unknown>;
}

/** The caller takes the response, and reads its body himself. */
describe('asResponse() of a wrapped client', () => {
  let server: Provider;
  let recorded: Recorded;
  before(async () => {
    server = await startProvider((seen) => (seen.path.endsWith('/messages') ? anthropic(seen) : openAI(seen)));
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  const clients: Record<string, (stream?: boolean) => Asked> = {
    'OpenAI chat': (stream = false) =>
      wrapOpenAI(bare.openai(server.url)).chat.completions.create({ model: 'plain', messages, stream }),
    'Anthropic messages': (stream = false) =>
      wrapAnthropic(bare.anthropic(server.url)).messages.create({ model: 'plain', max_tokens: 9, messages, stream }),
  };
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const facts = () => {
    const { output, tokenUsage, status, model, metadata } = recorded.span;
    return { output, tokenUsage, status, model, metadata };
  };

  for (const [name, ask] of Object.entries(clients)) {
    describe(`of ${name}`, () => {
      for (const how of ['json', 'text'] as const) {
        it(`records what the caller reads with ${how}() as it records a parsed reply`, async () => {
          await ask();
          const parsed = facts();
          await stopRecording();
          recorded = record();
          const response = await ask().asResponse();
          const body = await response[how]();
          await turn();
          expect(how === 'json' ? body : JSON.parse(String(body))).to.have.property('id');
          expect(facts()).to.deep.equal(parsed);
          expect(parsed.tokenUsage?.total_tokens).to.be.a('number');
        });
      }

      it('gives a response like any other, with a body that can be read once', async () => {
        const response = await ask().asResponse();
        expect(Object.keys(response)).to.deep.equal([]);
        const copy = response.clone();
        expect(await response.json()).to.deep.equal(await copy.json());
        expect((await rejection(response.text())).name).to.equal('TypeError');
        expect(Object.getOwnPropertyNames(response)).to.not.include.members(['json', 'text']);
      });

      it('records the status of a body that is read later, or never', async () => {
        const response = await ask().asResponse();
        await turn();
        expect(Object.getOwnPropertyNames(response)).to.not.include.members(['json', 'text']);
        expect(await response.json()).to.have.property('id');
        expect(recorded.span).to.deep.include({ status: 'OK', output: undefined });
        expect(recorded.span.metadata).to.deep.include({ http_status: 200 });
      });

      it('leaves the body of a stream to the caller', async () => {
        const text = await (await ask(true).asResponse()).text();
        expect(text).to.match(/^(?:data|event): /);
        await turn();
        expect(recorded.span).to.deep.include({ status: 'OK', output: undefined });
        expect(recorded.span.metadata).to.deep.include({ http_status: 200 });
      });

      it('records it in the trace around it', async () => {
        await withTrace('agent', () => withSpan('step', async () => (await ask().asResponse()).json()));
        expect(recorded.spans.map(({ kind, status }) => [kind, status])).to.deep.equal([
          ['OTHER', 'OK'],
          ['LLM', 'OK'],
        ]);
        expect(recorded.spans[1]?.tokenUsage?.total_tokens).to.be.a('number');
      });

      it('records a reply once if the promise is awaited, too', async () => {
        const asked = ask();
        const response = await asked.asResponse();
        expect(await asked).to.have.property('id');
        expect(response.bodyUsed).to.equal(true);
        await turn();
        expect(recorded.spans).to.have.length(1);
        expect(facts().tokenUsage?.total_tokens).to.be.a('number');
      });
    });
  }
});
