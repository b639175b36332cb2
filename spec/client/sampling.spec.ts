import { expect } from 'chai';
import sinon from 'sinon';
import {
  type Client,
  init,
  MemorySink,
  type Options,
  shutdown,
  startTrace,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import { inject, withRemoteParent } from '../../lib/propagation/propagation.js';
import { sequence } from '../support/random.js';
import { listenToStderr } from '../support/stderr.js';

describe('P28 Sampling', () => {
  let sink: MemorySink;
  let random: sinon.SinonStub<[], number> | undefined;
  beforeEach(() => {
    sink = new MemorySink();
  });
  afterEach(async () => {
    random?.restore();
    random = undefined;
    await shutdown();
  });

  /** What `Math.random` gives, one after the other. */
  function roll(...values: readonly number[]): void {
    const left = [...values];
    random = sinon.stub(Math, 'random').callsFake(() => left.shift() ?? 0);
  }

  const start = (options: Options): Client => init({ sinks: [sink], ...options });

  it('P28 keeps the rate within 3 sigma over 10,000 traces', () => {
    const [count, rate] = [10_000, 0.3];
    random = sinon.stub(Math, 'random').callsFake(sequence(20));
    const client = start({ sampleRate: rate });
    for (let i = 0; i < count; i += 1) withTrace('t', () => withSpan('s', () => {}));
    const sigma = Math.sqrt(count * rate * (1 - rate));
    expect(sink.traces.length).to.be.within(count * rate - 3 * sigma, count * rate + 3 * sigma);
    expect(sink.traces.every(({ spans }) => spans.length === 1)).to.equal(true);
    const { created, delivered, droppedByReason } = client.stats();
    expect([created, delivered + (droppedByReason.sampled ?? 0)]).to.deep.equal([count, count]);
  });

  it('P28 keeps a trace below the rate and leaves one out from it on', () => {
    start({ sampleRate: 0.25 });
    roll(0.2499, 0.25, 0.9, 0);
    for (const name of ['a', 'b', 'c', 'd']) withTrace(name, () => {});
    expect(sink.tree()).to.equal('a\nd');
  });

  it('P28 decides once for the whole trace, with its spans, however they are made', async () => {
    const client = start({ sampleRate: 0.5 });
    roll(0.9, 0.1);
    for (const name of ['left out', 'kept']) {
      await withTrace(name, async (t) => {
        await withSpan('body', async (s) => {
          await null;
          s.withSpan('child', () => {});
        });
        const handle = t.span('handle');
        handle.span('below').end();
        handle.end();
      });
    }
    expect(sink.tree()).to.equal('kept\n├─ body OTHER\n│  └─ child OTHER\n└─ handle OTHER\n   └─ below OTHER');
    expect(client.stats()).to.deep.include({ created: 2, delivered: 1, droppedByReason: { sampled: 1 } });
  });

  it('P28 lets no span of a trace that was left out into the trace around it', () => {
    start({ sampleRate: 0.5 });
    roll(0.1, 0.9);
    withTrace('outer', () => {
      withSpan('before', () => {});
      withTrace('inner', (t) => {
        withSpan('inner body', () => {});
        t.span('inner handle').end();
        using handle = t.span('inner using');
        withSpan('below', () => {});
        handle.setOutput(1);
      });
      withSpan('after', () => {});
    });
    expect(sink.tree()).to.equal('outer\n├─ before OTHER\n└─ after OTHER');
  });

  it('P28 lets a trace inside one that was left out decide for itself', () => {
    start({ sampleRate: 0.5 });
    roll(0.9, 0.1);
    withTrace('outer', () => {
      withSpan('lost', () => {});
      withTrace('inner', () => withSpan('kept', () => {}));
    });
    expect(sink.tree()).to.equal('inner\n└─ kept OTHER');
  });

  it('P28 makes the outer trace current again after a handle that was left out', () => {
    start({ sampleRate: 0.5 });
    roll(0.1, 0.9);
    const outer = startTrace('outer');
    const inner = startTrace('inner');
    withSpan('lost', () => {});
    inner.end();
    withSpan('kept', () => {});
    outer.end();
    expect(sink.tree()).to.equal('outer\n└─ kept OTHER');
  });

  it('P28 changes nothing for the caller of a trace that was left out', async () => {
    start({ sampleRate: 0 });
    const error = new Error('mine');
    const value = { an: 'object' };
    expect(withTrace('t', () => withSpan('s', () => value))).to.equal(value);
    expect(await withTrace('t', async () => value)).to.equal(value);
    expect(() =>
      withTrace('t', () => {
        throw error;
      }),
    ).to.throw(error);
    const t = startTrace('t');
    expect(t.traceId).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(t.setInput(1).setStatus('ERROR').setMetadata({})).to.equal(t);
    t.end();
    expect(sink.traces).to.deep.equal([]);
  });

  it('P28 says nothing about a trace that is left out', () => {
    start({ sampleRate: 0 });
    const said = listenToStderr();
    try {
      withTrace('t', { input: 'no messages', tags: ['a'], sessionId: 's' }, (t) => {
        withSpan('s', { kind: 'LLM', input: 'none', model: 'm' }, (s) => s.setOutput(1).setError('e'));
        t.setOutput('none');
      });
    } finally {
      said.restore();
    }
    expect(said.lines).to.deep.equal([]);
  });

  it('P28 reads none of the values of a trace that is left out', () => {
    start({ sampleRate: 0 });
    let reads = 0;
    const value = {
      get costly() {
        reads += 1;
        return 1;
      },
    };
    withTrace('t', { input: value, metadata: value }, (t) => {
      withSpan('s', { input: value }, (s) => s.setOutput(value).setModelParameters(value));
      t.setOutput(value);
    });
    expect(reads).to.equal(0);
  });

  it('P28 sends no late span of a trace that was left out', () => {
    start({ sampleRate: 0 });
    const t = startTrace('t');
    const s = t.span('slow');
    t.end();
    s.end();
    expect(sink.traces).to.deep.equal([]);
  });

  describe('with alwaysKeepErrors', () => {
    it('P28 keeps the traces that went wrong, with all their spans, and no other', async () => {
      const client = start({ sampleRate: 0, alwaysKeepErrors: true });
      withTrace('fine', () => withSpan('s', () => {}));
      await withTrace('thrown', async () => {
        withSpan('before', (s) => s.setOutput('kept, too'));
        await withSpan('wrong', async () => {
          throw new Error('no');
        });
      }).catch(() => {});
      withTrace('said', (t) => t.setStatus('ERROR'));
      startTrace('ended').end(new Error('no'));
      const caught = startTrace('caught');
      caught.span('wrong').end(new Error('no'));
      caught.end();
      expect(sink.tree()).to.equal('thrown ERROR\n├─ before OTHER\n└─ wrong OTHER ERROR\nsaid ERROR\nended ERROR');
      expect(sink.traces[0]?.spans[0]?.output).to.equal('kept, too');
      expect(client.stats()).to.deep.include({ created: 5, delivered: 3, droppedByReason: { sampled: 2 } });
    });

    it('P28 counts a trace that is still open neither way', () => {
      const client = start({ sampleRate: 0, alwaysKeepErrors: true });
      const t = startTrace('open');
      expect(client.stats().created).to.equal(0);
      t.end();
      expect(client.stats()).to.deep.include({ created: 1, droppedByReason: { sampled: 1 } });
    });

    it('P28 keeps the scores of a trace that went wrong after a request to the same process, and ends it with its client', async () => {
      for (const isEnded of [true, false]) {
        const client = start({ sampleRate: 0, alwaysKeepErrors: true });
        const t = startTrace('asks');
        withRemoteParent(inject(), () => withTrace('answers', () => {}));
        client.score(t.traceId, 'quality', 0.2);
        if (isEnded) t.end(new Error('no'));
        await shutdown();
        expect(sink.tree()).to.equal('asks ERROR');
        expect(sink.scores).to.have.length(1);
        sink.clear();
      }
    });

    it('P28 sends no late span of a trace that went well', () => {
      start({ sampleRate: 0, alwaysKeepErrors: true });
      const late: unknown[] = [];
      sink.lateSpans = (record) => late.push(record);
      for (const error of [undefined, new Error('no')]) {
        const t = startTrace('t');
        const s = t.span('slow');
        t.end(error);
        s.end();
      }
      expect(late).to.have.length(1);
    });
  });
});
