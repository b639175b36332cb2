import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { LargeTraces, type PartReceiver } from '../../../lib/client/live/large-traces.js';
import { silentLog } from '../../../lib/common/log.js';
import { asCallback, createSpan, createTrace } from '../../../lib/engine/create-span.js';
import { emptyFrame } from '../../../lib/engine/frame.js';
import {
  bind,
  Client,
  HttpSink,
  MemorySink,
  type Options,
  type SpanHandle,
  type TraceHandle,
  withSpan,
} from '../../../lib/index.js';
import type { JsonText } from '../../../lib/model/records.js';
import { OtlpSink } from '../../../lib/otlp/otlp-sink.js';
import { checkBody } from '../../support/contract.js';
import { fakeTime } from '../../support/fake-time.js';
import { startOtlpReceiver } from '../../support/otlp-receiver.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { createRecording } from '../../support/recording.js';
import { until } from '../../support/until.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const steps = 5000;

/** Waits until what `ref` points to has been collected; false when it never is. */
async function isGone(ref: WeakRef<object> | undefined): Promise<boolean> {
  for (let i = 0; i < 20 && ref?.deref() !== undefined; i += 1) {
    await sleep(10);
    collect();
  }
  return ref !== undefined && ref.deref() === undefined;
}

describe('large traces', () => {
  let receiver: Receiver;
  let client: Client;

  beforeEach(async () => {
    receiver = await startReceiver({ check: checkBody });
  });
  afterEach(async () => {
    await client.shutdown({ timeoutMs: 0 });
    await receiver.close();
    // The checker sees one body at a time, and the parent of a span may be in an earlier part.
    expect(receiver.problems.filter((problem) => !problem.endsWith('no span of this trace'))).to.eql([]);
  });

  const settings = () => ({ apiKey: 'sk_pp_key', projectName: 'specs', endpoint: receiver.url });
  const clientTo = (options: Options = {}) =>
    new Client({ ...settings(), worker: 'inline', live: false, flushIntervalMs: 50, ...options });
  const stored = () => receiver.traces[0];
  /** Whether the receiver has so many spans. */
  const has = (count: number) => receiver.until(() => stored()?.spans.length === count);
  const run = (t: TraceHandle, from: number, to: number) => {
    for (let at = from; at < to; at += 1) t.withSpan(`step ${at}`, () => {});
  };
  /** Until then, a handle may still become the parent of spans that are opened after it. */
  const turn = () => sleep(1);
  /** How often each span was sent. */
  const sent = () => {
    const counts = new Map<string, number>();
    for (const { body } of receiver.requests) {
      const { spans = [] } = (body ?? {}) as { spans?: readonly { name: string }[] };
      for (const { name } of spans) counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  };

  it('P14 are sent in parts while they are open, each span once, and are whole in the end', async () => {
    client = clientTo();
    const t = client.trace('main loop', { input: { messages: [{ role: 'user', content: 'Go on' }] }, tags: ['loop'] });
    const open = t.span('open');
    await turn();
    run(t, 0, steps);
    await has(steps);
    expect(stored()).to.include({ name: 'main loop', status: 'RUNNING' }).and.not.have.property('ended_at');

    run(t, steps, 2 * steps);
    await has(2 * steps);
    run(t, 2 * steps, 2 * steps + 10);
    open.end();
    t.setOutput('over').end();
    expect(await client.flush()).to.eql({ ok: true, delivered: 3, dropped: 0, failed: 0, pending: 0 });
    expect(stored()).to.include({ status: 'COMPLETED', output: 'over' });
    expect(stored()?.input).to.eql({ messages: [{ role: 'user', content: 'Go on' }] });
    expect(stored()?.spans).to.have.length(2 * steps + 11);
    expect([...new Set(sent().values())]).to.eql([1]);
  });

  it('P14 are released from memory once they are sent', async () => {
    client = clientTo();
    const t = client.trace('main loop');
    const refs: WeakRef<object>[] = [];
    t.withSpan('first', (s) => void refs.push(new WeakRef(s)));
    run(t, 1, steps);
    await has(steps);
    expect(await isGone(refs[0])).to.equal(true);
    t.end();
  });

  it('P14 have 10,000 open spans at most: the oldest end as ERROR, and are no longer in memory then', async () => {
    client = clientTo();
    const t = client.trace('main loop');
    let first: WeakRef<object> | undefined;
    for (let at = 0; at < 10_003; at += 1) {
      const s = t.span(`open ${at}`);
      first ??= new WeakRef(s);
    }
    await has(3);
    expect(stored()?.spans.map(({ name, status, error }) => ({ name, status, error }))).to.eql(
      [0, 1, 2].map((at) => ({ name: `open ${at}`, status: 'ERROR', error: 'never ended' })),
    );
    expect(await isGone(first)).to.equal(true);
    t.end();
  });

  it('P14 let go of sent spans also if each of their spans starts in the one before', async () => {
    client = clientTo();
    const t = client.trace('main loop');
    let next = () => {};
    const refs: WeakRef<object>[] = [];
    const tick = () =>
      withSpan('tick', (s) => {
        refs.push(new WeakRef(s));
        next = bind(tick);
      });
    tick();
    for (let at = 1; at < steps; at += 1) next();
    await has(steps);
    expect(await isGone(refs[0])).to.equal(true);
    next(); // until here, it holds the frame of the last span
    t.end();
  });

  const texts: Readonly<Record<string, (s: SpanHandle) => unknown>> = {
    'much text': (s) => s.setOutput('x'.repeat(900_000)),
    'much text of three bytes a character': (s) => s.setOutput('界'.repeat(300_000)),
    'much metadata': (s) => s.setMetadata({ first: 1 }).setMetadata({ thoughts: 'x'.repeat(900_000) }),
  };
  for (const [what, fill] of Object.entries(texts)) {
    it(`include traces with ${what}, so that none becomes larger than the queue`, async () => {
      client = clientTo({ maxQueueBytes: 12_000_000 });
      const t = client.trace('main loop');
      for (let round = 1; round <= 2; round += 1) {
        for (let at = 0; at < 10; at += 1) t.withSpan('read', (s) => void fill(s));
        await has(10 * round);
      }
      t.end();
      expect(await client.flush()).to.include({ ok: true, delivered: 5, dropped: 0 }); // two parts a round, and the end
    });
  }

  it('include traces whose spans were open when they were first looked at, and got much text later', async () => {
    client = clientTo({ maxQueueBytes: 12_000_000 });
    const t = client.trace('main loop');
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const calls = Array.from({ length: 10 }, (_, at) =>
      t.withSpan(`call ${at}`, async (s) => {
        await answered;
        s.setOutput('x'.repeat(900_000));
      }),
    );
    await sleep(2500); // a check was
    answer();
    await Promise.all(calls);
    await has(10);
    t.end();
    expect(await client.flush()).to.include({ ok: true, dropped: 0 });
  });

  it('have the same parents as without parts', async () => {
    client = clientTo();
    const t = client.trace('main loop');
    const outer = t.span('outer');
    await turn();
    for (let at = 0; at < steps / 2; at += 1) outer.withSpan(`step ${at}`, (s) => s.withSpan(`inner ${at}`, () => {}));
    await has(steps);
    outer.withSpan('last', () => {});
    outer.end();
    t.end();
    await client.flush();
    const spans = stored()?.spans ?? [];
    const names = new Map(spans.map(({ span_id, name }) => [span_id, name]));
    for (const { name, parent_span_id } of spans) {
      const parent = name === 'outer' ? undefined : name.startsWith('inner') ? name.replace('inner', 'step') : 'outer';
      expect(names.get(parent_span_id ?? ''), name).to.equal(parent);
    }
    expect(spans).to.have.length(steps + 2);
  });

  it('keep the end of a span that ends after its trace', async () => {
    client = clientTo();
    const t = client.trace('main loop');
    const late = t.span('late');
    await turn();
    run(t, 0, steps);
    await has(steps);
    t.end();
    late.setOutput('at last').end();
    await client.flush();
    expect(stored()).to.include({ status: 'COMPLETED' });
    expect(stored()?.spans.find(({ name }) => name === 'late')).to.include({ status: 'OK', output: 'at last' });
  });

  it('are sent in parts with `live`, too, and are whole in the end', async () => {
    client = clientTo({ live: true });
    const t = client.trace('main loop');
    const open = t.span('open');
    await turn();
    run(t, 0, steps);
    await receiver.until(() => [...receiver.requests].some(({ body }) => isPart(body)));
    run(t, steps, steps + 10);
    open.end();
    t.end();
    expect(await client.flush()).to.include({ ok: true, delivered: 2 });
    expect(stored()).to.include({ status: 'COMPLETED' });
    expect(stored()?.spans).to.have.length(steps + 11);
    expect(stored()?.spans.filter(({ ended_at }) => ended_at === undefined)).to.eql([]);
  });

  it('leave callbacks alone that run for long, however many there are', async () => {
    client = clientTo();
    const t = client.trace('batch');
    let finish = (): void => {};
    const held = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const jobs = Array.from({ length: 10_500 }, (_, at) =>
      t.withSpan(`job ${at}`, async (s) => {
        await held;
        s.setOutput('done');
      }),
    );
    await sleep(2500); // a check was
    finish();
    await Promise.all(jobs);
    t.end();
    await client.flush();
    expect(stored()?.spans.filter(({ status, output }) => status === 'OK' && output === 'done')).to.have.length(10_500);
  });

  it('are whole in another sink of the client', async () => {
    const memory = new MemorySink();
    client = new Client({ sinks: [new HttpSink({ ...settings(), worker: 'inline' }), memory] });
    const t = client.trace('main loop');
    run(t, 0, steps);
    await sleep(2500); // a check would have been
    t.end();
    await client.flush();
    expect(memory.traces[0]?.spans).to.have.length(steps);
    expect(stored()?.spans).to.have.length(steps);
  });

  it('are sent in parts to each of several receivers, and are whole in all', async () => {
    await using other = await startOtlpReceiver();
    const env = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: other.url };
    const http = new HttpSink({ ...settings(), worker: 'inline', flushIntervalMs: 50 });
    client = new Client({ sinks: [http, new OtlpSink({ worker: 'inline', flushIntervalMs: 50 }, env)] });
    const t = client.trace('main loop');
    run(t, 0, steps);
    await until(() => other.spans.length === steps);
    await has(steps);
    run(t, steps, steps + 10);
    t.end();
    expect(await client.flush()).to.include({ ok: true, pending: 0 });
    expect(stored()).to.include({ status: 'COMPLETED' });
    expect(stored()?.spans).to.have.length(steps + 10);
    expect(new Set(other.spans.map(({ name }) => name))).to.have.property('size', steps + 11);
    expect(other.spans).to.have.length(steps + 11);
  });

  it('are sent in parts over OTLP, the trace once', async () => {
    await using other = await startOtlpReceiver();
    client = new Client({
      sinks: [
        new OtlpSink({ worker: 'inline', flushIntervalMs: 50 }, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: other.url }),
      ],
    });
    const t = client.trace('main loop');
    run(t, 0, steps);
    await until(() => other.spans.length === steps);
    expect(other.spans.map(({ name }) => name)).not.to.include('main loop');
    run(t, steps, steps + 10);
    t.end();
    await client.flush();
    expect(other.spans).to.have.length(steps + 11);
    expect(other.spans.filter(({ name }) => name === 'main loop')).to.have.length(1);
  });

  it('are not sent in parts if sampling leaves them out', async () => {
    client = clientTo({ sampleRate: 0, alwaysKeepErrors: true });
    const t = client.trace('main loop');
    run(t, 0, steps);
    await sleep(2500); // a check would have been
    t.end();
    await client.flush();
    expect(receiver.requests).to.eql([]);
  });
});

