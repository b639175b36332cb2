import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { bind, getCurrentTrace, init, MemorySink, startTrace, withSpan, withTrace } from '../../lib/index.js';
import { turns } from '../support/recording.js';
import { onlyTrace, uuid } from './recorded.js';

describe('Context API', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const only = () => onlyTrace(memory);
  const spans = () => only().spans;

  describe('withTrace() and withSpan()', () => {
    it('return what the callback returns: a value stays a value, a promise a promise', async () => {
      const value = withTrace('t', () => 7);
      expect(value).to.equal(7);
      const promise = withTrace('t', async () => 8);
      expect(promise).to.be.instanceOf(Promise);
      expect(await promise).to.equal(8);
    });

    for (const [way, run] of [
      ['sync', <R>(fn: () => R) => fn()],
      [
        'async',
        async <R>(fn: () => R) => {
          await turns();
          return fn();
        },
      ],
    ] as const) {
      it(`let a ${way} error through unchanged, marking what it passes`, async () => {
        const error = new Error('boom');
        const fail = () => {
          throw error;
        };
        let caught: unknown;
        try {
          await withTrace('t', () => withSpan('outer', () => withSpan('inner', () => run(fail))));
        } catch (given) {
          caught = given;
        }
        expect(caught).to.equal(error);
        expect(only().status).to.equal('ERROR');
        expect(spans().map((s) => [s.name, s.status, s.error])).to.deep.equal([
          ['outer', 'ERROR', 'boom'],
          ['inner', 'ERROR', 'boom'],
        ]);
      });

      it(`leave the outer ones OK when a ${way} error is caught between`, async () => {
        await withTrace('t', () =>
          withSpan('outer', async () => {
            try {
              await withSpan('inner', () =>
                run(() => {
                  throw new Error('boom');
                }),
              );
            } catch {}
          }),
        );
        expect(only().status).to.equal('COMPLETED');
        expect(spans().map((s) => s.status)).to.deep.equal(['OK', 'ERROR']);
      });
    }

    it('nest traces as separate traces, and the outer one is current again afterwards', () => {
      withTrace('outer', (outer) => {
        withTrace('inner', (inner) => {
          expect(getCurrentTrace()).to.equal(inner);
          withSpan('in', () => {});
        });
        expect(getCurrentTrace()).to.equal(outer);
        withSpan('out', () => {});
      });
      expect(memory.tree()).to.equal('inner\n└─ in OTHER\nouter\n└─ out OTHER');
    });

    it('run the callback with a span that records nothing if there is no trace', () => {
      expect(withSpan('nowhere', (s) => s.setInput(1).spanId)).to.match(uuid);
      expect(memory.traces).to.have.length(0);
    });

    it('refuse a callback that is not a function', () => {
      expect(() => withTrace('t', {}, undefined as never)).to.throw(TypeError, /function/);
    });
  });

  describe('run()', () => {
    it('makes a span current in a function and ends it', async () => {
      const t = startTrace('t');
      const s = t.span('s');
      const result = await s.run(async (self) => {
        expect(self).to.equal(s);
        await turns();
        return withSpan('k', () => 'r');
      });
      expect(result).to.equal('r');
      t.end();
      expect(memory.tree()).to.equal('t\n└─ s OTHER\n   └─ k OTHER');
    });

    it('makes a trace current in a function and ends it', () => {
      const t = startTrace('t');
      expect(() =>
        t.run(() => {
          throw new Error('x');
        }),
      ).to.throw('x');
      expect(only().status).to.equal('ERROR');
    });
  });

  describe('P21 bind()', () => {
    it('carries the scope through an event emitter, a timer, a pool and a job queue', async () => {
      const emitter = new EventEmitter();
      const jobs: (() => void)[] = [];
      const pool: ((connection: string) => void)[] = [];
      let begin: () => void = () => {};
      const gate = new Promise<void>((open) => {
        begin = open;
      });
      const worker = (async () => {
        await gate;
        for (const job of jobs) job();
        for (const use of pool) use('connection');
        emitter.emit('answer', 42);
      })();
      await withTrace('t', async () => {
        await withSpan('work', async () => {
          emitter.once(
            'answer',
            bind((value: number) => withSpan('event', (s) => s.setInput(value))),
          );
          jobs.push(bind(() => withSpan('job', () => {})));
          pool.push(bind((connection) => withSpan('query', (s) => s.setInput(connection))));
          await new Promise<void>((done) => setTimeout(() => withSpan('timer', () => done()), 1));
          begin();
          await worker;
        });
      });
      expect(memory.tree()).to.equal(
        't\n└─ work OTHER\n   ├─ timer OTHER\n   ├─ job OTHER\n   ├─ query OTHER\n   └─ event OTHER',
      );
    });

    it('keeps this, the arguments and the result', () => {
      const bound = bind(function (this: { base: number }, add: number) {
        return this.base + add;
      });
      expect(bound.call({ base: 2 }, 3)).to.equal(5);
    });
  });
});
