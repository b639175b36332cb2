import { once } from 'node:events';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { follow } from '../../lib/engine/follow.js';
import { listener } from './listener.js';

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

describe('follow()', () => {
  describe('P18 of a generator', () => {
    function* count(): Generator<number, string> {
      yield 1;
      yield 2;
      return 'end';
    }

    it('returns the generator by identity, still a generator', () => {
      const generator = count();
      const result = follow(() => generator, listener());
      expect(result).to.equal(generator);
      expect(Object.prototype.toString.call(result)).to.equal('[object Generator]');
      expect(Object.keys(result)).to.deep.equal([]);
    });

    it('is over when it is exhausted', () => {
      const observer = listener();
      expect([...follow(count, observer)]).to.deep.equal([1, 2]);
      expect(observer.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
    });

    it('is over when a loop breaks off', () => {
      const observer = listener();
      for (const _ of follow(count, observer)) break;
      expect(observer.told).to.deep.equal(['chunk 1', 'streamed undefined']);
    });

    it('is over when it is thrown into', () => {
      const observer = listener();
      const generator = follow(count, observer);
      generator.next();
      expect(() => generator.throw(new Error('in'))).to.throw('in');
      expect(observer.told).to.deep.equal(['chunk 1', 'threw Error: in']);
    });

    it('is over when it throws', () => {
      const observer = listener();
      const generator = follow(function* () {
        yield 1;
        throw new Error('out');
      }, observer);
      expect(() => [...generator]).to.throw('out');
      expect(observer.told).to.deep.equal(['chunk 1', 'threw Error: out']);
    });

    it('passes on what the consumer sends to it', () => {
      const generator = follow(function* (): Generator<string, void, string> {
        const sent = yield 'first';
        yield `got ${sent}`;
      }, listener());
      generator.next();
      expect(generator.next('this').value).to.equal('got this');
    });
  });

  describe('P18 of an async generator', () => {
    async function* count(): AsyncGenerator<number, string> {
      yield 1;
      await Promise.resolve();
      yield 2;
      return 'end';
    }

    it('is over when it is exhausted', async () => {
      const observer = listener();
      const got: number[] = [];
      for await (const item of follow(count, observer)) got.push(item);
      expect(got).to.deep.equal([1, 2]);
      expect(observer.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
    });

    it('is over when a loop breaks off', async () => {
      const observer = listener();
      for await (const _ of follow(count, observer)) break;
      expect(observer.told).to.deep.equal(['chunk 1', 'streamed undefined']);
    });

    it('is over when it throws, and throws that very error', async () => {
      const observer = listener();
      const error = new Error('out');
      const generator = follow(async function* () {
        yield 1;
        throw error;
      }, observer);
      let caught: unknown;
      try {
        for await (const _ of generator);
      } catch (given) {
        caught = given;
      }
      expect(caught).to.equal(error);
      expect(observer.told).to.deep.equal(['chunk 1', 'threw Error: out']);
    });

    it('serves two readers of one generator', async () => {
      const observer = listener();
      const generator = follow(count, observer);
      const steps = await Promise.all([generator.next(), generator.next(), generator.next()]);
      expect(steps.map((step) => step.value)).to.deep.equal([1, 2, 'end']);
      expect(observer.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
    });

    it('is followed when a promise resolves to it', async () => {
      const observer = listener();
      const generator = await follow(async () => count(), observer);
      expect(observer.told).to.deep.equal([]);
      for await (const _ of generator);
      expect(observer.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
    });
  });

  describe('P18 of a stream', () => {
    class ChunkStream {
      readonly controller = new AbortController();
      async *[Symbol.asyncIterator]() {
        for (const chunk of ['a', 'b']) {
          this.controller.signal.throwIfAborted();
          yield chunk;
        }
      }
    }

    it('returns an object with an async iterator by identity, and sees its chunks', async () => {
      const observer = listener();
      const stream = new ChunkStream();
      const result = follow(() => stream, observer);
      expect(result).to.equal(stream);
      for await (const _ of result);
      expect(observer.told).to.deep.equal(['chunk a', 'chunk b', 'streamed undefined']);
    });

    it('sees an abort', async () => {
      const observer = listener();
      const stream = follow(() => new ChunkStream(), observer);
      let caught: unknown;
      try {
        for await (const _ of stream) stream.controller.abort(new Error('stop'));
      } catch (given) {
        caught = given;
      }
      expect(String(caught)).to.equal('Error: stop');
      expect(observer.told).to.deep.equal(['chunk a', 'threw Error: stop']);
    });

    it('sees that a loop over an iterator without return() is left', async () => {
      const observer = listener();
      const endless = {
        [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: 'x' }) }),
      };
      for await (const _ of follow(() => endless, observer)) break;
      expect(observer.told).to.deep.equal(['chunk x', 'streamed undefined']);
    });

    it('sees the end of an iterator whose steps have only done: true', async () => {
      type Step = IteratorResult<string | undefined>;
      const steps = () => {
        const left: Step[] = [{ value: 'a' }, { value: 'b' }];
        const next = async () => left.shift() ?? { done: true, value: undefined };
        return { [Symbol.asyncIterator]: () => ({ next, return: async (): Promise<Step> => ({ value: undefined }) }) };
      };
      const whole = listener();
      await drain(follow(steps, whole));
      expect(whole.told).to.deep.equal(['chunk a', 'chunk b', 'streamed undefined']);
      const left = listener();
      for await (const _ of follow(steps, left)) break;
      expect(left.told).to.deep.equal(['chunk a', 'streamed undefined']);
    });

    it('sees the chunks of a web stream through a reader', async () => {
      const observer = listener();
      const stream = new ReadableStream<string>({
        start(controller) {
          controller.enqueue('w');
          controller.close();
        },
      });
      const reader = follow(() => stream, observer).getReader();
      while (!(await reader.read()).done);
      expect(observer.told).to.deep.equal(['chunk w', 'streamed undefined']);
    });

    it('sees the chunks of a web stream in a loop, and in a pipe', async () => {
      const looped = listener();
      const open = () =>
        new ReadableStream<string>({
          start(controller) {
            controller.enqueue('w');
            controller.close();
          },
        });
      for await (const _ of follow(open, looped));
      expect(looped.told).to.deep.equal(['chunk w', 'streamed undefined']);
      const handings: Record<string, (stream: ReadableStream<string>) => unknown> = {
        tee: (stream) => Promise.all(stream.tee().map(drain)),
        pipeTo: (stream) => stream.pipeTo(new WritableStream()),
        pipeThrough: (stream) => drain(stream.pipeThrough(new TransformStream())),
      };
      for (const hand of Object.values(handings)) {
        const handed = listener();
        const stream = follow(open, handed);
        const over = hand(stream);
        expect(stream.locked).to.equal(true);
        expect(handed.told).to.deep.equal([]);
        await over;
        expect(handed.told).to.deep.equal(['chunk w', 'streamed undefined']);
      }
      const cancelled = listener();
      const [left, right] = follow(open, cancelled).tee();
      await Promise.all([left.cancel(), right.cancel()]);
      expect(cancelled.told).to.deep.equal(['streamed undefined']);
    });

    it('does not change how a locked web stream fails, also in a pipe', async () => {
      const observer = listener();
      const failing = () =>
        new ReadableStream<string>({
          pull() {
            throw new Error('cut');
          },
        });
      const stream = follow(failing, observer);
      const [left, right] = stream.tee();
      expect(() => stream.tee()).to.throw(TypeError, /locked/);
      const failures = await Promise.allSettled([drain(left), drain(right)]);
      expect(failures.map(({ status }) => status)).to.deep.equal(['rejected', 'rejected']);
      expect(observer.told).to.deep.equal(['threw Error: cut']);
    });

    it('sees the chunks of a stream whose own tee() reads an iterator of the stream', async () => {
      const { Stream } = await import('openai/streaming');
      const open = () => {
        const controller = new AbortController();
        return new Stream(async function* () {
          yield 'a';
          yield 'b';
        }, controller);
      };
      for (const read of [
        async (stream: ReturnType<typeof open>) => Promise.all(stream.tee().map(drain)),
        (stream: ReturnType<typeof open>) => drain(stream.toReadableStream() as AsyncIterable<unknown>),
        (stream: ReturnType<typeof open>) => drain(stream),
      ]) {
        const observer = listener();
        await read(follow(open, observer));
        expect(observer.told).to.deep.equal(['chunk a', 'chunk b', 'streamed undefined']);
      }
    });

    describe('a web stream with an iterator of its own, which reads through a reader', () => {
      const open = (iterate: (stream: ReadableStream<string>) => AsyncIterator<string>, fails = false) => {
        const stream = new ReadableStream<string>({
          start(controller) {
            controller.enqueue('a');
            controller.enqueue('b');
            if (!fails) controller.close();
          },
          pull(controller) {
            if (fails) controller.error(new Error('cut'));
          },
        });
        return Object.assign(stream, { [Symbol.asyncIterator]: () => iterate(stream) });
      };
      const plain = (stream: ReadableStream<string>) => {
        const reader = stream.getReader();
        return { next: () => reader.read() as Promise<IteratorResult<string>>, return: () => end(reader) };
      };
      const end = async (reader: ReadableStreamDefaultReader<string>) => {
        await reader.cancel();
        return { done: true as const, value: undefined };
      };
      async function* generated(stream: ReadableStream<string>) {
        const reader = stream.getReader();
        for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value.toUpperCase();
      }

      it('is seen once, in order', async () => {
        const observer = listener();
        let seen = '';
        for await (const item of follow(() => open(plain), observer)) seen += item;
        expect(seen).to.equal('ab');
        expect(observer.told).to.deep.equal(['chunk a', 'chunk b', 'streamed undefined']);
      });

      it('is seen as the iterator returns it, not as the reader reads it', async () => {
        const observer = listener();
        for await (const _ of follow(() => open(generated), observer));
        expect(observer.told).to.deep.equal(['chunk A', 'chunk B', 'streamed undefined']);
      });

      it('is seen until a loop leaves it', async () => {
        const observer = listener();
        for await (const _ of follow(() => open(plain), observer)) break;
        expect(observer.told).to.deep.equal(['chunk a', 'streamed undefined']);
      });

      it('is seen until it fails', async () => {
        const observer = listener();
        const failure = await (async () => {
          for await (const _ of follow(() => open(plain, true), observer));
        })().catch((error: Error) => error.message);
        expect(failure).to.equal('cut');
        expect(observer.told.slice(0, 2)).to.deep.equal(['chunk a', 'chunk b']);
        expect(observer.told).to.have.lengthOf(3);
      });

      it('is seen through a reader if nobody iterates', async () => {
        const observer = listener();
        const reader = follow(() => open(plain), observer).getReader();
        while (!(await reader.read()).done);
        expect(observer.told).to.deep.equal(['chunk a', 'chunk b', 'streamed undefined']);
      });
    });

    it('sees the end of a Node stream without reading from it', async () => {
      const observer = listener();
      const stream = follow(() => Readable.from(['n']), observer);
      await new Promise((resolve) => setImmediate(resolve));
      expect(observer.told).to.deep.equal([]);
      stream.resume();
      await once(stream, 'close');
      expect(observer.told.slice(0, 2)).to.deep.equal(['chunk n', 'streamed undefined']);
    });
  });
});
