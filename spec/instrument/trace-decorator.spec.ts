import { expect } from 'chai';
import { getCurrentTrace, init, MemorySink, trace, withSpan } from '../../lib/index.js';
import { assistant, type Message, user } from './messages.js';
import { onlyTrace } from './recorded.js';

describe('Decorators', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const only = () => onlyTrace(memory);

  describe('@trace', () => {
    it('records the last user and the last assistant message of an agent turn', async () => {
      class Agent {
        @trace({ name: 'agent', tags: ['a', 'b'], sessionId: 'chat', userId: 'u', metadata: { plan: 'pro' } })
        async run(messages: readonly Message[]) {
          return { messages: [...messages, assistant('hello')] };
        }
      }
      await new Agent().run([user('old'), assistant('hm'), user('new')]);
      expect(only()).to.include({ name: 'agent', status: 'COMPLETED', sessionId: 'chat', userId: 'u' });
      expect(only().tags).to.deep.equal(['a', 'b']);
      expect(only().metadata).to.deep.equal({ plan: 'pro' });
      expect(only().input).to.deep.equal({ messages: [user('new')] });
      expect(only().output).to.deep.equal({ messages: [assistant('hello')] });
    });

    it('is named after the method and keeps plain values as they are', () => {
      class Agent {
        @trace
        answer(question: string, options = { depth: 2 }, ...more: number[]) {
          return `${question} ${options.depth} ${more.length}`;
        }
      }
      expect(new Agent().answer('why', { depth: 3 }, 1, 2)).to.equal('why 3 2');
      expect(only()).to.include({ name: 'answer', output: 'why 3 2' });
      expect(only().input).to.deep.equal({ question: 'why', options: { depth: 3 }, more: [1, 2] });
    });

    it('starts a separate trace inside a trace, and the outer one is current again', () => {
      class Agent {
        @trace
        outer() {
          this.inner();
          withSpan('after', () => {});
        }
        @trace
        inner() {
          withSpan('within', () => {});
        }
      }
      new Agent().outer();
      expect(memory.tree()).to.equal('inner\n└─ within OTHER\nouter\n└─ after OTHER');
    });

    it("becomes an AGENT span of the outer trace with nested: 'span'", () => {
      class Agent {
        @trace
        outer() {
          this.inner('why?');
        }
        @trace({ nested: 'span', metadata: { team: 'a' } })
        inner(question?: string) {
          return question;
        }
      }
      new Agent().outer();
      new Agent().inner();
      expect(memory.tree()).to.equal('outer\n└─ inner AGENT\ninner');
      const [outer, inner] = memory.traces;
      expect(outer?.spans[0]).to.deep.include({ input: { question: 'why?' }, output: 'why?', metadata: { team: 'a' } });
      expect(inner?.metadata).to.deep.equal({ team: 'a' });
    });

    it('makes the trace ERROR with the message, and the caller gets that very error', async () => {
      const error = new Error('no quota');
      class Agent {
        @trace
        async run() {
          throw error;
        }
      }
      let caught: unknown;
      await new Agent().run().catch((given: unknown) => {
        caught = given;
      });
      expect(caught).to.equal(error);
      expect(only().status).to.equal('ERROR');
      expect(only().metadata).to.deep.include({ error: 'no quota' });
      expect(only().metadata.exception).to.include({ type: 'Error', message: 'no quota' });
    });

    it('stays open over a stream and records its chunks', async () => {
      class Agent {
        @trace
        async *stream(topic: string) {
          yield topic;
          await withSpan('think', async () => {});
          yield 'end';
        }
      }
      const got: string[] = [];
      for await (const chunk of new Agent().stream('pandas')) {
        expect(getCurrentTrace()).to.equal(undefined);
        got.push(chunk);
      }
      expect(got).to.deep.equal(['pandas', 'end']);
      expect(only().output).to.deep.equal(['pandas', 'end']);
      expect(memory.tree()).to.equal('stream\n└─ think OTHER');
    });
  });
});
