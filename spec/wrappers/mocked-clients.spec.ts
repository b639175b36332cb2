import { mock } from 'node:test';
import { expect } from 'chai';
import OpenAI from 'openai';
import { assert, stub } from 'sinon';
import { wrapAnthropic } from '../../lib/wrappers/anthropic.js';
import { unwrap, wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Recorded, record, stopRecording } from '../support/recorded.js';

/* Tests replace the methods of clients by mocks, and ask and tell these through properties of the method. */

const messages = [{ role: 'user' as const, content: 'Hi' }];
const request = { model: 'gpt-5.4', messages };
const reply = {
  id: 'x',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }],
};

describe('A wrapped client with a mocked method', () => {
  let recorded: Recorded;
  beforeEach(() => {
    recorded = record();
  });
  afterEach(stopRecording);

  it('keeps the mock usable: its answers can be set and its calls read', async () => {
    const { chat } = wrapOpenAI({ chat: { completions: { create: stub() } } });
    chat.completions.create.resolves(reply);
    expect(await chat.completions.create(request)).to.equal(reply);
    assert.calledOnceWithExactly(chat.completions.create, request);
    expect(recorded.span.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'Hello' }] });
  });

  it('keeps a mock whose state is not in its properties', async () => {
    const { messages: resource } = wrapAnthropic({ messages: { create: mock.fn(async () => 'before') } });
    resource.create.mock.mockImplementation(async () => 'after');
    expect(await resource.create()).to.equal('after');
    expect(resource.create.mock.callCount()).to.equal(1);
    expect(recorded.spans).to.have.length(1);
  });

  it('may be mocked after it was wrapped, and is restored afterwards', async () => {
    const client = wrapOpenAI(new OpenAI({ apiKey: 'k' }));
    const create = stub(client.chat.completions, 'create').resolves(reply as never);
    await client.chat.completions.create(request);
    create.restore();
    expect(Object.hasOwn(unwrap(client).chat.completions, 'create')).to.equal(false);
    expect(recorded.spans).to.have.length(0);
  });

  it('may have its class mocked after it was wrapped', async () => {
    const { chat } = wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: 'http://127.0.0.1:1', maxRetries: 0 }));
    const create = stub(OpenAI.Chat.Completions.prototype, 'create').resolves(reply as never);
    try {
      expect(await chat.completions.create(request)).to.equal(reply);
    } finally {
      create.restore();
    }
    expect(recorded.span.status).to.equal('OK');
  });

  it('keeps name and length of its methods', () => {
    const described = ({ chat }: OpenAI) => [chat.completions.create.name, chat.completions.create.length];
    const bare = new OpenAI({ apiKey: 'k' });
    expect(described(wrapOpenAI(new OpenAI({ apiKey: 'k' })))).to.deep.equal(described(bare));
  });
});
