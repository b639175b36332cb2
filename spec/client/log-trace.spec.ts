import { expect } from 'chai';
import { Client, getClient, init, logTrace, MemorySink, SpanData, shutdown, TraceData } from '../../lib/index.js';
import { checkBody } from '../support/contract.js';
import { startReceiver, treeOf } from '../support/receiver.js';
import { listenToStderr } from '../support/stderr.js';

const startedAt = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));
const endedAt = new Date(startedAt.getTime() + 1500);

/** A trace with everything in it. */
function fullTrace(): TraceData {
  const agent = new SpanData({ name: 'agent', kind: 'AGENT', status: 'OK', startedAt, endedAt });
  const call = new SpanData({
    name: 'call',
    kind: 'LLM',
    status: 'ERROR',
    parentSpanId: agent.spanId,
    startedAt,
    endedAt,
    completionStartTime: new Date(startedAt.getTime() + 200),
    model: 'gpt-5.4',
    modelParameters: { temperature: 0 },
    tokenUsage: { promptTokens: 12, completion_tokens: 5 },
    cost: { total: 0.002 },
    error: 'timed out',
    input: { messages: [{ role: 'user', content: 'hi' }] },
    output: null,
    metadata: { attempt: 1 },
  });
  return new TraceData({
    name: 'imported',
    status: 'ERROR',
    startedAt,
    endedAt,
    input: { messages: [{ role: 'user', content: 'hi' }] },
    output: 'nothing',
    metadata: { source: 'archive' },
    sessionId: 'chat-7',
    userId: 'user-42',
    tags: ['imported'],
    environment: 'archive',
    release: '0.9',
    spans: [agent, call],
  });
}

describe('logTrace()', () => {
  it('sends a trace with all its fields as it was put together', async () => {
    await using receiver = await startReceiver({ check: checkBody });
    const client = new Client({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' });
    const trace = fullTrace();
    client.logTrace(trace);
    expect(await client.shutdown()).to.include({ ok: true, delivered: 1 });
    expect(receiver.problems).to.deep.equal([]);
    const { spans, scores: _, ...stored } = receiver.trace('imported');
    expect(stored).to.deep.equal({
      trace_id: trace.traceId,
      name: 'imported',
      status: 'ERROR',
      started_at: '2026-01-02T03:04:05.000000Z',
      ended_at: '2026-01-02T03:04:06.500000Z',
      input: { messages: [{ role: 'user', content: 'hi' }] },
      output: 'nothing',
      metadata: { source: 'archive' },
      session_id: 'chat-7',
      user_id: 'user-42',
      tags: ['imported'],
      environment: 'archive',
      release: '0.9',
    });
    expect(treeOf(receiver.trace('imported'))).to.equal('imported(agent(call))');
    expect(spans.find(({ name }) => name === 'call')).to.deep.equal({
      span_id: trace.spans[1]?.spanId,
      parent_span_id: trace.spans[0]?.spanId,
      name: 'call',
      kind: 'LLM',
      status: 'ERROR',
      started_at: '2026-01-02T03:04:05.000000Z',
      ended_at: '2026-01-02T03:04:06.500000Z',
      completion_start_time: '2026-01-02T03:04:05.200000Z',
      model: 'gpt-5.4',
      model_parameters: { temperature: 0 },
      token_usage: { prompt_tokens: 12, completion_tokens: 5 },
      cost: { total: 0.002 },
      error: 'timed out',
      input: { messages: [{ role: 'user', content: 'hi' }] },
      metadata: { attempt: 1 },
    });
  });

  it('adds the environment and release of the client to a trace without them', async () => {
    const sink = new MemorySink();
    const client = new Client({ sinks: [sink], environment: 'production', release: '1.0' });
    client.logTrace(new TraceData({ name: 'bare', startedAt }));
    client.logTrace(fullTrace());
    expect(sink.traces.map(({ environment, release }) => `${environment} ${release}`)).to.deep.equal([
      'production 1.0',
      'archive 0.9',
    ]);
    await client.shutdown();
  });

  it('masks the values of the trace', async () => {
    const sink = new MemorySink();
    const client = new Client({ sinks: [sink], mask: () => 'gone' });
    client.logTrace(fullTrace());
    expect(sink.traces[0]).to.deep.include({ name: 'gone', input: 'gone', sessionId: 'gone', tags: ['gone'] });
    expect(sink.traces[0]?.spans[1]).to.deep.include({ name: 'gone', input: 'gone', error: 'gone', model: 'gone' });
    await client.shutdown();
  });

  it('ignores sampleRate', async () => {
    const sink = new MemorySink();
    const client = new Client({ sinks: [sink], sampleRate: 0 });
    client.logTrace(fullTrace());
    expect(sink.traces).to.have.length(1);
    await client.shutdown();
  });

  it('sends with the process-wide client', async () => {
    const sink = new MemorySink();
    init({ sinks: [sink] });
    logTrace(fullTrace());
    expect(sink.tree()).to.equal('imported ERROR\n└─ agent AGENT\n   └─ call LLM ERROR');
    await shutdown();
    logTrace(fullTrace());
    expect(sink.traces).to.have.length(1);
    expect(getClient().enabled).to.equal(false);
  });

  it('repairs invalid traces without throwing, with one warning', async () => {
    await using receiver = await startReceiver({ check: checkBody });
    const client = new Client({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url, worker: 'inline' });
    const said = listenToStderr();
    try {
      for (const value of [undefined, null, 'trace', 7]) client.logTrace(value as unknown as TraceData);
      await client.shutdown();
    } finally {
      said.restore();
    }
    expect(said.lines.filter((line) => line.includes('cannot be read'))).to.have.length(1);
    expect(receiver.problems).to.deep.equal([]);
  });
});
