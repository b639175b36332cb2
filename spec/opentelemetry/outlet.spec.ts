import { expect } from 'chai';
import { Client } from '../../lib/client/client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { wallMs } from '../../lib/common/real-time.js';
import type { Options } from '../../lib/config/options.js';
import type { LateSpansRecord } from '../../lib/model/records.js';
import {
  type OpenTelemetryOptions,
  pandaProbeSpanExporter,
  pandaProbeSpanProcessor,
} from '../../lib/opentelemetry/opentelemetry.js';
import { stderrOf } from '../support/stderr.js';
import { agent, chat, endAll, type FakeSpan, spanMaker, startAll, traceId } from './spans.js';

describe('What OpenTelemetry’s spans become', () => {
  let sink: MemorySink;
  let client: Client;
  let span: ReturnType<typeof spanMaker>;
  const clients: Client[] = [];
  const open = (options: Options = {}): void => {
    sink = new MemorySink();
    client = new Client({ sinks: [sink], ...options }, {});
    clients.push(client);
  };
  beforeEach(() => {
    open();
    span = spanMaker();
  });
  afterEach(() => Promise.all(clients.splice(0).map((each) => each.shutdown())));

  const values = { 'input.value': 'asked', 'output.value': 'said', 'openinference.span.kind': 'AGENT' };
  const captures: readonly (readonly [ofClient: Options, ofProcessor: OpenTelemetryOptions, recorded: string])[] = [
    [{}, {}, 'asked said'],
    [{ captureInput: false }, {}, 'said'],
    [{ captureOutput: false }, {}, 'asked'],
    [{}, { captureInput: false }, 'said'],
    [{}, { captureOutput: false }, 'asked'],
    [{ captureInput: false, captureOutput: false }, { captureInput: true, captureOutput: true }, 'asked said'],
    [{ captureInput: false, captureOutput: false }, {}, ''],
  ];
  for (const [ofClient, ofProcessor, recorded] of captures)
    it(`contain ${recorded || 'no values'} with ${JSON.stringify(ofClient)} and ${JSON.stringify(ofProcessor)}`, () => {
      open(ofClient);
      const otel = pandaProbeSpanProcessor({ client, ...ofProcessor });
      const root = span('agent', values);
      startAll(otel, root);
      otel.onEnd(root);
      const [trace] = sink.traces;
      for (const each of [trace, trace?.spans[0]])
        expect([each?.input, each?.output].filter((value) => value !== undefined).join(' ')).to.equal(recorded);
      expect(trace).to.include({ name: 'agent', status: 'COMPLETED' });
    });

  it('are left out if they belong to another process’s trace that is not sampled', () => {
    const hex = 'a1b2c3d4e5f60718';
    const { projectName, endpoint } = client.config;
    const otel = pandaProbeSpanProcessor({ client });
    const below = (isSampled: 0 | 1, at: number) => {
      const trace = `${at}${traceId.slice(1)}`;
      const remoteState = `pandaprobe=1-${hash(`${endpoint} ${projectName}`)}-${trace}-${hex}-${isSampled}`;
      const root = span(`root ${at}`, agent, { parent: hex, remoteState, trace });
      const step = span(`step ${at}`, chat, { parent: root, trace });
      startAll(otel, root, step);
      endAll(otel, step, root);
    };
    const late: LateSpansRecord[] = [];
    sink.lateSpans = (record) => late.push(record);
    below(0, 1);
    expect([...sink.traces, ...late]).to.deep.equal([]);
    below(1, 2);
    expect(late.map((each) => each.traceId.replaceAll('-', ''))).to.deep.equal([`2${traceId.slice(1)}`]);
    expect(late[0]?.spans.map(({ name }) => name)).to.deep.equal(['root 2', 'step 2']);
  });

  it('end when they are cut off, with their values so far', async () => {
    const otel = pandaProbeSpanProcessor({ client });
    const root = span('agent', { ...agent, 'openinference.span.kind': 'AGENT', 'my.key': 'kept' });
    const call = span('chat', chat, { parent: root });
    startAll(otel, root, call);
    otel.onEnd(call);
    const before = wallMs();
    await otel.shutdown();
    const [trace] = sink.traces;
    expect(trace).to.include({ name: 'agent', status: 'ERROR' });
    const [open, done] = trace?.spans ?? [];
    expect(open?.metadata).to.deep.include({ 'pandaprobe.unfinished': true, 'my.key': 'kept' });
    expect(done?.metadata).not.to.have.property('pandaprobe.unfinished');
    expect(done?.endedAt?.getTime()).to.be.below(before);
    for (const each of [trace, open]) expect(each?.endedAt?.getTime()).to.be.within(before, wallMs());
  });

  it('never end before they have begun', async () => {
    const otel = pandaProbeSpanProcessor({ client });
    const ahead = Math.floor(wallMs() / 1000) + 3600;
    const root: FakeSpan = { ...span('agent', agent), startTime: [ahead, 0] };
    otel.onStart(root, undefined);
    await otel.shutdown();
    expect(sink.traces.map(({ endedAt }) => endedAt?.getTime())).to.deep.equal([ahead * 1000]);
  });

  it('are sent when the exporter is flushed, and not after its shutdown', async () => {
    const exporter = pandaProbeSpanExporter({ client });
    const results: unknown[] = [];
    const done = (result: unknown) => results.push(result);
    exporter.export([span('chat', chat, { parent: span('agent', agent) })], done);
    expect(sink.traces).to.deep.equal([]);
    await exporter.forceFlush();
    expect(sink.traces.map(({ name }) => name)).to.deep.equal(['chat']);
    await exporter.shutdown();
    exporter.export([span('late', agent, { trace: `1${traceId.slice(1)}` })], done);
    await exporter.forceFlush();
    expect(sink.traces).to.have.length(1);
    expect(results).to.deep.equal([{ code: 0 }, { code: 0 }]);
  });

  it('may be chosen by the library that made them, in each version of OpenTelemetry', () => {
    const otel = pandaProbeSpanProcessor({ client });
    const { instrumentationScope: _, ...older } = span('older', {}, { trace: `1${traceId.slice(1)}` });
    const scoped: readonly FakeSpan[] = [
      { ...span('newer'), instrumentationScope: { name: '@vercel/otel-agent' } },
      { ...older, instrumentationLibrary: { name: 'ai' } },
      { ...span('other', {}, { trace: `2${traceId.slice(1)}` }), instrumentationScope: { name: 'http' } },
    ];
    startAll(otel, ...scoped);
    endAll(otel, ...scoped);
    expect(sink.traces.map(({ name }) => name))
      .to.include('older')
      .and.not.include('other');
  });

  it('are left out with a line each if they cannot be read', async () => {
    const otel = pandaProbeSpanProcessor({ client });
    const broken = {} as FakeSpan;
    const lines = await stderrOf(async () => {
      otel.onStart(broken, undefined);
      otel.onEnd(broken);
    });
    expect(lines.join('\n')).to.match(/a span of OpenTelemetry could not be recorded: .+/);
  });
});

/** As the mark in `tracestate` has it: FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
