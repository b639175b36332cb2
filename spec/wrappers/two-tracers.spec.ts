import { expect } from 'chai';
import type OpenAI from 'openai';
import { unwrap, wrapOpenAI } from '../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../support/provider.js';
import { drain, type Recorded, record, stopRecording } from '../support/recorded.js';
import { bare } from './support/clients.js';
import { openAI } from './support/openai-wire.js';

/*
 * Other tracers put a client behind a Proxy that makes a new function of each method when it is read. Their `create()` gives a
 * promise without the methods of the client's own, which its helpers need.
 */

/** What the other tracer has seen. */
let seen: string[] = [];

function otherTracer<T extends object>(client: T): T {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      if (key === 'create' && typeof value === 'function') {
        return async (...args: unknown[]) => {
          seen.push('create');
          return await Reflect.apply(value, target, args);
        };
      }
      if (typeof value === 'function') return value.bind(target);
      const isPart =
        typeof value === 'object' && value !== null && /^(?:chat|completions|responses)$/.test(String(key));
      return isPart ? otherTracer(value) : value;
    },
  });
}

const messages = [{ role: 'user' as const, content: 'Hi' }];

describe('A client that two tracers wrap', () => {
  let provider: Provider;
  let recorded: Recorded;
  before(async () => {
    provider = await startProvider(openAI);
  });
  after(() => provider[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
    seen = [];
  });
  afterEach(stopRecording);

  const orders: Record<string, () => OpenAI> = {
    'the other one first': () => wrapOpenAI(otherTracer(bare.openai(provider.url))),
    'this one first': () => otherTracer(wrapOpenAI(bare.openai(provider.url))),
  };
  for (const [order, make] of Object.entries(orders)) {
    it(`records each call once, and keeps the helpers working: ${order}`, async () => {
      const { chat, responses } = make();
      const whole = await chat.completions.create({ model: 'plain', messages });
      await drain(await chat.completions.create({ model: 'plain', messages, stream: true }));
      const parsed = await chat.completions.parse({ model: 'plain', messages });
      await chat.completions.stream({ model: 'plain', messages }).finalContent();
      await responses.parse({ model: 'plain', input: 'Hi' });
      expect([whole, parsed].map(({ choices }) => choices[0]?.message.content)).to.deep.equal(['Hello', 'Hello']);
      expect(recorded.spans.map(({ name, status }) => `${name} ${status}`)).to.deep.equal([
        ...Array.from({ length: 4 }, () => 'openai-chat OK'),
        'openai-response OK',
      ]);
      expect(recorded.spans.every(({ output }) => output !== undefined)).to.equal(true);
      expect(seen).to.deep.equal(['create', 'create']);
    });
  }

  it('is as before once it is unwrapped', async () => {
    const client = otherTracer(bare.openai(provider.url));
    unwrap(wrapOpenAI(client));
    await client.chat.completions.create({ model: 'plain', messages });
    expect(Object.hasOwn(client.chat.completions, 'create')).to.equal(false);
    expect([recorded.spans.length, seen.length]).to.deep.equal([0, 1]);
  });
});
