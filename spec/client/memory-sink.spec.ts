import { expect } from 'chai';
import {
  flush,
  getClient,
  init,
  MemorySink,
  score,
  shutdown,
  startTrace,
  withSpan,
  withTrace,
} from '../../lib/index.js';
import type { SpanRecord } from '../../lib/model/records.js';
import { traceRecord } from '../support/delivery.js';

describe('MemorySink', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  afterEach(() => shutdown());

  it('contains a trace as soon as it has ended, as plain data', () => {
    const firstToken = new Date(Date.now() + 60_000); // not before the span starts, however long that takes
    const t = startTrace('agent', { sessionId: 'chat', userId: 'ada', tags: ['a'], metadata: { round: 1 } });
    t.setInput({ messages: [{ role: 'user', content: 'why?' }] }).setOutput({
      messages: [{ role: 'assistant', content: 'because' }],
    });
    const s = t.span('call', { kind: 'LLM', model: 'm' });
    s.setInput({ messages: [{ role: 'user', content: 'why?' }] })
      .setOutput({ messages: [{ role: 'assistant', content: 'because' }] })
      .setModelParameters({ temperature: 0 })
      .setTokenUsage({ promptTokens: 3, completionTokens: 1, reasoningTokens: 2 })
      .setCost({ total: 0.1 })
      .setCompletionStartTime(firstToken)
      .setMetadata({ try: 1 });
    s.end();
    expect(memory.traces).to.deep.equal([]);
    t.end();
    const [trace] = memory.traces;
    const { startedAt, endedAt, spans, ...rest } = trace!;
    expect(rest).to.deep.equal({
      traceId: t.traceId,
      name: 'agent',
      status: 'COMPLETED',
      input: { messages: [{ role: 'user', content: 'why?' }] },
      output: { messages: [{ role: 'assistant', content: 'because' }] },
      metadata: { round: 1 },
      sessionId: 'chat',
      userId: 'ada',
      tags: ['a'],
      environment: undefined,
      release: undefined,
    });
    expect(startedAt).to.be.instanceOf(Date);
    expect(endedAt?.getTime()).to.be.at.least(startedAt.getTime());
    const { startedAt: _, endedAt: spanEnd, ...span } = spans[0]!;
    expect(spanEnd).to.be.instanceOf(Date);
    expect(span).to.deep.equal({
      spanId: s.spanId,
      parentSpanId: undefined,
      name: 'call',
      kind: 'LLM',
      status: 'OK',
      model: 'm',
      error: undefined,
      input: { messages: [{ role: 'user', content: 'why?' }] },
      output: { messages: [{ role: 'assistant', content: 'because' }] },
      metadata: { try: 1 },
      modelParameters: { temperature: 0 },
      tokenUsage: { prompt_tokens: 3, completion_tokens: 1, reasoning_tokens: 2 },
      cost: { total: 0.1 },
      completionStartTime: firstToken,
    });
  });

  it('references none of the recorded values', () => {
    const input = { list: [1] };
    withTrace('agent', () => withSpan('step', { input }, () => input.list.push(2)));
    expect(memory.traces[0]?.spans[0]?.input).to.deep.equal({ list: [1] });
  });

  it('keeps traces in the order they ended', () => {
    const first = startTrace('started first');
    withTrace('ended first', () => {});
    first.end();
    expect(memory.traces.map(({ name }) => name)).to.deep.equal(['ended first', 'started first']);
  });

  describe('.tree()', () => {
    it('shows all traces as names and kinds, spans in the order they started', () => {
      withTrace('one', () => {
        withSpan('a', { kind: 'AGENT' }, () => withSpan('b', { kind: 'TOOL' }, () => {}));
        withSpan('c', () => {});
      });
      withTrace('two', () => {});
      expect(memory.tree()).to.equal('one\n├─ a AGENT\n│  └─ b TOOL\n└─ c OTHER\ntwo');
    });

    it('is empty when there is nothing', () => {
      expect(memory.tree()).to.equal('');
    });
  });

  describe('.scores', () => {
    it('contain scores at once, also for traces of other processes', () => {
      const id = '3b1f2a6e-8f7e-4c57-9a55-0d6f5a4f9c11';
      score(id, 'helpful', 0.5, { reason: 'so-so', metadata: { a: 1 } });
      expect(memory.scores).to.deep.equal([
        { traceId: id, name: 'helpful', value: '0.5', dataType: 'NUMERIC', reason: 'so-so', metadata: { a: 1 } },
      ]);
    });
  });

  describe('late spans', () => {
    it('replace the unfinished span with the same id', () => {
      const t = startTrace('agent');
      const slow = t.span('slow');
      t.span('quick').end();
      t.end();
      expect(memory.traces[0]?.spans.map(({ name, status, metadata }) => [name, status, metadata])).to.deep.equal([
        ['slow', 'UNSET', { 'pandaprobe.unfinished': true }],
        ['quick', 'OK', {}],
      ]);
      slow.setOutput('at last').end();
      const found = memory.traces[0]?.spans.find(({ name }) => name === 'slow');
      expect([memory.traces[0]?.spans.length, found?.status, found?.output, found?.metadata]).to.deep.equal([
        2,
        'OK',
        'at last',
        { 'pandaprobe.unfinished': false },
      ]);
    });

    it('are added if their id is new', () => {
      const t = startTrace('agent');
      const open = t.span('open');
      t.end();
      open.span('opened later').end();
      expect(memory.traces[0]?.spans.map(({ name }) => name)).to.deep.equal(['open', 'opened later']);
      open.end();
      expect(memory.tree()).to.equal('agent\n└─ open OTHER\n   └─ opened later OTHER');
    });

    describe('of a sink by itself', () => {
      const record = traceRecord();
      const { traceId } = record;
      const late = (name: string, spanId = name, isRemote = false) =>
        memory.lateSpans({ traceId, spans: [{ spanId, name } as SpanRecord], isRemote }); // all that is read
      const names = () => memory.traces.map(({ spans }) => spans.map(({ name }) => name).join());
      beforeEach(() => memory.clear());

      it('wait for the trace of another process, and for no other', () => {
        late('mine');
        late('remote', 'remote', true);
        expect(memory.traces).to.deep.equal([]);
        memory.trace({ ...record, spans: [] });
        expect(names()).to.deep.equal(['remote']);
        expect(names()).to.deep.equal(['remote']);
      });

      it('are all kept, the newest of each last', () => {
        memory.trace({ ...record, spans: [] });
        for (const [name, id] of [['a'], ['b'], ['again', 'a'], ['c']] as const) late(name, id);
        expect(names()).to.deep.equal(['b,again,c']);
        late('later', 'b');
        expect(names()).to.deep.equal(['again,c,later']);
      });

      it('go into the first record of their trace', () => {
        memory.trace({ ...record, status: 'RUNNING', spans: [] });
        memory.trace({ ...record, spans: [] });
        late('a');
        expect(names()).to.deep.equal(['a', '']);
      });

      it('are forgotten by clear()', () => {
        memory.trace({ ...record, spans: [] });
        late('a');
        memory.clear();
        late('b');
        memory.trace({ ...record, spans: [] });
        expect(names()).to.deep.equal(['']);
        late('c');
        expect(names()).to.deep.equal(['c']);
      });
    });

    it('are ignored if their trace was forgotten', () => {
      const t = startTrace('agent');
      const open = t.span('open');
      t.end();
      memory.clear();
      open.end();
      expect(memory.traces).to.deep.equal([]);
    });
  });

  describe('.clear()', () => {
    it('forgets traces and scores, and goes on', () => {
      withTrace('before', () => {});
      score('3b1f2a6e-8f7e-4c57-9a55-0d6f5a4f9c11', 'helpful', true);
      const kept = memory.traces;
      memory.clear();
      expect([memory.traces, memory.scores, memory.tree()]).to.deep.equal([[], [], '']);
      expect(kept).to.have.length(1);
      withTrace('after', () => {});
      expect(memory.tree()).to.equal('after');
    });
  });

  it('counts what it keeps as delivered', async () => {
    withTrace('one', () => {});
    score('3b1f2a6e-8f7e-4c57-9a55-0d6f5a4f9c11', 'helpful', true);
    expect(await flush()).to.deep.equal({ ok: true, delivered: 2, dropped: 0, failed: 0, pending: 0 });
    expect(getClient().stats()).to.deep.include({ created: 2, delivered: 2, pending: 0 });
  });
});
