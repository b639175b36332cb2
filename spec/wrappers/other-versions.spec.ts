import Anthropic from '@anthropic-ai/sdk';
import { expect } from 'chai';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { wrapBedrock } from '../../lib/wrappers/bedrock.js';
import { wrapGemini } from '../../lib/wrappers/gemini.js';
import { wrapMistral } from '../../lib/wrappers/mistral.js';
import { wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { anthropic } from './support/anthropic-wire.js';
import { bare } from './support/clients.js';
import { mistral } from './support/mistral-wire.js';

const messages = [{ role: 'user' as const, content: 'Hi' }];
const hello = { messages: [{ role: 'assistant', content: 'Hello' }] };

/** Real clients, changed to what they were; versions.trial.ts asks the real old ones. */
describe('A wrapped client of an older version', () => {
  let server: Provider;
  let recorded: Recorded;
  before(async () => {
    server = await startProvider((seen) => (seen.path.includes('/chat/') ? mistral(seen) : anthropic(seen)));
  });
  after(() => server[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  for (const resource of ['tools', 'promptCaching']) {
    it(`records beta.${resource}.messages of Anthropic`, async () => {
      const client = bare.anthropic(server.url);
      const older: Anthropic.Messages = new Anthropic.Messages(client);
      Object.assign(client.beta, { [resource]: { messages: older } });
      wrapAnthropic(client);
      await older.create({ model: 'plain', max_tokens: 100, messages });
      await older.stream({ model: 'plain', max_tokens: 100, messages }).finalMessage();
      expect(recorded.spans.map(({ output }) => output)).to.deep.equal([hello, hello]);
    });
  }

  it('records completions of Anthropic, whole and streamed', async () => {
    const client = bare.anthropic(server.url);
    const create = (body: { readonly stream?: boolean; readonly [name: string]: unknown }) =>
      client.post('/v1/complete', { body, stream: body.stream ?? false });
    const older = { completions: { create } };
    wrapAnthropic(Object.assign(client, older));
    const ask = { model: 'claude-2.1', prompt: '\n\nHuman: Hi\n\nAssistant:', max_tokens_to_sample: 9 };
    await older.completions.create(ask);
    await drain((await older.completions.create({ ...ask, stream: true })) as AsyncIterable<unknown>);
    for (const span of recorded.spans) {
      expect(span).to.deep.include({
        name: 'anthropic-completion',
        status: 'OK',
        model: 'claude-2.1',
        input: { messages: [{ role: 'user', content: ask.prompt }] },
        output: hello,
        modelParameters: { max_tokens: 9 },
        tokenUsage: undefined,
        metadata: { response_id: 'compl_1', stop_reason: 'stop_sequence' },
      });
    }
    expect(recorded.spans.map(({ completionStartTime }) => completionStartTime !== undefined)).to.deep.equal([
      false,
      true,
    ]);
  });

  it('records streams of Mistral that are iterables and not web streams', async () => {
    const client = bare.mistral(server.url);
    const stream = client.chat.stream.bind(client.chat);
    const older = async (request: Parameters<typeof stream>[0]) => {
      const reply = await stream(request);
      return { [Symbol.asyncIterator]: () => reply[Symbol.asyncIterator]() };
    };
    client.chat.stream = older as unknown as typeof stream; // all that is used of it
    expect(await drain(await wrapMistral(client).chat.stream({ model: 'plain', messages }))).to.have.length(4);
    expect(recorded.span).to.deep.include({ status: 'OK', output: hello });
    expect(recorded.span.tokenUsage).to.deep.include({ prompt_tokens: 12, completion_tokens: 7 });
  });
});

describe('A client of a version that is not known', () => {
  const lines: string[] = [];
  const { write } = process.stderr;
  beforeEach(() => {
    lines.length = 0;
    process.stderr.write = (line: unknown) => lines.push(String(line)) > 0;
  });
  afterEach(() => {
    process.stderr.write = write;
  });

  const line = (what: string, main: string) =>
    `[pandaprobe] warning: expected ${what} client with ${main}, got one of a version that is not known: ` +
    'its model calls are not recorded (docs/wrappers.md of this package lists the versions)\n';

  const cases: readonly (readonly [name: string, wrap: () => object, said: string])[] = [
    [
      'OpenAI, as version 3 was',
      () => wrapOpenAI({ createChatCompletion() {}, chat: undefined } as never),
      line('an OpenAI', 'chat.completions.create()'),
    ],
    [
      'Anthropic, whose messages are elsewhere',
      () => wrapAnthropic({ messages: { ask() {} } }),
      line('an Anthropic', 'messages.create()'),
    ],
    [
      'Google, of the package before, @google/generative-ai',
      () => wrapGemini({ getGenerativeModel() {} } as never),
      line('a Google', 'models.generateContent()'),
    ],
    [
      'Mistral, as version 0 was',
      () => wrapMistral({ chat() {}, chatStream() {} } as never),
      line('a Mistral', 'chat.complete()'),
    ],
    ['AWS, as version 2 was', () => wrapBedrock({ makeRequest() {} } as never), line('a Bedrock', 'a middlewareStack')],
  ];
  for (const [name, wrap, said] of cases) {
    it(`is returned, with one log line, of ${name}`, () => {
      const first = wrap();
      wrap();
      expect(first).to.be.an('object');
      expect(lines).to.deep.equal([said]);
    });
  }

  it('is returned without a log line if it has the call every version has', () => {
    wrapOpenAI({ chat: { completions: { create() {} } } });
    wrapAnthropic({ messages: { create() {} } });
    wrapGemini({ models: { generateContent() {} } });
    wrapMistral({ chat: { complete() {} } });
    wrapBedrock(bare.bedrock('http://127.0.0.1:1'));
    expect(lines).to.deep.equal([]);
  });

  it('causes a log line if it is of another AWS service', () => {
    const other = { middlewareStack: { add() {}, remove: () => true }, config: { serviceId: 'Bedrock Agent Runtime' } };
    expect(wrapBedrock(other)).to.equal(other);
    expect(lines).to.deep.equal([line('a Bedrock', 'the commands of Bedrock Runtime')]);
  });
});
