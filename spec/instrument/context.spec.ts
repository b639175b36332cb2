import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import {
  bind,
  getCurrentSpan,
  getCurrentTrace,
  init,
  MemorySink,
  type SpanKind,
  startTrace,
  type TraceStatus,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { turns } from '../support/recording.js';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('Context API', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  const only = () => {
    expect(memory.traces).to.have.length(1);
    return memory.traces[0]!;
  };
  const spans = () => only().spans;

  describe('startTrace()', () => {
    it('takes input, session, user, tags and metadata', () => {
      const input = { messages: [{ role: 'user', content: 'hi' }] };
      startTrace('t', { input, sessionId: 's', userId: 'u', tags: ['x'], metadata: { a: 1 } }).end();
      expect(only()).to.include({ name: 't', sessionId: 's', userId: 'u', status: 'COMPLETED' });
      expect(only().input).to.deep.equal(input);
      expect(only().tags).to.deep.equal(['x']);
      expect(only().metadata).to.deep.equal({ a: 1 });
      expect(only().endedAt!.getTime()).to.be.at.least(only().startedAt.getTime());
    });

    it('gives a read-only UUID', () => {
      const t = startTrace('t');
      expect(t.traceId).to.match(uuid);
      expect(() => Object.assign(t, { traceId: 'other' })).to.throw(TypeError);
      t.end();
      expect(only().traceId).to.equal(t.traceId);
    });

    it('merges metadata, chains setters and records output', () => {
      startTrace('t', { metadata: { a: 1, b: 1 } })
        .setMetadata({ b: 2 })
        .setMetadata({ c: 3 })
        .setOutput('out')
        .end();
      expect(only().metadata).to.deep.equal({ a: 1, b: 2, c: 3 });
      expect(only().output).to.equal('out');
    });

    for (const status of ['PENDING', 'RUNNING', 'COMPLETED', 'ERROR'] as const) {
      it(`ends ${status} when it was set so`, () => {
        startTrace('t').setStatus(status).end();
        expect(only().status).to.equal(status);
      });
    }

    it('ignores a status that does not exist', () => {
      startTrace('t')
        .setStatus('DONE' as TraceStatus)
        .end();
      expect(only().status).to.equal('COMPLETED');
    });

    it('is ERROR when it is ended with an error', () => {
      startTrace('t').setStatus('COMPLETED').end(new Error('broken'));
      expect(only().status).to.equal('ERROR');
    });

    it('is disposed of by using and by await using', async () => {
      {
        using t = startTrace('one');
        expect(getCurrentTrace()).to.equal(t);
      }
      {
        await using t = startTrace('two');
        using s = t.span('s');
        expect(getCurrentSpan()).to.equal(s);
      }
      expect(memory.tree()).to.equal('one\ntwo\n└─ s OTHER');
      expect(getCurrentTrace()).to.equal(undefined);
    });

    it('does not see the error of its using block, as documented', () => {
      expect(() => {
        using _ = startTrace('t');
        throw new Error('unseen');
      }).to.throw('unseen');
      expect(only().status).to.equal('COMPLETED');
    });
  });

  describe('t.span()', () => {
    it('takes kind, model and metadata, and is OTHER without a kind', () => {
      const t = startTrace('t');
      t.span('a', { kind: 'LLM', model: 'm', metadata: { x: 1 } }).end();
      t.span('b').end();
      t.end();
      expect(spans()[0]).to.include({ name: 'a', kind: 'LLM', model: 'm', status: 'OK' });
      expect(spans()[0]!.metadata).to.deep.equal({ x: 1 });
      expect(spans()[1]).to.include({ kind: 'OTHER', model: undefined });
    });

    it('gives a read-only UUID, and its trace', () => {
      const t = startTrace('t');
      const s = t.span('s');
      expect(s.spanId).to.match(uuid);
      expect(s.traceId).to.equal(t.traceId);
      expect(() => Object.assign(s, { spanId: 'other' })).to.throw(TypeError);
      s.end();
      t.end();
      expect(spans()[0]!.spanId).to.equal(s.spanId);
    });

    it('records everything a span can carry', () => {
      const t = startTrace('t');
      const first = new Date('2026-11-22T10:00:00.250Z');
      t.span('s', { kind: 'LLM' })
        .setInput({ messages: [{ role: 'user', content: 'in' }] })
        .setOutput({ messages: [{ role: 'assistant', content: 'out' }] })
        .setModel('gpt-5.4')
        .setModelParameters({ temperature: 0.2 })
        .setTokenUsage({ promptTokens: 10, completionTokens: 5, reasoningTokens: 3, cacheReadTokens: 2 })
        .setCost({ total: 0.25, input: 0.2 })
        .setCompletionStartTime(first)
        .setMetadata({ a: 1 })
        .setMetadata({ b: 2 })
        .end();
      t.end();
      const [s] = spans();
      expect(s!.input).to.deep.equal({ messages: [{ role: 'user', content: 'in' }] });
      expect(s!.output).to.deep.equal({ messages: [{ role: 'assistant', content: 'out' }] });
      expect(s).to.include({ model: 'gpt-5.4', status: 'OK' });
      expect(s!.modelParameters).to.deep.equal({ temperature: 0.2 });
      expect(s!.tokenUsage).to.deep.equal({
        prompt_tokens: 10,
        completion_tokens: 5,
        reasoning_tokens: 3,
        cache_read_tokens: 2,
      });
      expect(s!.cost).to.deep.equal({ total: 0.25, input: 0.2 });
      expect(s!.completionStartTime).to.deep.equal(first);
      expect(s!.metadata).to.deep.equal({ a: 1, b: 2 });
    });

    it('counts prompt and completion tokens as 0 where only extras are given', () => {
      const t = startTrace('t');
      t.span('s').setTokenUsage({ reasoningTokens: 3 }).end();
      t.end();
      expect(spans()[0]!.tokenUsage).to.deep.equal({ prompt_tokens: 0, completion_tokens: 0, reasoning_tokens: 3 });
    });

    it('is ERROR after setError() and after end(error)', () => {
      const t = startTrace('t');
      t.span('a').setError('by hand').end();
      t.span('b').end(new TypeError('given'));
      t.end();
      expect(spans().map((s) => [s.status, s.error])).to.deep.equal([
        ['ERROR', 'by hand'],
        ['ERROR', 'given'],
      ]);
      expect(only().status).to.equal('COMPLETED');
    });

    it('ignores what is set after the end', () => {
      const t = startTrace('t');
      const s = t.span('s').setOutput('first');
      s.end();
      s.setOutput('second').setError('late');
      t.end();
      t.setOutput('late');
      expect(spans()[0]).to.include({ output: 'first', status: 'OK' });
      expect(only().output).to.equal(undefined);
    });

    it('makes OTHER of a kind that does not exist', () => {
      const t = startTrace('t');
      t.span('s', { kind: 'MAGIC' as SpanKind }).end();
      t.end();
      expect(spans()[0]!.kind).to.equal('OTHER');
    });
  });

  describe('withTrace() and withSpan()', () => {
    it('give back what the body gives: a value stays a value, a promise a promise', async () => {
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

    it('run the body with a span that records nothing where there is no trace', () => {
      expect(withSpan('nowhere', (s) => s.setInput(1).spanId)).to.match(uuid);
      expect(memory.traces).to.have.length(0);
    });

    it('refuse a body that is not a function', () => {
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
