import { expect } from 'chai';
import sinon from 'sinon';
import { init, MemorySink, spanFunction, traceFunction, withSpan, withTrace } from '../../lib/index.js';
import { listenToStderr } from '../support/stderr.js';

/** A value of each kind that has a key, an index or an entry for every byte or character, `size` of them. */
const large: Readonly<Record<string, (size: number) => unknown>> = {
  'a Buffer': (size) => Buffer.alloc(size),
  'a Uint8Array': (size) => new Uint8Array(size),
  'a Float64Array': (size) => new Float64Array(size),
  'an ArrayBuffer': (size) => new ArrayBuffer(size),
  'a DataView': (size) => new DataView(new ArrayBuffer(size)),
  'a Buffer in an object': (size) => ({ file: Buffer.alloc(size) }),
  'a Buffer in a list': (size) => [Buffer.alloc(size)],
  'Buffers in a long list': (size) => Array.from({ length: 20 }, () => ({ page: Buffer.alloc(size) })),
  'bytes with another prototype': (size) => Object.setPrototypeOf(new Uint8Array(size), Object.prototype),
  'a String object': (size) => Object('x'.repeat(size)),
};

/** Runs `run`, and gives the most keys of one object that were listed meanwhile. */
async function mostKeys(run: () => unknown): Promise<number> {
  const spy = sinon.spy(Object, 'keys');
  try {
    await run();
    return Math.max(0, ...spy.returnValues.map((keys) => keys.length));
  } finally {
    spy.restore();
  }
}

describe('What a call gives', () => {
  let memory: MemorySink;
  let said: ReturnType<typeof listenToStderr>;
  beforeEach(() => {
    said = listenToStderr(); // hardly any of it is messages
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => said.restore());

  for (const [what, make] of Object.entries(large)) {
    it(`P32 lists no keys of ${what}`, async () => {
      const value = make(10_000);
      const give = () => value;
      const listed = await mostKeys(async () => {
        traceFunction(give)();
        await traceFunction(async () => value)();
        traceFunction((given: unknown) => given)(value);
        withTrace('t', { input: value as object }, (t) => t.setOutput(value));
        withTrace('t', () => spanFunction(give)());
        withTrace('t', () => withSpan('s', { kind: 'LLM' }, (s) => s.setInput(value).setOutput(value)));
      });
      expect(listed).to.be.lessThan(50);
      expect(memory.traces).to.have.lengthOf(6);
    });
  }

  it('P32 reads no more than the last thousand messages', () => {
    for (const length of [10_000, 100_000]) {
      let reads = 0;
      const messages = new Proxy(
        Array.from({ length }, () => ({ role: 'assistant', content: 'x' })),
        {
          getOwnPropertyDescriptor(from, key) {
            reads += 1;
            return Reflect.getOwnPropertyDescriptor(from, key);
          },
        },
      );
      traceFunction(() => ({ messages }))();
      expect(reads).to.be.within(1, 1100);
    }
  });

  it('P32 handles a list with holes', () => {
    const sparse: unknown[] = [];
    sparse[4e9 - 1] = { role: 'assistant', content: 'x' };
    traceFunction(() => sparse)();
    traceFunction(() => ({ messages: sparse }))();
    withTrace('t', (t) => t.setInput({ messages: sparse }));
    expect(memory.traces).to.have.lengthOf(3);
  });

  describe('P25 getters', () => {
    /** An object whose fields are getters, each of which counts its reads. */
    function counting(reads: Map<string, number>, values: Readonly<Record<string, unknown>>): object {
      const object = {};
      for (const [key, value] of Object.entries(values)) {
        Object.defineProperty(object, key, {
          enumerable: true,
          get() {
            reads.set(key, (reads.get(key) ?? 0) + 1);
            return value;
          },
        });
      }
      return object;
    }

    const shapes: Readonly<Record<string, (reads: Map<string, number>) => object>> = {
      'of the list of messages': (reads) => counting(reads, { messages: [{ role: 'assistant', content: 'hi' }] }),
      'of a message': (reads) => ({ messages: [counting(reads, { role: 'assistant', content: 'hi' })] }),
      'of the content alone': (reads) => ({
        messages: [Object.assign(counting(reads, { content: 'hi' }), { role: 'assistant' })],
      }),
      'of a list': (reads) => [counting(reads, { role: 'assistant', content: 'hi' })],
      'of a parameter': (reads) => ({ result: counting(reads, { messages: [{ role: 'assistant', content: 'hi' }] }) }),
      'of an object': (reads) => counting(reads, { result: { messages: [] }, status: 'ok' }),
    };
    for (const [what, make] of Object.entries(shapes)) {
      it(`P25 runs those ${what} once for each recording`, async () => {
        const recordings: readonly ((value: object) => unknown)[] = [
          (value) => traceFunction(() => value)(),
          (value) => traceFunction(async () => value)(),
          (value) => traceFunction((_given: unknown) => 1)(value),
          (value) => withTrace('t', () => spanFunction(() => value)()),
          (value) => withTrace('t', { input: value }, () => 1),
          (value) => withTrace('t', (t) => t.setOutput(value)),
          (value) => withTrace('t', () => withSpan('s', { kind: 'LLM' }, (s) => s.setOutput(value))),
        ];
        for (const record of recordings) {
          const reads = new Map<string, number>();
          await record(make(reads));
          expect([...reads.values()], String(record)).to.satisfy((counts: number[]) =>
            counts.every((count) => count === 1),
          );
          expect(reads.size, String(record)).to.be.greaterThan(0);
        }
      });
    }
  });
});