describe('a part of a large trace that cannot be sent', () => {
  it('does not end the program; one line says so, and the next trace is looked at', () => {
    const clock = fakeTime('setTimeout', 'clearTimeout');
    try {
      const lines: string[] = [];
      const log = { ...silentLog, warn: (_: string, line: string) => void lines.push(line) };
      const large = new LargeTraces(log, 3000);
      const { recorder } = createRecording();
      const parts: string[] = [];
      for (const fault of [new TypeError('sk_pp_secret'), undefined]) {
        const trace = createTrace(recorder, emptyFrame, `loop ${parts.length}`, undefined, false);
        createSpan(trace, undefined, 'read', {}, asCallback).end();
        trace.spans[0]?.setOutputText(JSON.stringify('x'.repeat(1000)) as JsonText);
        const sendPart: PartReceiver['sendPart'] = ({ spans }) => {
          if (fault !== undefined) throw fault;
          parts.push(...spans.map(({ name }) => name));
        };
        large.opened(new Map([['id', trace]]), [{ sendPart }]);
        clock.tick(5000);
      }
      expect(lines).to.eql(['an open trace could not be sent in parts: a TypeError was thrown']);
      expect(parts).to.eql(['read']);
    } finally {
      clock.restore();
    }
  });
});

/** Whether a body is the first request of a part: a trace that is open, with ended spans alone. */
function isPart(body: unknown): boolean {
  const { status, spans = [] } = (body ?? {}) as { status?: string; spans?: readonly { ended_at?: string }[] };
  return status === 'RUNNING' && spans.length > 0 && spans.every(({ ended_at }) => ended_at !== undefined);
}
