import { once } from 'node:events';
import { Readable } from 'node:stream';
import { expect } from 'chai';
import { follow, type Watcher } from '../../lib/engine/follow.js';

/** A watcher that writes down what it is told. */
function listener(): Watcher & { readonly told: string[] } {
  const told: string[] = [];
  return {
    told,
    returned: (value) => void told.push(`returned ${String(value)}`),
    chunk: (value) => void told.push(`chunk ${String(value)}`),
    streamed: (value) => void told.push(`streamed ${String(value)}`),
    threw: (error) => void told.push(`threw ${String(error)}`),
    pull: (fn) => fn(),
  };
}

const failure = (give: unknown) => () => {
  throw give;
};

/** What a call does with its rejection when nobody handles it. */
async function unhandledOf(start: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => reasons.push(reason));
  start();
  for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
  process.removeAllListeners('unhandledRejection');
  for (const one of before) process.on('unhandledRejection', one);
  return reasons;
}

describe('follow()', () => {
  describe('P12 of a synchronous call', () => {
    const shared = { an: 'object' };
    for (const value of [
      1,
      'text',
      undefined,
      null,
      shared,
      [1, 2],
      new Map(),
      Symbol.iterator,
      () => 1,
      'a'[Symbol.iterator](),
    ]) {
      it(`gives back ${Object.prototype.toString.call(value)} by identity`, () => {
        const watcher = listener();
        expect(follow(() => value, watcher)).to.equal(value);
        expect(watcher.told).to.have.length(1);
        expect(watcher.told[0]).to.match(/^returned/);
      });
    }

    it('gives back a proxy that throws at everything', () => {
      const fail = () => {
        throw new Error('hostile');
      };
      const traps = { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail };
      const hostile = new Proxy({}, traps);
      const ends: unknown[] = [];
      const watcher = { ...listener(), returned: (value: unknown) => void ends.push(value) };
      expect(
        Object.is(
          follow(() => hostile, watcher),
          hostile,
        ),
      ).to.equal(true);
      expect(ends).to.have.length(1);
    });

    const thrown = [
      new Error('e'),
      Object.freeze(new Error('frozen')),
      'text',
      undefined,
      null,
      new AggregateError([], 'agg'),
    ];
    for (const error of thrown) {
      it(`throws ${String(error)} on by identity`, () => {
        const watcher = listener();
        let caught: unknown = 'nothing';
        try {
          follow(failure(error), watcher);
        } catch (given) {
          caught = given;
        }
        expect(caught).to.equal(error);
        expect(watcher.told).to.deep.equal([`threw ${String(error)}`]);
      });

      it(`rejects with ${String(error)} by identity`, async () => {
        const watcher = listener();
        let caught: unknown = 'nothing';
        await follow(async () => failure(error)(), watcher).catch((given: unknown) => {
          caught = given;
        });
        expect(caught).to.equal(error);
        expect(watcher.told).to.deep.equal([`threw ${String(error)}`]);
      });
    }
  });

  describe('P12 of a promise', () => {
    it('gives a promise of the same class and value, with its own properties', async () => {
      const watcher = listener();
      const promise = Object.assign(Promise.resolve(7), { requestId: 'r1' });
      const result = follow(() => promise, watcher);
      expect(result).to.be.instanceOf(Promise);
      expect(result.requestId).to.equal('r1');
      expect(await result).to.equal(7);
      expect(watcher.told).to.deep.equal(['returned 7']);
    });

    it('is over when the promise settles, not before', async () => {
      const watcher = listener();
      let settle: (value: string) => void = () => {};
      const result = follow(
        () =>
          new Promise<string>((resolve) => {
            settle = resolve;
          }),
        watcher,
      );
      await Promise.resolve();
      expect(watcher.told).to.deep.equal([]);
      settle('now');
      await result;
      expect(watcher.told).to.deep.equal(['returned now']);
    });

    it('leaves a forgotten rejection unhandled, once', async () => {
      const error = new Error('forgotten');
      expect(await unhandledOf(() => follow(async () => failure(error)(), listener()))).to.deep.equal([error]);
    });

    it('leaves a handled rejection handled', async () => {
      const start = () => follow(async () => failure(new Error('handled'))(), listener()).catch(() => {});
      expect(await unhandledOf(start)).to.deep.equal([]);
    });

    it('gives a promise of a class of its own back by identity and watches its then', async () => {
      class ApiPromise<T> extends Promise<T> {
        withResponse() {
          return 'response';
        }
      }
      const watcher = listener();
      const promise = ApiPromise.resolve(3) as ApiPromise<number>;
      const result = follow(() => promise, watcher);
      expect(result).to.equal(promise);
      expect(result.withResponse()).to.equal('response');
      expect(watcher.told).to.deep.equal([]);
      expect(await result).to.equal(3);
      expect(watcher.told).to.deep.equal(['returned 3']);
    });

    it('does not start a lazy thenable, and hears its end once', async () => {
      const watcher = listener();
      let starts = 0;
      const query = {
        // biome-ignore lint/suspicious/noThenProperty: a query builder, as database clients have them
        then(onValue: (rows: number) => unknown) {
          starts += 1;
          return Promise.resolve(onValue(5));
        },
      };
      const result = follow(() => query, watcher);
      expect(result).to.equal(query);
      expect(starts).to.equal(0);
      expect(await result).to.equal(5);
      await result;
      expect(starts).to.equal(2);
      expect(watcher.told).to.deep.equal(['returned 5']);
    });

    it('gives a frozen thenable back and counts it as over', () => {
      const watcher = listener();
      // biome-ignore lint/suspicious/noThenProperty: frozen, so it cannot be watched
      const frozen = Object.freeze({ then() {} });
      expect(follow(() => frozen, watcher)).to.equal(frozen);
      expect(watcher.told).to.have.length(1);
    });
  });

  describe('P18 of a generator', () => {
    function* count(): Generator<number, string> {
      yield 1;
      yield 2;
      return 'end';
    }

    it('gives the generator back by identity, still a generator', () => {
      const generator = count();
      const result = follow(() => generator, listener());
      expect(result).to.equal(generator);
      expect(Object.prototype.toString.call(result)).to.equal('[object Generator]');
      expect(Object.keys(result)).to.deep.equal([]);
    });

    it('is over when it is exhausted', () => {
      const watcher = listener();
      expect([...follow(count, watcher)]).to.deep.equal([1, 2]);
      expect(watcher.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
    });

    it('is over when a loop breaks off', () => {
      const watcher = listener();
      for (const _ of follow(count, watcher)) break;
      expect(watcher.told).to.deep.equal(['chunk 1', 'streamed undefined']);
    });

    it('is over when it is thrown into', () => {
      const watcher = listener();
      const generator = follow(count, watcher);
      generator.next();
      expect(() => generator.throw(new Error('in'))).to.throw('in');
      expect(watcher.told).to.deep.equal(['chunk 1', 'threw Error: in']);
    });

    it('is over when it throws', () => {
      const watcher = listener();
      const generator = follow(function* () {
        yield 1;
        throw new Error('out');
      }, watcher);
      expect(() => [...generator]).to.throw('out');
      expect(watcher.told).to.deep.equal(['chunk 1', 'threw Error: out']);
    });

    it('hands what the consumer sends to it', () => {
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
      const watcher = listener();
      const got: number[] = [];
      for await (const item of follow(count, watcher)) got.push(item);
      expect(got).to.deep.equal([1, 2]);
      expect(watcher.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
    });

    it('is over when a loop breaks off', async () => {
      const watcher = listener();
      for await (const _ of follow(count, watcher)) break;
      expect(watcher.told).to.deep.equal(['chunk 1', 'streamed undefined']);
    });

    it('is over when it throws, and throws that very error', async () => {
      const watcher = listener();
      const error = new Error('out');
      const generator = follow(async function* () {
        yield 1;
        throw error;
      }, watcher);
      let caught: unknown;
      try {
        for await (const _ of generator);
      } catch (given) {
        caught = given;
      }
      expect(caught).to.equal(error);
      expect(watcher.told).to.deep.equal(['chunk 1', 'threw Error: out']);
    });

    it('serves two readers of one generator', async () => {
      const watcher = listener();
      const generator = follow(count, watcher);
      const steps = await Promise.all([generator.next(), generator.next(), generator.next()]);
      expect(steps.map((step) => step.value)).to.deep.equal([1, 2, 'end']);
      expect(watcher.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
    });

    it('is followed when a promise gives it', async () => {
      const watcher = listener();
      const generator = await follow(async () => count(), watcher);
      expect(watcher.told).to.deep.equal([]);
      for await (const _ of generator);
      expect(watcher.told).to.deep.equal(['chunk 1', 'chunk 2', 'streamed end']);
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

    it('gives an object with an async iterator back by identity and hears its chunks', async () => {
      const watcher = listener();
      const stream = new ChunkStream();
      const result = follow(() => stream, watcher);
      expect(result).to.equal(stream);
      for await (const _ of result);
      expect(watcher.told).to.deep.equal(['chunk a', 'chunk b', 'streamed undefined']);
    });

    it('hears an abort', async () => {
      const watcher = listener();
      const stream = follow(() => new ChunkStream(), watcher);
      let caught: unknown;
      try {
        for await (const _ of stream) stream.controller.abort(new Error('stop'));
      } catch (given) {
        caught = given;
      }
      expect(String(caught)).to.equal('Error: stop');
      expect(watcher.told).to.deep.equal(['chunk a', 'threw Error: stop']);
    });

    it('hears a break of an iterator that has no return of its own', async () => {
      const watcher = listener();
      const endless = {
        [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false as const, value: 'x' }) }),
      };
      for await (const _ of follow(() => endless, watcher)) break;
      expect(watcher.told).to.deep.equal(['chunk x', 'streamed undefined']);
    });

    it('hears a web stream through a reader', async () => {
      const watcher = listener();
      const stream = new ReadableStream<string>({
        start(controller) {
          controller.enqueue('w');
          controller.close();
        },
      });
      const reader = follow(() => stream, watcher).getReader();
      while (!(await reader.read()).done);
      expect(watcher.told).to.deep.equal(['chunk w', 'streamed undefined']);
    });

    it('hears a web stream in a loop, and one that is handed on to a pipe', async () => {
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
      const piped = listener();
      const [left, right] = follow(open, piped).tee();
      expect(piped.told).to.deep.equal(['streamed undefined']);
      await Promise.all([left.cancel(), right.cancel()]);
    });

    it('hears the end of a Node stream without reading from it', async () => {
      const watcher = listener();
      const stream = follow(() => Readable.from(['n']), watcher);
      await new Promise((resolve) => setImmediate(resolve));
      expect(watcher.told).to.deep.equal([]);
      stream.resume();
      await once(stream, 'close');
      expect(watcher.told[0]).to.equal('streamed undefined');
    });
  });
});
