import { expect } from 'chai';
import sinon from 'sinon';
import {
  getCurrentSpan,
  getCurrentTrace,
  init,
  MemorySink,
  span,
  trace,
  withSpan,
  withTrace,
} from '../../lib/index.js';

interface Message {
  readonly role: string;
  readonly content: string;
}

const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });

describe('Decorators', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const spans = () => memory.traces.flatMap((one) => one.spans);
  const only = () => {
    expect(memory.traces).to.have.length(1);
    return memory.traces[0]!;
  };

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
          this.inner();
        }
        @trace({ nested: 'span' })
        inner() {}
      }
      new Agent().outer();
      new Agent().inner();
      expect(memory.tree()).to.equal('outer\n└─ inner AGENT\ninner');
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
      expect(only().metadata).to.deep.equal({ error: 'no quota' });
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

  describe('@span', () => {
    class Tools {
      readonly #unit = 'km';
      @span({ kind: 'TOOL', metadata: { free: true } })
      distance(from: string, to: string): string {
        return `${from}-${to} 7 ${this.#unit}`;
      }
      @span({ kind: 'LLM', model: 'gpt-5.4', name: 'ask the model' })
      async generate(messages: readonly Message[]) {
        getCurrentSpan()?.setTokenUsage({ promptTokens: 3, completionTokens: 4 }).setCost({ total: 0.5 });
        return { messages: [...messages, assistant('ok')] };
      }
      @span
      *numbers(count: number) {
        for (let i = 0; i < count; i += 1) yield i;
        return 'done';
      }
      @span({ kind: 'LLM', reduce: (chunks: string[]) => chunks.join('') })
      async *tokens() {
        yield 'a';
        yield 'b';
      }
      @span
      static make(size: number) {
        return size * 2;
      }
      @span
      #secret(code: number) {
        return code + 1;
      }
      reveal() {
        return this.#secret(41);
      }
      @span({ captureInput: false, captureOutput: false })
      quiet(password: string) {
        return password;
      }
      @span({ captureInput: (a: { id: number }) => a.id, captureOutput: (out: string) => out.length })
      picked(a: { id: number }) {
        return `item ${a.id}`;
      }
      @span
      throwing(): never {
        throw new RangeError('out of range');
      }
    }
    const tools = new Tools();

    it('runs the method untouched without a current trace', () => {
      expect(tools.distance('A', 'B')).to.equal('A-B 7 km');
      expect(memory.traces).to.have.length(0);
    });

    it('records input by parameter name, output, kind and metadata, and keeps this', () => {
      expect(withTrace('t', () => tools.distance('A', 'B'))).to.equal('A-B 7 km');
      expect(spans()[0]).to.include({ name: 'distance', kind: 'TOOL', status: 'OK', output: 'A-B 7 km' });
      expect(spans()[0]!.input).to.deep.equal({ from: 'A', to: 'B' });
      expect(spans()[0]!.metadata).to.deep.equal({ free: true });
    });

    it('keeps all messages, the model, tokens and cost of an LLM span', async () => {
      await withTrace('t', () => tools.generate([user('one'), user('two')]));
      const [one] = spans();
      expect(one).to.include({ name: 'ask the model', kind: 'LLM', model: 'gpt-5.4' });
      expect(one!.input).to.deep.equal({ messages: [user('one'), user('two')] });
      expect(one!.output).to.deep.equal({ messages: [user('one'), user('two'), assistant('ok')] });
      expect(one!.tokenUsage).to.deep.equal({ prompt_tokens: 3, completion_tokens: 4 });
      expect(one!.cost).to.deep.equal({ total: 0.5 });
    });

    it('records generators until they are over', () => {
      withTrace('t', () => {
        expect([...tools.numbers(3)]).to.deep.equal([0, 1, 2]);
      });
      expect(spans()[0]).to.include({ name: 'numbers', status: 'OK' });
      expect(spans()[0]!.output).to.deep.equal([0, 1, 2]);
    });

    it('reduces the chunks of a stream and notes when the first of an LLM came', async () => {
      await withTrace('t', async () => {
        for await (const _ of tools.tokens());
      });
      expect(spans()[0]!.output).to.equal('ab');
      expect(spans()[0]!.completionStartTime).to.be.instanceOf(Date);
    });

    it('records static and #private methods', () => {
      withTrace('t', () => [Tools.make(2), tools.reveal()]);
      expect(spans().map((one) => [one.name, one.output])).to.deep.equal([
        ['make', 4],
        ['#secret', 42],
      ]);
    });

    it('leaves out what it is told to leave out', () => {
      withTrace('t', () => [tools.quiet('hunter2'), tools.picked({ id: 7 })]);
      expect(spans()[0]).to.include({ input: undefined, output: undefined });
      expect(spans()[1]).to.include({ input: 7, output: 6 });
    });

    it('leaves inputs and outputs out where the client says so', () => {
      init({ sinks: [memory], captureInput: false, captureOutput: false });
      withTrace('t', () => tools.distance('A', 'B'));
      expect(spans()[0]).to.include({ input: undefined, output: undefined });
    });

    it('makes the spans and the trace ERROR that an error passes through, not the others', () => {
      withTrace('fine', () => {
        withSpan('outer', () => {
          try {
            withSpan('middle', () => tools.throwing());
          } catch {}
        });
      });
      expect(spans().map((one) => [one.name, one.status, one.error])).to.deep.equal([
        ['outer', 'OK', undefined],
        ['middle', 'ERROR', 'out of range'],
        ['throwing', 'ERROR', 'out of range'],
      ]);
      expect(only().status).to.equal('COMPLETED');
    });

    it('P18 runs the pulls of a generator in its span and the code between them outside', async () => {
      class Agent {
        @span
        async *steps() {
          yield getCurrentSpan()?.spanId;
          await withSpan('nested', async () => {});
          yield getCurrentSpan()?.spanId;
        }
      }
      await withTrace('t', async () => {
        for await (const inner of new Agent().steps()) {
          expect(inner).to.be.a('string');
          expect(getCurrentSpan()).to.equal(undefined);
          await withSpan('consumer', async () => {});
        }
      });
      expect(memory.tree()).to.equal('t\n├─ steps OTHER\n│  └─ nested OTHER\n├─ consumer OTHER\n└─ consumer OTHER');
    });

    it('P18 ends an abandoned generator with its trace, once, with the partial output', () => {
      let generator: Generator<number> | undefined;
      withTrace('t', () => {
        generator = tools.numbers(3);
        generator.next();
      });
      expect(spans()).to.have.length(1);
      expect(spans()[0]!.output).to.deep.equal([0]);
      expect(spans()[0]!.metadata).to.deep.equal({ 'pandaprobe.unfinished': true });
      generator?.return(undefined);
      expect(spans()).to.have.length(1);
      expect(spans()[0]).to.include({ status: 'OK' });
      expect(spans()[0]!.metadata).to.deep.equal({ 'pandaprobe.unfinished': false });
    });
  });

  describe('P13', () => {
    it('shows 20 different inputs for an agent that pushes to one array', async () => {
      class Agent {
        @span({ kind: 'LLM' })
        async generate(messages: readonly Message[]) {
          return assistant(`${messages.length}`);
        }
      }
      const history: Message[] = [];
      await withTrace('loop', async () => {
        for (let i = 0; i < 20; i += 1) {
          history.push(user(`${i}`));
          history.push(await new Agent().generate(history));
        }
      });
      const seen = spans().map((one) => JSON.stringify(one.input));
      expect(new Set(seen).size).to.equal(20);
      expect(seen[0]).to.equal('{"messages":[{"role":"user","content":"0"}]}');
      expect(history).to.have.length(40);
    });

    it('leaves frozen arguments alone and calls no getter twice', () => {
      const getter = sinon.stub().returns('once');
      const argument = Object.freeze({
        get value() {
          return getter();
        },
      });
      class Agent {
        @span
        take(_argument: object) {}
      }
      withTrace('t', () => new Agent().take(argument));
      expect(getter.callCount).to.equal(1);
    });
  });

  describe('P11', () => {
    it('goes on when captureInput, captureOutput or reduce throw', () => {
      const fail = () => {
        throw new Error('mine');
      };
      class Agent {
        @span({ captureInput: fail, captureOutput: fail })
        run(text: string) {
          return text;
        }
        @span({ reduce: fail })
        *stream() {
          yield 1;
        }
      }
      withTrace('t', () => {
        expect(new Agent().run('fine')).to.equal('fine');
        expect([...new Agent().stream()]).to.deep.equal([1]);
      });
      expect(spans().map((one) => [one.name, one.status])).to.deep.equal([
        ['run', 'OK'],
        ['stream', 'OK'],
      ]);
    });
  });
});
