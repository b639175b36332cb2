import { expect } from 'chai';
import { getCurrentSpan, init, MemorySink, span, withSpan, withTrace } from '../../lib/index.js';
import { spansOf } from './recorded.js';

describe('Decorators', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const spans = () => spansOf(memory);

  describe('@span', () => {
    class Tools {
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
    }
    const tools = new Tools();

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
});
