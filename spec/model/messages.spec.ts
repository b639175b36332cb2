import { expect } from 'chai';
import fc from 'fast-check';
import { asMessages, lastAssistantMessage, lastUserMessage } from '../../lib/model/messages.js';

const system = { role: 'system', content: 'be brief' };
const first = { role: 'user', content: 'first' };
const reply = { role: 'assistant', content: null, tool_calls: [] };
const last = { role: 'human', content: [{ type: 'text', text: 'last' }] };
const answer = { role: 'ai', content: 'done' };
const talk = [system, first, reply, last];

describe('asMessages', () => {
  it('returns values in the convention’s form unchanged, with string, parts, null and absent content', () => {
    const value = { messages: [...talk, { role: 'tool' }], k: 5 };
    expect(asMessages(value)).to.equal(value);
  });

  it('converts a list of messages, and a single message', () => {
    expect(asMessages(talk)).to.deep.equal({ messages: talk });
    expect(asMessages(first)).to.deep.equal({ messages: [first] });
  });

  it('refuses everything else', () => {
    for (const value of [
      null,
      'messages',
      {},
      [],
      { messages: [] },
      { messages: 'hello' },
      { messages: [{ content: 'no role' }] },
      { messages: [first, { role: 'user', content: 5 }] },
      { messages: [first, null] },
      { history: talk, question: 'why?' },
      { role: 'admin', name: 'Ann' },
      { parts: ['a'], type: 'human' },
    ]) {
      expect(asMessages(value), JSON.stringify(value)).to.equal(undefined);
    }
  });
});

describe('asMessages and classes', () => {
  let reads = 0;
  class Lazy {
    get messages() {
      reads += 1;
      return talk;
    }
    get role() {
      reads += 1;
      return 'user';
    }
    get content() {
      reads += 1;
      return 'hello';
    }
    get type() {
      reads += 1;
      return 'human';
    }
  }
  /** As the documents of Mongoose and the instances of Sequelize: a getter for each field. */
  class Stored extends Lazy {
    toJSON() {
      return { messages: this.messages };
    }
  }

  it('P11 runs no getter of a class, which may load a module or ask a database', () => {
    for (const value of [new Lazy(), [new Lazy()], { messages: [new Lazy()] }, { client: new Lazy() }]) {
      expect(asMessages(value)).to.equal(undefined);
      expect(lastUserMessage(value)).to.equal(undefined);
      expect(lastAssistantMessage(value)).to.equal(undefined);
    }
    expect(reads).to.equal(0);
  });

  it('finds the messages of records, whose fields are getters', () => {
    const stored = new Stored();
    expect(asMessages(stored)).to.equal(stored);
    expect(asMessages([stored])).to.deep.equal({ messages: [stored] });
    expect(lastUserMessage({ chat: stored })).to.deep.equal(lastUserMessage(talk));
  });
});

describe('lastUserMessage', () => {
  it('finds the last user or human message wherever the convention puts it', () => {
    for (const value of [
      { messages: talk },
      talk,
      { input: { messages: talk } },
      { history: talk },
      { input: { messages: talk }, options: { retries: 3 } },
    ]) {
      expect(lastUserMessage(value)).to.deep.equal({ messages: [last] });
    }
  });

  it('returns undefined for values of another form', () => {
    for (const value of [
      undefined,
      'hi',
      { query: 'hi' },
      [1, 2],
      { messages: [system] },
      { a: { b: { messages: talk } } },
    ]) {
      expect(lastUserMessage(value)).to.equal(undefined);
    }
  });

  it('returns undefined if two arguments contain conversations', () => {
    expect(lastUserMessage({ left: talk, right: { messages: talk } })).to.equal(undefined);
  });

  it('P13 returns the message itself, and does not change the list', () => {
    const frozen = Object.freeze({
      messages: Object.freeze([Object.freeze({ ...first }), Object.freeze({ ...answer })]),
    });
    expect(lastUserMessage(frozen)?.messages[0]).to.equal(frozen.messages[0]);
    expect(frozen.messages).to.have.lengthOf(2);
  });

  it('never throws', () => {
    const hostile = new Proxy(
      {},
      {
        get() {
          throw new Error('no');
        },
        ownKeys() {
          throw new Error('no');
        },
      },
    );
    for (const value of [hostile, { messages: hostile }, { messages: [hostile] }, [hostile], { a: hostile }]) {
      expect(asMessages(value)).to.equal(undefined);
      expect(lastUserMessage(value)).to.equal(undefined);
      expect(lastAssistantMessage(value)).to.equal(undefined);
    }
    fc.assert(
      fc.property(fc.anything(), (value) => {
        lastUserMessage(value);
        asMessages(value);
      }),
    );
  });
});

describe('lastAssistantMessage', () => {
  it('finds the last assistant or ai message', () => {
    expect(lastAssistantMessage({ messages: [...talk, answer, last] })).to.deep.equal({ messages: [answer] });
    expect(lastAssistantMessage([first, reply])).to.deep.equal({ messages: [reply] });
    expect(lastAssistantMessage([first])).to.equal(undefined);
  });
});
