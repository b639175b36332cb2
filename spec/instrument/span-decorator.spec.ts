import { expect } from 'chai';
import sinon from 'sinon';
import { getCurrentSpan, init, MemorySink, span, withSpan, withTrace } from '../../lib/index.js';
import { stderrOf } from '../support/stderr.js';
import { assistant, type Message, user } from './messages.js';
import { onlyTrace, spansOf } from './recorded.js';

describe('Decorators', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const spans = () => spansOf(memory);

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

    it('records static and #private methods', () => {
      withTrace('t', () => [Tools.make(2), tools.reveal()]);
      expect(spans().map((one) => [one.name, one.output])).to.deep.equal([
        ['make', 4],
        ['#secret', 42],
      ]);
    });

    it('records what captureInput and captureOutput choose', () => {
      withTrace('t', () => [tools.quiet('hunter2'), tools.picked({ id: 7 })]);
      expect(spans()[0]).to.include({ input: undefined, output: undefined });
      expect(spans()[1]).to.include({ input: 7, output: 6 });
    });

    it('leaves out inputs and outputs if the client’s settings say so', () => {
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
      expect(onlyTrace(memory).status).to.equal('COMPLETED');
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
    it('goes on when captureInput, captureOutput or reduce throw, and says so without their message', async () => {
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
      const lines = await stderrOf(async () => {
        withTrace('t', () => {
          expect(new Agent().run('fine')).to.equal('fine');
          expect([...new Agent().stream()]).to.deep.equal([1]);
        });
      });
      expect(lines.join(''))
        .to.match(/captureInput threw .*Error; the input is left out/)
        .and.not.include('mine');
      expect(spans().map((one) => [one.name, one.status])).to.deep.equal([
        ['run', 'OK'],
        ['stream', 'OK'],
      ]);
    });
  });
});
