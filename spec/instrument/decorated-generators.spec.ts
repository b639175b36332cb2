import { expect } from 'chai';
import {
  getCurrentSpan,
  init,
  MemorySink,
  type SpanCallOptions,
  span,
  spanFunction,
  traceFunction,
  withSpan,
  withTrace,
} from '../../lib/index.js';
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

    it('P27 records no chunks with captureOutput: false, and what a captureOutput function returns', async () => {
      async function* secrets() {
        yield 'hunter2';
        yield 'hunter3';
      }
      const reduce = (chunks: readonly string[]) => chunks.join();
      const outputs = async (options: SpanCallOptions<typeof secrets>) => {
        memory.clear();
        const seen: string[] = [];
        await withTrace('t', async () => {
          for await (const chunk of spanFunction(secrets, options)()) seen.push(chunk);
          const stream = spanFunction(() => ReadableStream.from(['hunter2']), options as object)();
          await stream.getReader().read();
          await traceFunction(secrets, { ...options, nested: 'span' })().next();
        });
        expect(seen).to.deep.equal(['hunter2', 'hunter3']);
        return spans().map(({ output }) => output);
      };
      const none = [undefined, undefined, undefined];
      expect(await outputs({ captureOutput: false })).to.deep.equal(none);
      expect(await outputs({ captureOutput: false, reduce })).to.deep.equal(none);
      const count = (chunks: readonly string[]) => ({ count: chunks.length });
      expect(await outputs({ captureOutput: count })).to.deep.equal([{ count: 2 }, { count: 1 }, { count: 1 }]);
      init({ sinks: [memory], captureOutput: false });
      expect(await outputs({})).to.deep.equal(none);
      expect(await outputs({ reduce })).to.deep.equal(none);
      expect((await outputs({ captureOutput: true, reduce }))[0]).to.equal('hunter2,hunter3');
    });

    it('keeps as many chunks as fit into maxValueBytes, and counts the rest', async () => {
      const maxValueBytes = 65_536;
      init({ sinks: [memory], maxValueBytes });
      const outputs = (chunks: readonly unknown[]): unknown[] => {
        const call = spanFunction(function* () {
          yield* chunks;
        });
        memory.clear();
        withTrace('t', () => void [...call()]);
        return spans()[0]!.output as unknown[];
      };
      const most = 'x'.repeat(60_000);
      expect(outputs([most])).to.deep.equal([most]);
      const many = Array.from({ length: 600 }, (_, at) => String(at).padEnd(100, '.'));
      expect(outputs(many)).to.deep.equal(many);
      for (const text of ['a"b', 'é漢😀', 'plain'])
        for (const chunks of [[text.repeat(5000), most], Array.from({ length: 30_000 }, () => text)]) {
          const output = outputs(chunks);
          const kept = output.slice(0, -1);
          expect(kept).to.deep.equal(chunks.slice(0, kept.length));
          expect(output.at(-1)).to.equal(`[cut: ${chunks.length - kept.length} more chunks]`);
          const bytes = Buffer.byteLength(JSON.stringify(output));
          expect(bytes).to.be.at.most(maxValueBytes);
          expect(bytes + Buffer.byteLength(JSON.stringify(chunks[kept.length]))).to.be.greaterThan(maxValueBytes - 60);
        }
      const [long] = outputs(['y'.repeat(1e6)]);
      expect(long).to.match(/^y{60000,}… \[cut: 1000000 bytes\]$/);
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
