import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { createServer } from 'node:net';
import { Duplex, PassThrough, Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Worker } from 'node:worker_threads';
import { expect } from 'chai';
import { init, MemorySink, span, spanFunction, traceFunction, withSpan, withTrace } from '../../lib/index.js';
import { turns } from '../support/recording.js';
import { type Form, sameAndOver } from './given.js';
import { startOrigin } from './origin.js';

const mine = () => new Error('mine');
const later = (run: () => void) => setImmediate(run);
const drain = async (stream: AsyncIterable<unknown>) => {
  const chunks: unknown[] = [];
  for await (const chunk of stream) chunks.push(String(chunk));
  return chunks;
};

function emitter(...events: readonly (readonly [event: string, ...args: unknown[]])[]): () => EventEmitter {
  return () => {
    const made = new EventEmitter();
    later(() => {
      for (const [event, ...args] of events) made.emit(event, ...args);
    });
    return made;
  };
}

const ends = (event: string) => (given: EventEmitter) => once(given, event);
const fails = (given: EventEmitter) =>
  new Promise((resolve) => void given.on('error', (error: Error) => resolve(error.message)));
const failing = () => {
  const stream = new Readable({ read() {} });
  stream.push('a');
  later(() => stream.destroy(mine()));
  return stream;
};
const worker = (code: string) => () => new Worker(code, { eval: true });

let origin: Awaited<ReturnType<typeof startOrigin>>;

const forms: Record<string, Form> = {
  'an emitter that ends': { make: emitter(['end']), take: ends('end') },
  'an emitter that gives items': {
    make: emitter(['data', 1], ['data', 2], ['end']),
    take: ends('end'),
    output: [1, 2],
  },
  'an emitter that is done with a result': { make: emitter(['done', { a: 1 }]), take: ends('done'), output: { a: 1 } },
  'an emitter that closes': { make: emitter(['close']), take: ends('close') },
  'an emitter that fails': { make: emitter(['error', mine()]), take: fails, error: 'mine' },
  'an emitter of whose listeners all are taken away': {
    make: emitter(['end']),
    take: (given: EventEmitter) => {
      given.removeAllListeners();
      return ends('end')(given);
    },
  },
  'a Node stream in a loop': { make: () => Readable.from(['a', 'b']), take: drain, output: ['a', 'b'] },
  'a Node stream that is left': {
    make: () => Readable.from(['a', 'b']),
    take: async (stream: Readable) => {
      for await (const chunk of stream) return chunk;
    },
  },
  'a Node stream by its data': {
    make: () => Readable.from(['a', 'b']),
    take: async (stream: Readable) => {
      const chunks: unknown[] = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      await once(stream, 'end');
      return chunks;
    },
    output: ['a', 'b'],
  },
  'a Node stream by read()': {
    make: () => Readable.from(['a', 'b']),
    take: async (stream: Readable) => {
      const chunks: unknown[] = [];
      stream.on('readable', () => {
        for (let chunk = stream.read(); chunk !== null; chunk = stream.read()) chunks.push(chunk);
      });
      await once(stream, 'end');
      return chunks;
    },
    output: ['a', 'b'],
  },
  'a Node stream that is piped': {
    make: () => Readable.from(['a', 'b']),
    take: (stream: Readable) => pipeline(stream, new PassThrough(), (piped: AsyncIterable<unknown>) => drain(piped)),
    output: ['a', 'b'],
  },
  'a Node stream that is destroyed': {
    make: () => Readable.from(['a']),
    take: async (stream: Readable) => {
      stream.destroy();
      await once(stream, 'close');
    },
  },
  'a Node stream that fails in a loop': {
    make: failing,
    take: (stream: Readable) => drain(stream).catch((error: Error) => error.message),
    error: 'mine',
  },
  'a Node stream that fails': { make: failing, take: fails, error: 'mine' },
  'a stream through which others pass': {
    make: () => {
      const stream = new PassThrough();
      stream.end('a');
      return stream;
    },
    take: drain,
  },
  'a stream that is written': {
    make: () => new Writable({ write: (_chunk, _encoding, done) => done() }),
    take: async (stream: Writable) => {
      stream.end('a');
      await once(stream, 'close');
    },
  },
  'a stream that is written, and never closes': {
    make: () => new Writable({ emitClose: false, autoDestroy: false, write: (_chunk, _encoding, done) => done() }),
    take: async (stream: Writable) => {
      stream.end('a');
      await once(stream, 'finish');
    },
  },
  'a request of node:http': {
    make: () => request({ port: origin.port, host: '127.0.0.1', path: '/json' }),
    take: async (asked: ClientRequest) => {
      asked.end();
      const [response] = await once(asked, 'response');
      const chunks = await drain(response);
      if (!asked.closed) await once(asked, 'close');
      return chunks;
    },
  },
  'a response of node:http': {
    make: async () => {
      const asked = request({ port: origin.port, host: '127.0.0.1', path: '/json' });
      asked.end();
      const [response] = await once(asked, 'response');
      return response;
    },
    take: async (given: Promise<Readable>) => drain(await given),
  },
  'a stream that has ended': {
    make: () => {
      const stream = Readable.from([]);
      stream.resume();
      return once(stream, 'close').then(() => stream);
    },
    take: async (given: Promise<Readable>) => (await given).readableEnded,
  },
  'a child process': {
    make: () => spawn(process.execPath, ['-e', 'process.exit(3)'], { stdio: 'ignore' }),
    take: ends('exit'),
    output: 3,
  },
  'a child process that cannot start': { make: () => spawn('/no/such/program'), take: fails, error: /ENOENT/ },
  'a child process that sends': {
    make: () =>
      spawn(process.execPath, ['-e', 'process.send({ a: 1 })'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }),
    take: async (given: ChildProcess) => {
      const [[message]] = await Promise.all([once(given, 'message'), once(given, 'close')]); // one may come right after the other
      return message;
    },
    output: [{ a: 1 }],
  },
  'a worker': {
    make: worker('require("node:worker_threads").parentPort.postMessage({ a: 1 })'),
    take: async (given: Worker) => {
      const [[message]] = await Promise.all([once(given, 'message'), once(given, 'exit')]); // one may come right after the other
      return message;
    },
    output: [{ a: 1 }],
  },
  'a worker that fails': { make: worker('throw new Error("mine")'), take: fails, error: 'mine' },
};

