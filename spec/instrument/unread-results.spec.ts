import { EventEmitter } from 'node:events';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import knex from 'knex';
import { Observable, of } from 'rxjs';
import { getClient, init, MemorySink, traceFunction } from '../../lib/index.js';
import { turns } from '../support/recording.js';
import { until } from '../support/until.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

async function* words(): AsyncGenerator<string> {
  yield 'a';
  yield 'b';
}
function* numbers(): Generator<number> {
  yield 1;
  yield 2;
}
const iterable = () => ({ [Symbol.asyncIterator]: () => words() });
const webStream = () => ReadableStream.from(words());
const database = knex({ client: 'sqlite3', useNullAsDefault: true });

describe('P12 A trace whose result nobody can read any more', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => getClient().shutdown());

  const recorded = async () => {
    await until(() => {
      collect();
      return memory.traces.length > 0;
    });
    return memory.traces.map(({ status, output }) => ({ status, output }));
  };

  const left: Record<string, { make: () => unknown; use?: (value: never) => unknown; output?: unknown }> = {
    'a generator that nobody began': { make: numbers },
    'a generator that was left': { make: numbers, use: (it: Generator) => it.next(), output: [1] },
    'an async generator that nobody began': { make: words },
    'an async generator that was left': { make: words, use: (it: AsyncGenerator) => it.next(), output: ['a'] },
    'an async generator of a promise': { make: async () => words(), use: (promise: Promise<unknown>) => promise },
    'an async iterable that nobody read': { make: iterable },
    'an async iterable whose iterator was left': {
      make: iterable,
      use: (it: AsyncIterable<string>) => it[Symbol.asyncIterator]().next(),
      output: ['a'],
    },
    'a web stream that nobody read': { make: webStream },
    'a web stream whose reader was left': {
      make: webStream,
      use: (stream: ReadableStream) => stream.getReader().read(),
      output: ['a'],
    },
    'a web stream with two branches that nobody read': {
      make: webStream,
      use: (stream: ReadableStream) => void stream.tee(),
      output: ['a'], // a branch reads one chunk ahead
    },
    'a Node stream that nobody read': { make: () => Readable.from(words()) },
    'a query that nobody ran': { make: () => database('people') },
    'an observable that nobody subscribed to': { make: () => of(1, 2) },
  };
  for (const [title, { make, use, output }] of Object.entries(left)) {
    it(`ends: ${title}`, async () => {
      await (async () => {
        const value = traceFunction(make as () => object)();
        await use?.(value as never);
      })();
      expect(await recorded()).to.deep.equal([{ status: 'COMPLETED', output }]);
    });
  }

  /** Collects garbage for a while, in which nothing may end. */
  const waitLong = async () => {
    for (let i = 0; i < 4; i += 1) {
      await turns();
      collect();
    }
    expect(memory.traces).to.deep.equal([]);
  };

  it('stays open while a reader of a web stream is held', async () => {
    const reader = traceFunction(webStream)().getReader();
    await waitLong();
    expect(await reader.read()).to.deep.equal({ done: false, value: 'a' });
    await reader.cancel();
    expect(await recorded()).to.deep.equal([{ status: 'COMPLETED', output: ['a'] }]);
  });

  it('stays open while a branch or a pipe of a web stream is held', async () => {
    const [branch] = traceFunction(webStream)().tee();
    const piped = branch.pipeThrough(new TransformStream<string, string>());
    await waitLong();
    const seen: string[] = [];
    for await (const chunk of piped) seen.push(chunk);
    expect(seen).to.deep.equal(['a', 'b']);
    expect(await recorded()).to.deep.equal([{ status: 'COMPLETED', output: ['a', 'b'] }]);
  });

  it('stays open while the iterator of an iterable is held', async () => {
    const iterator = traceFunction(iterable)()[Symbol.asyncIterator]();
    await waitLong();
    expect((await iterator.next()).value).to.equal('a');
    await iterator.return?.(undefined);
    expect(await recorded()).to.deep.equal([{ status: 'COMPLETED', output: ['a'] }]);
  });

  it('stays open while an async generator works on a step', async () => {
    let goOn: (() => void) | undefined;
    const seen: string[] = [];
    const slow = traceFunction(async function* () {
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
      yield 'late';
    });
    void slow()
      .next()
      .then(({ value }) => seen.push(value as string));
    await waitLong();
    goOn?.();
    await turns();
    expect(seen).to.deep.equal(['late']);
    expect(await recorded()).to.deep.equal([{ status: 'COMPLETED', output: ['late'] }]);
  });

  it('stays open while an observable works, which nobody holds', async () => {
    const source = new EventEmitter();
    const seen: unknown[] = [];
    const note = (value: unknown) => seen.push(value);
    // Nothing here references the observable: the listeners reference its subscriber only.
    const listening = () =>
      new Observable((subscriber) => {
        source.on('value', (value) => subscriber.next(value));
        source.on('end', () => subscriber.complete());
      });
    traceFunction(listening)().subscribe(note);
    await waitLong();
    source.emit('value', 1);
    source.emit('end');
    expect(seen).to.deep.equal([1]);
    expect(await recorded()).to.deep.equal([{ status: 'COMPLETED', output: [1] }]);
  });

  it('stays open while a query runs, which nobody holds', async () => {
    let answer: ((rows: number[]) => void) | undefined;
    const seen: number[][] = [];
    const query = () => ({
      // biome-ignore lint/suspicious/noThenProperty: a query
      then(fulfilled: (rows: number[]) => void) {
        answer = fulfilled;
      },
    });
    void (traceFunction(query as () => object)() as PromiseLike<number[]>).then((rows) => seen.push(rows));
    await waitLong();
    answer?.([1]);
    expect(seen).to.deep.equal([[1]]);
    expect(await recorded()).to.deep.equal([{ status: 'COMPLETED', output: [1] }]);
  });
});
