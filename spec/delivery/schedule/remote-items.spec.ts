import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { defaultTiming } from '../../../lib/delivery/pace/timing.js';
import { itemRules } from '../../../lib/delivery/pandaprobe/encoder.js';
import type { Item, ItemKind } from '../../../lib/delivery/queue/item.js';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import { RemoteItems } from '../../../lib/delivery/schedule/remote-items.js';
import type { LateSpansRecord, SpanRecord } from '../../../lib/model/records.js';
import { json, scoreRecord, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';
import { until } from '../../support/until.js';
import { type BuiltDelivery, builtDelivery } from '../built-delivery.js';

const spansCall = 'POST /traces/{trace_id}/spans';

/** Spans of another process's trace. */
function remote(traceId: string, ...spans: Partial<SpanRecord>[]): LateSpansRecord {
  return { traceId, isRemote: true, spans: spans.map((span, i) => spanRecord(span, i)) };
}

describe('Spans of a trace that another process has yet to send', () => {
  let receiver: Receiver;
  let started: ReturnType<typeof startDelivery>[] = [];
  const start: typeof startDelivery = (...args) => {
    const one = startDelivery(...args);
    started.push(one);
    return one;
  };
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    await Promise.all(started.map(({ delivery }) => delivery.shutdown({ timeoutMs: 100 })));
    started = [];
    await receiver.close();
  });

  const quick = { timing: { absentMs: 5, maxAbsentMs: 20 }, flushIntervalMs: 5 };

  it('P36 wait for it, and arrive when it is there, in the order they were recorded', async () => {
    const [here, there] = [start(receiver.url, quick), start(receiver.url, quick)];
    const traceId = randomUUID();
    const spanId = randomUUID();
    here.delivery.lateSpans(remote(traceId, { spanId, status: 'UNSET' }));
    await receiver.until(() => receiver.count(spansCall) >= 3);
    here.delivery.lateSpans(remote(traceId, { spanId, status: 'ERROR' }));
    here.delivery.score(scoreRecord(traceId));
    expect(here.delivery.stats()).to.include({ created: 3, pending: 3, failed: 0 });
    there.delivery.trace(traceRecord({ traceId, name: 'owner' }));
    await there.delivery.flush();
    await receiver.until(() => receiver.trace('owner').scores.length === 1);
    expect(receiver.trace('owner').spans.map(({ status }) => status)).to.deep.equal(['ERROR']);
    expect(await here.delivery.flush()).to.include({ ok: true, delivered: 3, pending: 0 });
    expect(here.losses).to.deep.equal([]);
  });

  it('P36 hold nothing else: not other spans and scores, not the queue, and not a flush', async () => {
    const { delivery } = start(receiver.url, { ...quick, maxQueueSize: 80 });
    const ids = Array.from({ length: 8 }, () => randomUUID());
    for (const traceId of ids) delivery.lateSpans(remote(traceId, {}));
    const first = await delivery.flush({ timeoutMs: 60_000 }); // it does not wait for the other process
    expect(first).to.include({ ok: false, pending: 8, dropped: 0 });
    for (let i = 0; i < 79; i += 1) {
      const traceId = randomUUID();
      delivery.trace(traceRecord({ traceId, name: `own ${i}` }));
      if (i % 20 === 0) delivery.lateSpans({ traceId, spans: [spanRecord({ name: 'late' })] });
      if (i % 20 === 19) await delivery.flush({ timeoutMs: 60_000 });
    }
    const flushed = await delivery.flush({ timeoutMs: 60_000 });
    expect(flushed).to.include({ pending: 8, dropped: 0, failed: 0, delivered: 83 });
    expect(receiver.traces).to.have.lengthOf(79);
  });

  it('P36 get a trace of their own after the wait, so that a dead process takes only itself', async () => {
    const { delivery, losses } = start(receiver.url, { ...quick, timing: { ...quick.timing, remoteMs: 30 } });
    const traceId = randomUUID();
    const metadata = json({ session_id: 'chat-7' });
    delivery.lateSpans(remote(traceId, { name: 'handler', metadata }, { name: 'step' }));
    await receiver.until(() => receiver.traces.length === 1);
    const stand = receiver.trace('handler');
    expect(stand).to.deep.include({ trace_id: traceId, status: 'RUNNING', session_id: 'chat-7' });
    expect(stand.spans.map(({ name }) => name)).to.deep.equal(['handler', 'step']);
    expect(stand.started_at).to.equal(stand.spans[0]?.started_at);
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    // The other process was only slow: what it says of its trace is what counts.
    delivery.trace(traceRecord({ traceId, name: 'owner' }));
    await delivery.flush();
    expect(receiver.trace('owner')).to.include({ status: 'COMPLETED' });
    expect(receiver.trace('owner').spans).to.have.lengthOf(2);
    expect(losses).to.deep.equal([]);
  });

  it('P36 ask whether the trace is there before they get one, and leave that as it is', async () => {
    const there = start(receiver.url, quick);
    const { delivery } = start(receiver.url, { ...quick, timing: { ...quick.timing, remoteMs: 1 } });
    const traceId = randomUUID();
    let refused = 0;
    receiver.behave = ({ call }) => {
      if (call !== spansCall || refused === 12) return 'accept';
      refused += 1;
      return { status: 404, body: { detail: 'not yet' } };
    };
    there.delivery.trace(traceRecord({ traceId, name: 'owner' }));
    await there.delivery.flush();
    delivery.lateSpans(remote(traceId, { name: 'mine' }));
    await receiver.until(() => receiver.trace('owner').spans.length === 1);
    expect(receiver.count('POST /traces')).to.equal(1);
    expect(receiver.count('GET /traces/{trace_id}')).to.be.greaterThan(0);
  });

  it('P36 wait on where new traces are limited, and hold neither the spans nor the scores of others meanwhile', async () => {
    let isLimited = true;
    receiver.behave = ({ call }) =>
      isLimited && call === 'POST /traces' ? { status: 429, body: { error: 'Rate limit exceeded' } } : 'accept';
    const { delivery } = start(receiver.url, { ...quick, timing: { ...quick.timing, remoteMs: 1 } });
    const mine = randomUUID();
    isLimited = false;
    delivery.trace(traceRecord({ traceId: mine, name: 'mine' }));
    await delivery.flush();
    isLimited = true;
    delivery.lateSpans(remote(randomUUID(), { name: 'far' }));
    await receiver.until(() => receiver.requests.some(({ status }) => status === 429));
    for (let i = 0; i < 3; i += 1) {
      delivery.score(scoreRecord(mine, { name: `score ${i}` }));
      await receiver.until(() => receiver.trace('mine').scores.length === i + 1);
    }
    isLimited = false;
    await receiver.until(() => receiver.traces.some(({ name }) => name === 'far'));
  });

  it('make no new trace within a Retry-After, whether it was for them or for other traces', async () => {
    const at: number[] = [];
    receiver.behave = (request) => {
      if (request.call !== 'POST /traces') return undefined;
      at.push(request.at);
      return at.length === 1 ? { status: 429, headers: { 'Retry-After': '1' } } : undefined;
    };
    const { delivery, lines } = start(receiver.url, { ...quick, timing: { ...quick.timing, remoteMs: 1 } });
    delivery.lateSpans(remote(randomUUID(), { name: 'far' }));
    await until(() => lines.some((line) => line.includes('limits the rate')));
    delivery.trace(traceRecord({ name: 'mine' }));
    await delivery.flush({ timeoutMs: 500 });
    await receiver.until(() => receiver.traces.length === 2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).to.be.at.least(990);
  });

  it('P5 take a bounded part of memory: what waits longest gets a trace of its own, and every item is counted', async () => {
    const { delivery, losses } = start(receiver.url, { ...quick, maxQueueSize: 16 });
    for (let i = 0; i < 12; i += 1) {
      delivery.lateSpans(remote(randomUUID(), { name: `far ${i}`, input: json('x'.repeat(1000)) }));
      await delivery.flush({ timeoutMs: 60_000 });
    }
    await receiver.until(() => receiver.traces.length >= 10);
    const { created, delivered, pending, failed, dropped, pendingBytes } = delivery.stats();
    expect({ created, failed, dropped }).to.deep.equal({ created: 12, failed: 0, dropped: 0 });
    expect(delivered + pending).to.equal(12);
    expect(pendingBytes).to.be.within(pending * 1000, pending * 2000);
    expect(losses).to.deep.equal([]);
    expect(await delivery.shutdown({ timeoutMs: 200 })).to.include({ ok: false, pending: 0, failed: 0 });
    const ended = delivery.stats();
    expect(ended.created).to.equal(ended.delivered + ended.dropped);
    expect(ended.pendingBytes).to.equal(0);
  });

  it('P5 take the place of nothing else: they wait until the queue has room for all of one trace', () => {
    const evicted: Item[] = [];
    const queue = new Queue({ maxItems: 16, maxBytes: 1e6 }, itemRules, (items) => evicted.push(...items));
    const asked = { isLimited: () => false, isOnDisk: () => false, newTraceAt: () => 0, drop() {}, isEnding: false };
    const waiting = new RemoteItems(queue, defaultTiming, { maxQueueSize: 16, maxQueueBytes: 1e6 }, asked);
    let id = 0;
    const push = (kind: ItemKind, traceId: string) => queue.push(queue.create(++id, kind, traceId, ['x']));
    push('spans', 'far');
    push('spans', 'far');
    queue.release();
    const group = queue.next('other') ?? expect.fail();
    queue.take(group);
    waiting.add(group, 0);
    for (let i = 0; i < 15; i += 1) push('trace', `own ${i}`);
    waiting.refill(10_000);
    expect([queue.items, queue.has('far'), evicted.length]).to.deep.equal([15, false, 0]);
    queue.abandon([...queue.groups()][0] ?? expect.fail());
    waiting.refill(20_000);
    expect([queue.items, queue.has('far'), evicted.length]).to.deep.equal([16, true, 0]);
  });

  it('P7 get one whole trace, also where they are too many for a request', async () => {
    const { delivery } = start(receiver.url, { ...quick, timing: { ...quick.timing, remoteMs: 1 } });
    delivery.lateSpans(remote(randomUUID(), ...Array.from({ length: 1200 }, (_, i) => ({ name: `far ${i}` }))));
    await receiver.until(() => receiver.traces[0]?.spans.length === 1200);
    await until(() => delivery.stats().delivered === 1);
    expect(receiver.count('POST /traces')).to.equal(1);
  });

  it('P5 survive the process in a spool, and wait on in the next one', async () => {
    const spoolDir = await mkdtemp(join(tmpdir(), 'remote-spec-'));
    const traceId = randomUUID();
    const before = start(receiver.url, { ...quick, spoolDir });
    before.delivery.lateSpans(remote(traceId, { name: 'far' }));
    await before.delivery.flush({ timeoutMs: 5000 });
    await before.delivery.shutdown({ timeoutMs: 100 });
    const next = start(receiver.url, { ...quick, spoolDir });
    const asked = receiver.count(spansCall);
    next.delivery.trace(traceRecord({ name: 'other' }));
    await receiver.until(() => receiver.count(spansCall) >= asked + 3);
    next.delivery.trace(traceRecord({ traceId, name: 'owner' }));
    await receiver.until(() => receiver.traces.find(({ name }) => name === 'owner')?.spans.length === 1);
    expect(receiver.count('POST /traces')).to.equal(2);
    await rm(spoolDir, { recursive: true, force: true });
  });

  it('P5 are all sent, also where the spool of an earlier process has more of one trace than is read at a time', async () => {
    const spoolDir = await mkdtemp(join(tmpdir(), 'remote-spec-'));
    const traceId = randomUUID();
    const before = start(receiver.url, { ...quick, spoolDir });
    for (let i = 0; i < 250; i += 1) before.delivery.lateSpans(remote(traceId, { name: `far ${i}` }));
    await before.delivery.shutdown({ timeoutMs: 1 });
    const next = start(receiver.url, { ...quick, spoolDir });
    expect(await next.delivery.flush({ timeoutMs: 60_000 })).to.include({ ok: false, pending: 250 });
    next.delivery.trace(traceRecord({ traceId, name: 'owner' }));
    expect(await next.delivery.flush({ timeoutMs: 5000 })).to.include({ ok: true, delivered: 251, pending: 0 });
    expect(receiver.trace('owner').spans).to.have.lengthOf(250);
    await rm(spoolDir, { recursive: true, force: true });
  });

  it('P36 get a trace of their own when delivery is shut down, within its time', async () => {
    const timing = { ...quick.timing, remoteEndMs: 50 };
    for (const before of ['recorded', 'asked for']) {
      const { delivery, lines } = start(receiver.url, { ...quick, timing });
      delivery.lateSpans(remote(randomUUID(), { name: before }));
      if (before === 'asked for') await delivery.flush();
      expect(await delivery.shutdown({ timeoutMs: 5000 })).to.include({ ok: true, delivered: 1, dropped: 0 });
      expect(receiver.trace(before)).to.include({ status: 'RUNNING' });
      expect(lines.filter((line) => !line.includes('debug'))).to.deep.equal([]);
    }
    const { delivery } = start(receiver.url, { ...quick, timing: { ...timing, remoteEndMs: 60_000 } });
    delivery.lateSpans(remote(randomUUID(), { name: 'too late' }));
    expect(await delivery.shutdown({ timeoutMs: 200 })).to.include({ ok: false, dropped: 1 });
  });

  describe('at the end of the process', () => {
    let built: BuiltDelivery;
    before(async () => {
      built = await builtDelivery();
    });
    after(() => built.remove());

    const program = (code: string) => `
      const delivery = createDelivery(options);
      process.on('exit', () => { delivery.exit(5000); console.log(JSON.stringify(delivery.stats())); });
      const span = (name) => ({ spanId: randomUUID(), name, kind: 'TOOL', status: 'OK', startedAt: Date.now() });
      const id = '0af76519-16cd-43dd-8448-eb211c80319c';
      delivery.lateSpans({ traceId: id, isRemote: true, spans: [span('far')] });
      ${code}`;

    it('P36 get a trace of their own, where theirs does not come', async () => {
      for (const code of ['', 'await delivery.flush(); process.exit(0);']) {
        const { stdout, stderr } = await built.run(program(code), receiver.url);
        expect(stderr).to.equal('');
        expect(JSON.parse(stdout)).to.deep.include({ created: 1, delivered: 1, pending: 0, dropped: 0 });
      }
      expect(receiver.trace('far')).to.include({ status: 'RUNNING' });
      expect(receiver.trace('far').spans).to.have.lengthOf(2);
    });

    it('P36 leave the place to a process that ends at the same time', async () => {
      const owner = start(receiver.url, quick);
      receiver.behave = ({ call, index }) => {
        if (call === spansCall && index === 0)
          owner.delivery.trace(traceRecord({ traceId: '0af76519-16cd-43dd-8448-eb211c80319c', name: 'owner' }));
        return 'accept';
      };
      const { stdout } = await built.run(program('process.exit(0);'), receiver.url);
      expect(JSON.parse(stdout)).to.deep.include({ delivered: 1, pending: 0 });
      expect(receiver.trace('owner').spans.map(({ name }) => name)).to.deep.equal(['far']);
      expect(receiver.traces).to.have.lengthOf(1);
    });
  });
});