describe('P12 A call that returns an emitter is over when the emitter is', () => {
  before(async () => {
    origin = await startOrigin();
  });
  after(() => origin.close());

  for (const [name, form] of Object.entries(forms)) it(name, () => sameAndOver(form));

  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const spans = () => memory.traces.flatMap((one) => one.spans);

  it('adds no listener, starts no stream, and an error without a listener is still thrown', async () => {
    const reads: number[] = [];
    const stream = withSpan('none', () => new Readable({ read: (size) => void reads.push(size) }));
    await withTrace('around', async () => {
      const given = spanFunction(() => stream, { name: 'call' })();
      expect(given.eventNames()).to.deep.equal(new Readable().eventNames());
      await turns(2);
      expect([given.readableFlowing, reads.length]).to.deep.equal([null, 0]);
      const emits = spanFunction(() => new EventEmitter(), { name: 'emits' })();
      expect(emits.listenerCount('error')).to.equal(0);
      expect(Object.keys(emits)).to.deep.equal(Object.keys(new EventEmitter()));
      expect(() => emits.emit('error', mine())).to.throw('mine');
    });
    expect(spans().at(-1)).to.include({ name: 'emits', status: 'ERROR', error: 'mine' });
  });

  it('keeps the backpressure of a stream', async () => {
    const asked = async (make: () => Readable) => {
      const stream = make();
      await stream[Symbol.asyncIterator]().next();
      await turns(3);
      return pulls;
    };
    let pulls = 0;
    const endless = () => {
      pulls = 0;
      return new Readable({
        highWaterMark: 4,
        read() {
          pulls += 1;
          this.push('ab');
        },
      });
    };
    const bare = await asked(endless);
    expect(await withTrace('around', () => asked(spanFunction(endless)))).to.equal(bare);
  });

  it('runs the source of a stream in its span, and the reader outside', async () => {
    await withTrace('around', async () => {
      const make = spanFunction(
        () => {
          let isDone = false;
          return new Readable({
            read() {
              withSpan('inside', () => {});
              this.push(isDone ? null : 'a');
              isDone = true;
            },
          });
        },
        { name: 'call' },
      );
      for await (const _ of make()) withSpan('outside', () => {});
    });
    const call = spans().find(({ name }) => name === 'call');
    const parents = new Map(spans().map(({ name, parentSpanId }) => [name, parentSpanId]));
    expect(parents.get('inside')).to.equal(call?.spanId);
    expect(parents.get('outside')).to.equal(undefined);
  });

  it('ends the span of an emitter that lives on with its trace', async () => {
    const code = 'require("node:worker_threads").parentPort.on("message", (m) => m).postMessage(1)';
    const lived = await withTrace('around', async () => {
      const given = spanFunction(worker(code), { name: 'call' })();
      await once(given, 'message');
      return spanFunction(() => new PassThrough(), { name: 'open' })() && [given];
    });
    expect(spans().map(({ name, status, metadata }) => [name, status, metadata])).to.deep.equal([
      ['call', 'OK', {}],
      ['open', 'OK', {}],
    ]);
    expect(spans()[0]?.output).to.deep.equal([1]);
    await lived[0]?.terminate();
  });

  it('treats a connection, a server, and the object of the method itself as values', async () => {
    class Agent extends EventEmitter {
      @span start() {
        return this;
      }
    }
    await withTrace('around', async () => {
      const server = spanFunction(() => createServer(), { name: 'server' })();
      expect(server.listening).to.equal(false);
      new Agent().start();
      spanFunction(async () => new Duplex(), { name: 'duplex' });
      expect(spans()).to.deep.equal([]);
    });
    expect(spans().every(({ status }) => status === 'OK')).to.equal(true);
  });

  it('treats the object of the method as a value, whatever else it is', async () => {
    class Steps {
      @span add() {
        return this;
      }
      @span async open() {
        return this;
      }
      async *[Symbol.asyncIterator]() {
        yield await withSpan('step', () => 1);
      }
    }
    class Query {
      @span where() {
        return this;
      }
      // biome-ignore lint/suspicious/noThenProperty: a query is started by `await`
      then(give: (value: number) => void) {
        withSpan('run', () => give(1));
      }
    }
    await withTrace('around', async () => {
      for await (const _ of await new Steps().add().open()) await withSpan('use', () => 1);
      await new Query().where();
    });
    const tree = [
      'around',
      '├─ add OTHER',
      '├─ open OTHER',
      '├─ step OTHER',
      '├─ use OTHER',
      '├─ where OTHER',
      '└─ run OTHER',
    ];
    expect(memory.tree()).to.equal(tree.join('\n'));
  });

  it('follows an emitter only a bounded number of times if every call returns it', () => {
    const shared = new EventEmitter();
    const get = traceFunction(() => shared, { name: 'get' });
    for (let i = 0; i < 20_000; i += 1) get();
    let heard = 0;
    shared.on('end', () => {
      heard += 1;
    });
    shared.emit('end');
    expect(heard).to.equal(1);
    expect(memory.traces).to.have.lengthOf(20_000);
  });
});
