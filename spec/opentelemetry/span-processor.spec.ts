import { expect } from 'chai';
import sinon from 'sinon';
import { Client } from '../../lib/client/client.js';
import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import { spanIdFromHex } from '../../lib/common/span-hex.js';
import type { Options } from '../../lib/config/options.js';
import type { LateSpansRecord, TraceRecord } from '../../lib/model/records.js';
import { pandaProbeSpanExporter, pandaProbeSpanProcessor } from '../../lib/opentelemetry/opentelemetry.js';
import { fakeTime } from '../support/fake-time.js';
import { agent, chat, endAll, type FakeSpan, spanMaker, startAll, traceId } from './spans.js';

/** Keeps what a client hands on, call by call. */
class Calls extends MemorySink {
  readonly handed: TraceRecord[] = [];
  readonly late: LateSpansRecord[] = [];
  override trace(record: TraceRecord): void {
    this.handed.push(record);
    super.trace(record);
  }
  override lateSpans(record: LateSpansRecord): void {
    this.late.push(record);
    super.lateSpans(record);
  }
}

describe('pandaProbeSpanProcessor()', () => {
  let sink: Calls;
  let client: Client;
  let clock: sinon.SinonFakeTimers;
  let span: ReturnType<typeof spanMaker>;
  const clients: Client[] = [];
  const open = (options: Options = {}): Client => {
    sink = new Calls();
    const made = new Client({ sinks: [sink], ...options }, {});
    clients.push(made);
    return made;
  };
  beforeEach(() => {
    clock = fakeTime('setTimeout', 'clearTimeout');
    client = open();
    span = spanMaker();
  });
  afterEach(async () => {
    clock.restore();
    sinon.restore();
    await Promise.all(clients.splice(0).map((each) => each.shutdown()));
  });
  const processor = (options = {}) => pandaProbeSpanProcessor({ client, ...options });
  const names = (records: readonly { readonly spans: readonly { readonly name: string }[] }[]) =>
    records.map(({ spans }) => spans.map(({ name }) => name));

  it('hands over the ended spans of a trace that goes on and on, and adds each later turn', async () => {
    const otel = processor();
    const socket = span('websocket');
    const first = span('turn 1', agent, { parent: socket });
    startAll(otel, socket, first);
    otel.onEnd(first);
    clock.tick(20_000);
    expect(sink.handed).to.have.length(0);
    clock.tick(60_000);
    expect(names(sink.handed)).to.deep.equal([['turn 1']]);
    expect(sink.handed[0]).to.include({ name: 'turn 1', status: 'COMPLETED' });

    const second = span('turn 2', agent, { parent: socket });
    otel.onStart(second, undefined);
    otel.onEnd(second);
    clock.tick(90_000);
    otel.onEnd(socket);
    expect(sink.handed).to.have.length(1);
    expect(names(sink.late)).to.deep.equal([['turn 2']]);
    expect(sink.late[0]?.spans[0]?.parentSpanId).to.equal(undefined);
  });

  it('waits ten minutes for a model call, then shows the trace as RUNNING, and later its end', async () => {
    const otel = processor();
    const root = span('agent', agent);
    const done = span('first', chat, { parent: root });
    const slow = span('second', chat, { parent: root });
    startAll(otel, root, done);
    otel.onEnd(done);
    otel.onStart(slow, undefined);
    clock.tick(9 * 60_000);
    expect(sink.handed).to.have.length(0);
    clock.tick(3 * 60_000);
    expect(names(sink.handed)).to.deep.equal([['agent', 'first', 'second']]);
    expect(sink.handed[0]).to.include({ name: 'agent', status: 'RUNNING', endedAt: undefined });

    root.status = { code: 2, message: 'gave up' };
    endAll(otel, slow, root);
    expect(sink.handed[1]).to.include({ name: 'agent', status: 'ERROR', traceId: sink.handed[0]?.traceId });
    expect(names(sink.handed)[1]).to.deep.equal(['agent', 'second']);
    expect(sink.late).to.have.length(0);
  });

  it('leaves a trace the name, input and status of its root when a step outlives the root', async () => {
    const otel = processor();
    const root = span('agent', { ...agent, 'input.value': 'why?' });
    const step = span('background', { ...chat, 'input.value': 'later' }, { parent: root });
    startAll(otel, root, step);
    root.status = { code: 2, message: 'gave up' };
    otel.onEnd(root);
    await otel.forceFlush();
    otel.onEnd(step);
    const [running, over] = sink.handed;
    expect(running).to.include({ name: 'agent', status: 'RUNNING', input: '"why?"' });
    expect(over).to.include({ name: 'agent', status: 'ERROR', input: '"why?"', startedAt: running?.startedAt });
    expect(over?.endedAt).to.equal(over?.spans[0]?.endedAt);
    expect(names(sink.handed)).to.deep.equal([['agent', 'background'], ['background']]);
  });

  it('leaves a trace of several roots the name and start of the first, whichever ends last', async () => {
    const otel = processor();
    const [first, second] = [span('turn 1', agent), span('turn 2', agent)];
    startAll(otel, first, second);
    otel.onEnd(first);
    await otel.forceFlush();
    second.status = { code: 2, message: 'gave up' };
    otel.onEnd(second);
    const [running, over] = sink.handed;
    expect(running).to.include({ name: 'turn 1', status: 'RUNNING' });
    expect(over).to.include({ name: 'turn 1', status: 'ERROR', startedAt: running?.startedAt });
  });

  it('keeps a span that was handed over as a parent while it was open', async () => {
    const otel = processor({ keep: ({ attributes }: FakeSpan) => attributes.kept === true });
    const root = span('root', { kept: true });
    const inner = span('inner', { kept: true }, { parent: root });
    startAll(otel, root, inner);
    otel.onEnd(inner);
    await otel.forceFlush();
    root.attributes.kept = false;
    otel.onEnd(root);
    const [running, over] = sink.handed;
    expect(running?.spans[1]?.parentSpanId).to.equal(over?.spans[0]?.spanId);
    expect(over?.status).to.equal('COMPLETED');
  });

  it('hands over 5,000 spans of one trace, and goes on', () => {
    const otel = processor();
    const root = span('agent', agent);
    otel.onStart(root, undefined);
    const calls = Array.from({ length: 5500 }, () => span('chat', chat, { parent: root }));
    for (const call of calls) {
      otel.onStart(call, undefined);
      otel.onEnd(call);
    }
    expect(sink.handed.map(({ spans }) => spans.length)).to.deep.equal([5001]);
    otel.onEnd(root);
    expect(sink.handed.map(({ spans, status }) => [spans.length, status])).to.deep.equal([
      [5001, 'RUNNING'],
      [501, 'COMPLETED'],
    ]);
    const rootId = sink.handed[1]?.spans[0]?.spanId;
    const all = sink.handed.flatMap(({ spans }) => spans).filter(({ name }) => name === 'chat');
    expect(all).to.have.length(5500);
    expect(all.every(({ parentSpanId }) => parentSpanId === rootId)).to.equal(true);
  });

  it('hands over the oldest of more than a thousand open traces, without losing a span', () => {
    const otel = processor();
    const turns = Array.from({ length: 1001 }, (_, at) => {
      const given = { trace: (at + 1).toString(16).padStart(32, '0') };
      const root = span(`root ${at}`, {}, given);
      const turn = span(`turn ${at}`, agent, { ...given, parent: root });
      startAll(otel, root, turn);
      otel.onEnd(turn);
      return { root, given };
    });
    expect(names(sink.handed)).to.deep.equal([['turn 0']]);
    const [first] = turns;
    const later = span('later', chat, { ...first?.given, parent: first?.root });
    otel.onStart(later, undefined);
    endAll(otel, later, ...turns.map(({ root }) => root));
    const all = [...names(sink.handed), ...names(sink.late)].flat();
    expect(all).to.have.length(1002);
    expect(new Set(all).size).to.equal(1002);
  });

  it('hands over everything at shutdown, open spans as unfinished, and accepts nothing afterwards', async () => {
    const otel = processor();
    const root = span('agent', agent);
    const call = span('chat', chat, { parent: root });
    startAll(otel, root, call);
    otel.onEnd(call);
    await otel.shutdown();
    expect(names(sink.handed)).to.deep.equal([['agent', 'chat']]);
    expect(sink.handed[0]?.status).to.equal('ERROR');
    expect(sink.handed[0]?.spans[0]?.metadata).to.include('"pandaprobe.unfinished":true');
    otel.onEnd(root);
    startAll(otel, span('more', agent));
    await otel.forceFlush();
    expect(sink.handed).to.have.length(1);
  });

  it('hands over ended spans before its client ends', async () => {
    const otel = processor();
    const root = span('request');
    const turn = span('turn', agent, { parent: root });
    startAll(otel, root, turn);
    otel.onEnd(turn);
    await client.shutdown();
    expect(names(sink.handed)).to.deep.equal([['turn']]);
  });

  it('never throws, whatever a span is, and uses the default if keep() throws', () => {
    sinon.stub(process.stderr, 'write').returns(true); // lines of the log
    const otel = processor({
      keep: () => {
        throw new Error('keep');
      },
    });
    const broken = { ...span('broken'), attributes: undefined as never };
    startAll(otel, broken);
    endAll(otel, broken);
    otel.onEnd({} as never);
    const fine = span('fine', agent, { trace: `1${traceId.slice(1)}` });
    startAll(otel, fine);
    otel.onEnd(fine);
    sinon.restore();
    expect(names(sink.handed)).to.deep.equal([['fine']]);
  });

  it('ends the search for a parent if parents form a cycle', () => {
    const otel = processor({ keep: 'all' });
    const a = span('a', {}, { parent: '0000000000000002' });
    const b = span('b', {}, { parent: a });
    const self = span('self', {}, { parent: '0000000000000003' });
    startAll(otel, a, b, self);
    endAll(otel, a, b, self);
    const kept = processor({ keep: ({ name }: FakeSpan) => name === 'd' });
    const c = span('c', {}, { parent: '0000000000000005', trace: `1${traceId.slice(1)}` });
    const d = span('d', {}, { parent: c, trace: `1${traceId.slice(1)}` });
    startAll(kept, c, d);
    endAll(kept, c, d);
    expect(names(sink.handed)).to.deep.equal([['a', 'b', 'self'], ['d']]);
    expect(sink.handed[1]?.spans[0]?.parentSpanId).to.equal(undefined);
  });

  it('records no inputs and outputs if the client’s settings or its options say so', () => {
    const values = { 'input.value': 'asked', 'output.value': 'said', 'openinference.span.kind': 'AGENT' };
    client = open({ captureInput: false });
    const otel = processor({ captureOutput: false });
    const root = span('agent', values);
    startAll(otel, root);
    otel.onEnd(root);
    expect(JSON.stringify(sink.handed))
      .to.include('AGENT')
      .and.not.to.match(/asked|said/);
  });

  it('applies the sample rate to whole traces and their late spans', () => {
    client = open({ sampleRate: 0, alwaysKeepErrors: true });
    const otel = processor();
    const fine = span('fine', agent);
    const bad = span('bad', agent, { trace: `1${traceId.slice(1)}` });
    bad.status = { code: 2, message: 'no' };
    startAll(otel, fine, bad);
    endAll(otel, fine, bad);
    const late = span('late', chat, { parent: fine });
    startAll(otel, late);
    otel.onEnd(late);
    expect(names(sink.handed)).to.deep.equal([['bad']]);
    expect(sink.late).to.have.length(0);
    expect(client.stats().droppedByReason).to.deep.equal({ sampled: 1 });
  });

  it('puts spans into the trace of another process that reports to the same project', () => {
    const otel = processor();
    const hex = 'a1b2c3d4e5f60718';
    const mark = (destination: string) => `pandaprobe=1-${destination}-${traceId}-${hex}-1`;
    const remote = (state: string, trace: string) => ({ parent: hex, remoteState: state, trace });
    const foreign = span('foreign', agent, remote(mark('00000000'), `1${traceId.slice(1)}`));
    startAll(otel, foreign);
    otel.onEnd(foreign);
    expect(names(sink.handed)).to.deep.equal([['foreign']]);

    const { projectName, endpoint } = client.config;
    const request = span('request', {}, remote(mark(hash(`${endpoint} ${projectName}`)), traceId));
    const ours = span('ours', agent, { parent: request });
    startAll(otel, request, ours);
    endAll(otel, ours, request);
    expect(sink.handed).to.have.length(1);
    expect(sink.late[0]?.traceId.replaceAll('-', '')).to.equal(traceId);
    expect(sink.late[0]?.isRemote).to.equal(true);
    expect(sink.late[0]?.spans[0]?.parentSpanId).to.equal(spanIdFromHex(sink.late[0]?.traceId ?? '', hex));
  });

  it('warns once of attributes that OpenTelemetry has dropped', () => {
    const said: string[] = [];
    sinon.stub(process.stderr, 'write').callsFake((text) => said.push(String(text)) > 0);
    const otel = processor();
    for (const droppedAttributesCount of [3, 4]) {
      const cut = span('cut', agent, { more: { droppedAttributesCount } });
      startAll(otel, cut);
      otel.onEnd(cut);
    }
    sinon.restore();
    expect(said.join('').match(/OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT/g)).to.have.length(1);
    const all = [...sink.handed, ...sink.late].flatMap(({ spans }) => spans);
    expect(all.map(({ metadata }) => JSON.parse(metadata ?? '')['otel.dropped_attributes'])).to.deep.equal([3, 4]);
  });

  describe('pandaProbeSpanExporter()', () => {
    it('collects a trace from batches, and hands it over when its root is there and nothing more comes', async () => {
      const exporter = pandaProbeSpanExporter({ client });
      const root = span('agent', agent);
      const call = span('chat', chat, { parent: root });
      const done = sinon.spy();
      exporter.export([call], done);
      clock.tick(10_000);
      expect(sink.handed).to.have.length(0);
      exporter.export([root], done);
      sinon.assert.alwaysCalledWith(done, { code: 0 });
      clock.tick(4000);
      expect(sink.handed.map(({ name, spans }) => [name, spans.length])).to.deep.equal([['agent', 2]]);
      expect(sink.handed[0]?.spans.find(({ name }) => name === 'chat')?.parentSpanId).to.not.equal(undefined);
      exporter.export([span('after', chat, { parent: root })], done);
      await exporter.shutdown();
      expect(names(sink.late)).to.deep.equal([['after']]);
    });
  });
});

/** As the mark in `tracestate` has it: FNV-1a. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
