import { expect } from 'chai';
import {
  Client,
  getCurrentSpan,
  init,
  MemorySink,
  type Sink,
  shutdown,
  span,
  trace,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import type { LateSpansRecord, TraceRecord } from '../../lib/model/records.js';
import { extract, inject, withRemoteParent } from '../../lib/propagation/propagation.js';

/** What a sink of users gets. */
class Got implements Sink {
  readonly name = 'got';
  readonly traces: TraceRecord[] = [];
  readonly late: LateSpansRecord[] = [];
  trace(record: TraceRecord): void {
    this.traces.push(record);
  }
  lateSpans(record: LateSpansRecord): void {
    this.late.push(record);
  }
}

const settings = { apiKey: 'sk_pp_key', projectName: 'p', endpoint: 'http://127.0.0.1:9' };
const remote = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ids = { traceId: '0af76519-16cd-43dd-8448-eb211c80319c', spanId: String(extract(remote)?.spanId) };

describe('withRemoteParent()', () => {
  let got: Got;
  beforeEach(() => {
    got = new Got();
    init({ ...settings, sinks: [got] });
  });
  afterEach(() => shutdown());

  /** Name and parent of what was handed over, parents by name. */
  function parents(): (string | undefined)[][] {
    const spans = got.late.flatMap((record) => record.spans);
    const names = new Map([[ids.spanId, 'remote'], ...spans.map(({ spanId, name }) => [spanId, name] as const)]);
    return spans.map(({ name, parentSpanId }) => [name, parentSpanId && names.get(parentSpanId)]);
  }

  describe('below a caller that reports to the same project', () => {
    const marked = { traceparent: remote, tracestate: 'pandaprobe=1' };

    it('P36 sends spans only, below the span of the caller', () => {
      withRemoteParent(marked, () => withSpan('outer', () => withSpan('inner', () => {})));
      expect(got.traces).to.deep.equal([]);
      expect(got.late.map(({ traceId, isRemote }) => [traceId, isRemote])).to.deep.equal([[ids.traceId, true]]);
      expect(parents()).to.deep.equal([['inner', 'outer'], ['outer', 'remote']]); // biome-ignore format: pairs
    });

    it('P36 makes the first trace a span of the caller, with all that it has', async () => {
      const failure = await withRemoteParent(marked, () =>
        withTrace(
          'handler',
          { input: { messages: [{ role: 'user', content: 'Hi' }] }, tags: ['a'], sessionId: 's' },
          async (t) => {
            expect(t.traceId).to.equal(ids.traceId);
            await withSpan('step', async () => {});
            throw new TypeError('broken');
          },
        ).catch((error: unknown) => error),
      );
      expect(failure).to.be.instanceOf(TypeError);
      expect(got.traces).to.deep.equal([]);
      expect(parents()).to.deep.equal([['handler', 'remote'], ['step', 'handler']]); // biome-ignore format: pairs
      const [handler] = got.late[0]?.spans ?? [];
      expect(handler).to.deep.include({ kind: 'AGENT', status: 'ERROR', error: 'broken' });
      expect(handler?.input).to.include('Hi');
      expect(JSON.parse(handler?.metadata ?? '')).to.deep.include({ tags: ['a'], session_id: 's' });
    });

    it('P36 does the same for decorated methods, and leaves a trace in a span a trace by itself', () => {
      class Service {
        @trace()
        run(): string {
          return this.step();
        }
        @span({ kind: 'TOOL' })
        step(): string {
          withTrace('by itself', () => {});
          return 'done';
        }
      }
      expect(withRemoteParent(marked, () => new Service().run())).to.equal('done');
      expect(parents()).to.deep.equal([['run', 'remote'], ['step', 'run']]); // biome-ignore format: pairs
      expect(got.traces.map(({ name, traceId }) => [name, traceId === ids.traceId])).to.deep.equal([
        ['by itself', false],
      ]);
    });

    it('P36 hands over a span that ends after the first trace below what that has become', async () => {
      let end = () => {};
      withRemoteParent(marked, () =>
        withTrace('handler', (t) => {
          const late = t.span('late');
          end = () => late.end();
        }),
      );
      end();
      const [open, ended] = got.late.flatMap(({ spans }) => spans.filter(({ name }) => name === 'late'));
      expect(open?.parentSpanId).to.equal(got.late[0]?.spans[0]?.spanId);
      expect(ended?.parentSpanId).to.equal(open?.parentSpanId);
      expect(got.late.every(({ isRemote }) => isRemote)).to.equal(true);
    });

    it('P36 carries on from what is current: a third process comes below the second', () => {
      withRemoteParent(marked, () => {
        expect(extract(inject())).to.deep.include(ids);
        withTrace('handler', () => {
          const direct = extract(inject());
          withSpan('step', (s) =>
            expect(extract(inject())).to.deep.include({ traceId: ids.traceId, spanId: s.spanId }),
          );
          withRemoteParent(direct, () => withSpan('third', () => {}));
        });
      });
      expect(parents()).to.deep.include(['third', 'handler']);
    });

    it('P28 leaves out what the caller has left out, and keeps what it keeps, whatever the rate here is', async () => {
      await shutdown();
      init({ ...settings, sinks: [got], sampleRate: 0 });
      const leftOut = { ...marked, traceparent: remote.replace(/1$/, '0').replace('0af', '2af') };
      withRemoteParent(leftOut, () => withTrace('no', () => expect(inject().traceparent).to.match(/-00$/)));
      withRemoteParent(leftOut, () => withSpan('no', () => {}));
      withRemoteParent(marked, () => withTrace('yes', () => {}));
      expect(parents()).to.deep.equal([['yes', 'remote']]);
    });

    it('P36 keeps two requests at once apart, also of one trace', async () => {
      const request = (name: string, traceparent: string) =>
        withRemoteParent({ ...marked, traceparent }, () =>
          withTrace(name, async () => {
            await null;
            await withSpan(`${name} step`, async () => {});
          }),
        );
      await Promise.all([request('a', remote), request('b', remote), request('c', remote.replace('0af', '1af'))]);
      const trees = got.late.map(({ traceId, spans }) => [traceId.slice(0, 3), ...spans.map(({ name }) => name)]);
      expect(trees).to.have.deep.members([['0af', 'a', 'a step'], ['0af', 'b', 'b step'], ['1af', 'c', 'c step']]); // biome-ignore format: rows
    });

    it('P9 hands over what is open as the process or the client ends', async () => {
      await withRemoteParent(marked, async () => {
        for (const name of ['one', 'two']) {
          void withRemoteParent(marked, () => withTrace(name, () => new Promise(() => {})));
        }
      });
      await shutdown();
      expect(parents()).to.deep.equal([['one', 'remote'], ['two', 'remote']]); // biome-ignore format: pairs
    });
  });

  describe('below a caller that reports elsewhere', () => {
    it('P34 makes a trace by itself, and passes the context on where none is current', () => {
      const other = new Client({ ...settings, projectName: 'another', sinks: [] });
      const carried = other.trace('t').setInput('x');
      const context = extract(inject());
      carried.end();
      withRemoteParent(context, () => {
        expect(extract(inject())).to.deep.equal(context);
        withTrace('own', (t) => expect(t.traceId).to.not.equal(context?.traceId));
      });
      expect(got.traces.map(({ name }) => name)).to.deep.equal(['own']);
      expect(got.late).to.deep.equal([]);
      return other.shutdown();
    });
  });

  describe('below a caller that PandaProbe does not record', () => {
    const browser = (n: number) => ({ traceparent: remote.replace('0af7', `0af${n}`), tracestate: 'vendor=1' });

    it('P36 owns the trace: the first one has its id, and its parent noted', () => {
      withRemoteParent(browser(1), () => {
        withSpan('nothing is current', () => {});
        withTrace('page', (t) => {
          withSpan('step', () => {});
          expect(t.traceId).to.equal(ids.traceId.replace('0af7', '0af1'));
          expect(inject().tracestate).to.match(/^pandaprobe=1-.*,vendor=1$/);
        });
        withTrace('second', () => {});
      });
      withRemoteParent(browser(1), () => withTrace('third', () => {}));
      expect(got.late).to.deep.equal([]);
      expect(got.traces.map(({ name, traceId }) => [name, traceId.startsWith('0af1')])).to.deep.equal([
        ['page', true],
        ['second', false],
        ['third', false],
      ]);
      expect(got.traces[0]?.metadata).to.equal('{"otel.parent_span_id":"b7ad6b7169203331"}');
    });

    it('P28 is not switched off by the flag of a foreign sampler', () => {
      const { traceparent } = browser(2);
      withRemoteParent({ traceparent: traceparent.replace(/1$/, '0') }, () => withTrace('kept', () => {}));
      expect(got.traces).to.have.lengthOf(1);
    });

    it('takes session and user from its baggage', () => {
      withRemoteParent({ ...browser(3), baggage: 'session.id=chat-7,user.id=u' }, () => withTrace('page', () => {}));
      expect(got.traces[0]).to.deep.include({ sessionId: 'chat-7', userId: 'u' });
    });
  });

  it('P12 runs the function as it would by itself without a context, and gives and throws what it does', () => {
    const failure = new Error('x');
    for (const context of [undefined, null, {}, '', 'junk', { traceparent: remote, tracestate: 'pandaprobe=1' }]) {
      const given = {};
      expect(withRemoteParent(context, () => given)).to.equal(given);
      expect(withRemoteParent(context, (...args: unknown[]) => args.length)).to.equal(0);
      expect(() => withRemoteParent(context, () => { throw failure; })).to.throw(failure); // biome-ignore format: one line
    }
    expect(getCurrentSpan()).to.equal(undefined);
  });

  it('passes the context on where recording is off', async () => {
    await shutdown();
    init({ enabled: false });
    const carried = { traceparent: remote, tracestate: 'pandaprobe=1,vendor=2' };
    expect(withRemoteParent(carried, () => withTrace('t', () => inject()))).to.deep.equal(carried);
  });

  it('puts the spans into their trace in a MemorySink, whichever comes first', async () => {
    await shutdown();
    const memory = new MemorySink();
    init({ ...settings, sinks: [memory] });
    let job = {};
    withTrace('before', () => withSpan('queue', () => { job = inject(); })); // biome-ignore format: one line
    withRemoteParent(job, () => withTrace('job', () => withSpan('work', () => {})));
    withTrace('after', () => withRemoteParent(inject(), () => withTrace('early job', () => {})));
    expect(memory.tree()).to.equal(
      'before\n└─ queue OTHER\n   └─ job AGENT\n      └─ work OTHER\nafter\n└─ early job AGENT',
    );
  });
});
