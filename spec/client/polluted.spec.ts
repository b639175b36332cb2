import { expect } from 'chai';
import type { Settings } from '../../lib/config/options.js';
import { readSettings } from '../../lib/config/settings.js';
import { rows } from '../config/option-rows.js';
import { startReceiver, treeOf } from '../support/receiver.js';
import { runCode, variables } from './programs.js';

/** One use of each function that takes options, given none or few. */
const uses = `
  const { Client, ConsoleSink, HttpSink, MemorySink, TraceData, SpanData, flush, flushAfter, getClient, init, logTrace, score,
    spanFunction, startTrace, trace, traceFunction, withSpan, withTrace } = p;
  init();
  const step = spanFunction((x) => x, {});
  const agent = traceFunction((x) => step(x));
  agent('in');
  class Agent { run(x) { return x; } }
  const descriptor = Object.getOwnPropertyDescriptor(Agent.prototype, 'run');
  Object.defineProperty(Agent.prototype, 'run', trace({})(Agent.prototype, 'run', descriptor));
  new Agent().run('in');
  const id = withTrace('plain', {}, (t) => { withSpan('step', {}, () => 1); return t.traceId; });
  const s = startTrace('handle', {}); s.span('below', {}).end(); s.end();
  score(id, 'fine', 1, {});
  logTrace(new TraceData({ name: 'logged', startedAt: new Date(), endedAt: new Date(),
    spans: [new SpanData({ name: 'step', startedAt: new Date(), endedAt: new Date() })] }));
  await flushAfter(async () => 1, {})();
  const { ok } = await flush({});
  console.log(ok);`;

/** What is stored, but for ids and times. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key]) => !/^id$|_id$|_at$|^completion_start_time$/.test(key) || key === 'session_id',
  );
  return Object.fromEntries(entries.map(([key, part]) => [key, shape(part)]));
}

describe('Options are the own properties of what is given', () => {
  it('P34 reads no option of any function from Object.prototype: everything is sent as it would be without', async () => {
    await using receiver = await startReceiver();
    await using other = await startReceiver();
    const env = { ...variables(receiver.url), PANDAPROBE_WORKER: 'inline' };
    const bare = await runCode(`const p = await import('pandaprobe-ts');${uses}`, env);
    expect(bare).to.deep.equal({ code: 0, signal: null, stdout: 'true\n', stderr: bare.stderr });
    // Two may be on their way at a time, and arrive either way.
    const inOrder = (from: number, to?: number) =>
      receiver.traces.slice(from, to).toSorted((a, b) => String(a.name).localeCompare(String(b.name)));
    const expected = shape(inOrder(0));
    const count = receiver.traces.length;
    expect(count).to.equal(5);

    const polluted: Record<string, unknown> = {
      endpoint: other.url,
      apiKey: 'sk_pp_other',
      projectName: 'other',
      PANDAPROBE_ENDPOINT: other.url,
      HTTP_PROXY: other.url,
      sampleRate: 0,
      enabled: false,
      environment: 'other',
      release: 'other',
      captureInput: false,
      captureOutput: false,
      spoolDir: '/nonexistent',
      timeoutMs: 0,
      name: 'other',
      kind: 'TOOL',
      model: 'other',
      input: 'other',
      output: 'other',
      error: 'other',
      metadata: { other: 1 },
      tags: ['other'],
      sessionId: 'other',
      userId: 'other',
      nested: 'span',
      dataType: 'CATEGORICAL',
      reason: 'other',
      traceEmbeddings: false,
      streamUsage: true,
      status: 'ERROR',
      tokenUsage: { promptTokens: 1 },
      cost: { total: 1 },
      modelParameters: { other: 1 },
      parentSpanId: 'other',
      sinks: [],
      debug: true,
      console: true,
      worker: 'thread',
      maxValueBytes: 256,
      isServerless: true,
      timing: { backOffMs: 1e9 },
      maxBodyBytes: 1,
    };
    const code = `
      const p = await import('pandaprobe-ts');
      const pollute = ${JSON.stringify(polluted)};
      for (const [name, value] of Object.entries(pollute))
        Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
      for (const name of ['mask', 'now', 'reduce', 'onError', 'estimateCost', 'context', 'onLoss'])
        Object.defineProperty(Object.prototype, name, { value: () => 'other', configurable: true, writable: true });
      ${uses}`;
    const ended = await runCode(code, env);
    expect(ended).to.deep.equal(bare);
    expect(other.requests).to.deep.equal([]);
    expect(shape(inOrder(count))).to.deep.equal(expected);
    expect(inOrder(count).map(treeOf)).to.deep.equal(inOrder(0, count).map(treeOf));
  });

  it('P34 reads no option of a wrapper from Object.prototype', async () => {
    await using receiver = await startReceiver();
    const call = `
      const { wrapOpenAI } = await import('pandaprobe-ts/wrappers/openai');
      const create = async () => ({ choices: [], model: 'm' });
      const client = wrapOpenAI({ chat: { completions: { create } } });
      await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });`;
    const code = `{${call}}
      const pollute = { captureInput: false, captureOutput: false, tags: ['other'], metadata: { other: 1 }, sessionId: 'other', client: {} };
      for (const [name, value] of Object.entries(pollute)) Object.defineProperty(Object.prototype, name, { value, configurable: true });
      {${call}}`;
    const { stderr } = await runCode(code, variables(receiver.url));
    expect(stderr).to.equal('');
    const [before, after] = receiver.traces;
    expect(shape(after)).to.deep.equal(shape(before));
    expect(JSON.stringify(shape(after))).to.include('hi');
  });

  for (const { option, setting = option, byDefault, takes } of rows) {
    it(`takes ${option} from nowhere else`, () => {
      const value = takes[0]?.[0];
      Object.defineProperty(Object.prototype, option, { value, configurable: true });
      try {
        expect(({} as Record<string, unknown>)[option]).to.equal(value);
        expect(readSettings({}, {}).settings[setting as keyof Settings]).to.deep.equal(byDefault);
      } finally {
        Reflect.deleteProperty(Object.prototype, option);
      }
    });
  }
});
