import { expect } from 'chai';
import { LargeTraces } from '../../../lib/client/live/large-traces.js';
import { silentLog } from '../../../lib/common/log.js';
import { createTrace } from '../../../lib/engine/create-span.js';
import { emptyFrame } from '../../../lib/engine/frame.js';
import { traceHandle } from '../../../lib/engine/live-handles.js';
import type { TraceNode } from '../../../lib/engine/trace-node.js';
import type { CapturedTrace } from '../../../lib/model/records.js';
import { createRecording } from '../../support/recording.js';
import { until } from '../../support/until.js';

const text = 'x'.repeat(10_000);

describe('P14 Open traces that hold too much memory together', () => {
  let largeTraces: LargeTraces;
  let recording: ReturnType<typeof createRecording>;
  let open: Map<string, TraceNode>;
  let parts: CapturedTrace[];
  let said: string[];

  beforeEach(() => {
    recording = createRecording();
    open = new Map();
    parts = [];
    said = [];
    const log = { ...silentLog, warn: (_kind: string, line: string) => void said.push(line) };
    largeTraces = new LargeTraces(log, 24_000_000, 100_000);
  });
  afterEach(() => largeTraces.stop());

  const opened = (name: string, isHandle = true) => {
    const trace = createTrace(recording.recorder, emptyFrame, name, undefined, isHandle);
    open.set(name, trace);
    largeTraces.opened(open, [{ sendPart: (part) => void parts.push(part) }]);
    return trace;
  };
  /** A trace with as many ended spans, each with an output of 10,000 characters. */
  const withSpans = (name: string, count: number) => {
    const trace = opened(name);
    for (let at = 0; at < count; at += 1) traceHandle(trace).withSpan(`${name}${at}`, (s) => void s.setOutput(text));
    return trace;
  };
  const sent = () => parts.map(({ name, spans }) => `${name}: ${spans.length}`);

  it('send their ended spans ahead, the oldest first, until they hold little enough', async () => {
    const traces = [withSpans('a', 4), withSpans('b', 4), withSpans('c', 4)];
    await until(() => parts.length > 0);
    expect(sent()).to.deep.equal(['a: 4']);
    expect(traces.map(({ ended, spans }) => ({ ended, spans: spans.length }))).to.deep.equal([
      { ended: false, spans: 0 },
      { ended: false, spans: 4 },
      { ended: false, spans: 4 },
    ]);
    expect(said).to.deep.equal([]);
  });

  it('are ended as they are, the oldest first, if that is not enough; one line says so', async () => {
    const traces = ['a', 'b', 'c', 'd'].map((name) => opened(name));
    for (const trace of traces) traceHandle(trace).setInput(text.repeat(3));
    await until(() => traces[0]?.ended === true);
    expect(recording.traces.map(({ name, status, metadata }) => ({ name, status, metadata }))).to.deep.equal([
      { name: 'a', status: 'ERROR', metadata: '{"error":"never ended"}' },
    ]);
    expect(said).to.deep.equal(['open traces hold too much memory; the oldest that nobody has ended is sent as it is']);
  });

  it('are left alone if they hold little, such as that of a main loop', async () => {
    const loop = opened('loop');
    traceHandle(loop).setInput('go on');
    const left = opened('left');
    traceHandle(left).setInput(text.repeat(20));
    await until(() => left.ended);
    expect(loop.ended).to.equal(false);
  });

  it('are left alone if they are those of callbacks, which end by themselves', async () => {
    const running = opened('running', false);
    traceHandle(running).setInput(text.repeat(20));
    const left = opened('left');
    traceHandle(left).setInput(text);
    await until(() => left.ended);
    expect(running.ended).to.equal(false);
  });
});
