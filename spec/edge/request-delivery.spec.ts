import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import type { Delivery, DeliveryOptions, Loss } from '../../lib/delivery/delivery.js';
import { protocolFor } from '../../lib/edge/otlp/protocol.js';
import { createLiveDelivery } from '../../lib/edge/request-delivery.js';
import { json, lateSpansRecord, scoreRecord, spanRecord, testKey, traceRecord } from '../support/delivery.js';
import { type OtlpReceiver, startOtlpReceiver } from '../support/otlp-receiver.js';
import { type Receiver, startReceiver, tooLargeOver, unprocessable } from '../support/receiver.js';
import { until } from '../support/until.js';

describe('Delivery on an edge runtime', () => {
  let receiver: Receiver;
  let lines: string[];
  let losses: Loss[];
  beforeEach(async () => {
    receiver = await startReceiver();
    lines = [];
    losses = [];
  });
  afterEach(() => receiver.close());

  function start(options: Partial<DeliveryOptions> = {}): Delivery {
    const write = (_: string, line: string) => void lines.push(line);
    return createLiveDelivery({
      ...{ endpoint: receiver.url, apiKey: testKey, projectName: 'specs', userAgent: 'pandaprobe-ts/spec' },
      ...{ batchSize: 1000, flushIntervalMs: 60_000, maxQueueSize: 10_000, maxQueueBytes: 64e6, worker: 'auto' },
      ...{ maxSpoolBytes: 0, requestTimeoutMs: 10_000 },
      ...{ log: { error: write, warn: write, debug() {} }, onLoss: (loss) => void losses.push(loss) },
      ...options,
    });
  }

  /** The counts, of which the sum must hold. */
  function counts(delivery: Delivery): string {
    const { created, delivered, failed, pending, dropped } = delivery.stats();
    expect(created).to.equal(delivered + failed + pending + dropped);
    return `${delivered} delivered, ${failed} failed, ${pending} pending, ${dropped} dropped`;
  }

  it('sends a trace, its late spans and its scores, in this order and with what every request needs', async () => {
    const delivery = start();
    const trace = traceRecord({ name: 'run', spans: [spanRecord()] });
    delivery.score(scoreRecord(trace.traceId));
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' })));
    expect(await delivery.flush()).to.include({ ok: true, delivered: 3, pending: 0 });
    expect(receiver.requests.map(({ call }) => call)).to.deep.equal([
      'POST /traces',
      'POST /traces/{trace_id}/spans',
      'POST /evaluations/trace-scores',
    ]);
    for (const { headers } of receiver.requests)
      expect(headers).to.include({
        ...{ 'x-api-key': testKey, 'x-project-name': 'specs' },
        ...{ 'content-type': 'application/json', 'user-agent': 'pandaprobe-ts/spec' },
      });
    expect(receiver.requests[0]?.headers['x-request-id']).to.match(/^[0-9a-f-]{36}$/);
    expect(receiver.trace('run').spans.map(({ name }) => name)).to.have.members(['s0', 'late']);
  });

  it('accepts user and password in the endpoint, which fetch does not', async () => {
    const delivery = start({ endpoint: receiver.url.replace('//', '//user:p%20w@') });
    delivery.trace(traceRecord());
    expect(await delivery.flush({ timeoutMs: 2000 })).to.include({ ok: true, delivered: 1 });
    const login = Buffer.from('user:p w').toString('base64');
    expect(receiver.requests[0]?.headers).to.include({ authorization: `Basic ${login}` });
    expect(lines).to.deep.equal([]);
  });

  it('sends each trace once when many requests flush at once, and each waits for what it has recorded', async () => {
    const delivery = start();
    receiver.behave = () => ({ delayMs: 5 });
    const flushed = Array.from({ length: 12 }, async (_, request) => {
      const own = [traceRecord({ name: `r${request}` }), traceRecord({ name: `r${request}` })];
      for (const trace of own) delivery.trace(trace);
      const { ok } = await delivery.flush();
      const stored = new Set(receiver.traces.map(({ trace_id }) => trace_id));
      return ok && own.every(({ traceId }) => stored.has(traceId));
    });
    expect(await Promise.all(flushed)).to.deep.equal(Array(12).fill(true));
    expect(receiver.count('POST /traces')).to.equal(24);
    expect(counts(delivery)).to.equal('24 delivered, 0 failed, 0 pending, 0 dropped');
  });

  it("P36 sends spans of another process's trace with a placeholder, which the true trace replaces", async () => {
    const delivery = start();
    const trace = traceRecord({ name: 'caller' });
    delivery.lateSpans({ ...lateSpansRecord(trace.traceId, spanRecord({ name: 'here' })), isRemote: true });
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1, pending: 0 });
    expect(receiver.trace('here')).to.include({ trace_id: trace.traceId, status: 'RUNNING' });
    delivery.trace(trace);
    await delivery.flush();
    expect(receiver.traces.map(({ name, status }) => [name, status])).to.deep.equal([['caller', 'COMPLETED']]);
    expect(receiver.trace('caller').spans.map(({ name }) => name)).to.include('here');
  });

  for (const [what, answers] of Object.entries({
    'takes no new traces just now': { 'POST /traces': 429, 'GET /traces/{trace_id}': 404 },
    'is still storing the trace': { 'GET /traces/{trace_id}': 200 },
  } as Record<string, Record<string, number>>)) {
    it(`waits longer and longer with spans of another process's trace if the backend ${what}`, async () => {
      const delivery = start();
      let isDown = true;
      receiver.behave = ({ call }) => {
        const status = call.endsWith('/spans') ? 404 : answers[call];
        return isDown && status !== undefined ? { status, body: { error: 'Rate limit exceeded' } } : undefined;
      };
      delivery.lateSpans({ ...lateSpansRecord(traceRecord().traceId, spanRecord({ name: 'here' })), isRemote: true });
      expect(await delivery.flush({ timeoutMs: 600 })).to.include({ ok: false, pending: 1 });
      expect(receiver.requests.length).to.be.within(3, 13);
      isDown = false;
      expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    });
  }

  it('returns unanswered items to the queue when the time of a flush is up, and the next flush sends them', async () => {
    const delivery = start();
    receiver.behave = () => 'hang';
    delivery.trace(traceRecord({ name: 'slow' }));
    const first = delivery.flush({ timeoutMs: 50 });
    await receiver.until(() => receiver.requests.length === 1);
    expect(await first).to.include({ ok: false, pending: 1 });
    receiver.behave = () => undefined;
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['slow']);
  });

  it('ends its unanswered requests when the time of a flush is up, because their items will be sent again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    try {
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo; // it listens on a port
      const closed = once(server, 'request').then(([, response]) => once(response, 'close'));
      const delivery = start({ endpoint: `http://127.0.0.1:${port}` });
      delivery.trace(traceRecord());
      expect(await delivery.flush({ timeoutMs: 200 })).to.include({ ok: false, pending: 1 });
      await closed;
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  it('ends a flush whose timer came so late that another flush has taken its items back', async () => {
    const delivery = start();
    receiver.behave = () => 'hang';
    delivery.trace(traceRecord({ name: 'slow' }));
    const first = delivery.flush({ timeoutMs: 300 });
    await receiver.until(() => receiver.requests.length === 1);
    // The thread is busy for as long as a request that has gone is waited for: no timer comes meanwhile.
    for (const until = performance.now() + 1400; performance.now() < until; );
    receiver.behave = () => undefined;
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    await first;
    expect(counts(delivery)).to.equal('1 delivered, 0 failed, 0 pending, 0 dropped');
  });

  it('looks for a score whose answer did not come before it sends it again', async () => {
    const delivery = start();
    const trace = traceRecord();
    delivery.trace(trace);
    await delivery.flush();
    receiver.behave = ({ call }) => (call === 'POST /evaluations/trace-scores' ? 'cut-after' : undefined);
    delivery.score(scoreRecord(trace.traceId));
    await delivery.flush({ timeoutMs: 50 });
    receiver.behave = () => undefined;
    expect(await delivery.flush()).to.include({ ok: true });
    expect(receiver.count('POST /evaluations/trace-scores')).to.equal(1);
  });

  it('makes no more requests than one invocation may, and leaves the rest to the next flush', async () => {
    const delivery = start();
    for (let i = 0; i < 60; i += 1) delivery.trace(traceRecord());
    expect((await delivery.flush()).ok).to.equal(false);
    expect(receiver.requests.length).to.be.within(32, 48);
    expect(await delivery.flush()).to.include({ ok: true, delivered: 60 });
  });

  it('remembers in every flush that follows how large a body may be', async () => {
    const delivery = start();
    receiver.behave = tooLargeOver(40_000);
    const refused = () => receiver.requests.filter(({ status }) => status === 413).length;
    const record = () =>
      delivery.trace(
        traceRecord({ spans: Array.from({ length: 20 }, () => spanRecord({ output: json('x'.repeat(3000)) })) }),
      );
    record();
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    const before = refused();
    expect(before).to.be.greaterThan(0);
    record();
    expect(await delivery.flush()).to.include({ ok: true, delivered: 2 });
    expect(refused()).to.equal(before);
  });

  it('makes no request for late spans of which none is left', async () => {
    const delivery = start();
    delivery.lateSpans(lateSpansRecord(traceRecord().traceId));
    expect(await delivery.flush()).to.include({ ok: true, delivered: 0, pending: 0 });
    expect(receiver.requests).to.deep.equal([]);
  });

  it('obeys a Retry-After in every flush that follows', async () => {
    const delivery = start();
    receiver.behave = () => ({ status: 429, headers: { 'Retry-After': '60' } });
    delivery.trace(traceRecord());
    expect((await delivery.flush({ timeoutMs: 5000 })).ok).to.equal(false);
    expect((await delivery.flush({ timeoutMs: 5000 })).ok).to.equal(false);
    expect(receiver.requests).to.have.lengthOf(1);
    expect(counts(delivery)).to.equal('0 delivered, 0 failed, 1 pending, 0 dropped');
  });

  it('sends records that nobody flushes', async () => {
    const soon = start({ flushIntervalMs: 1 });
    soon.trace(traceRecord({ name: 'after the interval' }));
    const full = start({ batchSize: 2 });
    full.trace(traceRecord({ name: 'full' }));
    full.trace(traceRecord({ name: 'full' }));
    await receiver.until(() => receiver.traces.length === 3);
  });

  it('says once that the backend is not there, without the key, and keeps what is pending', async () => {
    const delivery = start();
    await receiver.refuse();
    delivery.trace(traceRecord());
    await delivery.flush({ timeoutMs: 200 });
    await delivery.flush({ timeoutMs: 200 });
    await receiver.listen();
    expect(lines.join('\n')).to.match(/cannot deliver to 127\.0\.0\.1:\d+/);
    expect(lines.join('\n')).not.to.include(testKey);
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
  });

  it('reports items that the backend refuses, and drops of a full queue', async () => {
    const delivery = start({ maxQueueSize: 2 });
    for (const name of ['a', 'b', 'c']) delivery.trace(traceRecord({ name }));
    receiver.behave = () => ({ status: 409, body: { detail: 'conflict' } });
    await delivery.flush();
    expect(counts(delivery)).to.equal('0 delivered, 2 failed, 0 pending, 1 dropped');
    expect(losses.map(({ status }) => status)).to.deep.equal([undefined, 409, 409]);
  });

  it('drops what belongs to a refused trace, also what is recorded later', async () => {
    const delivery = start();
    const trace = traceRecord();
    receiver.behave = ({ call }) => (call === 'POST /traces' ? { status: 409, body: { detail: 'no' } } : undefined);
    delivery.trace(trace);
    delivery.score(scoreRecord(trace.traceId));
    await delivery.flush();
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
    await delivery.flush();
    expect(receiver.requests.map(({ call }) => call)).to.deep.equal(['POST /traces']);
    expect(delivery.stats()).to.deep.include({ failed: 1, droppedByReason: { trace_lost: 2 } });
    expect(losses.map(({ items }) => items)).to.deep.equal([2, 1]);
  });

  it('goes on with other items when late spans are refused', async () => {
    const delivery = start();
    receiver.behave = ({ call }) => (call.endsWith('/spans') ? { status: 409, body: { detail: 'no' } } : undefined);
    const trace = traceRecord();
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
    await delivery.flush();
    delivery.score(scoreRecord(trace.traceId));
    expect(await delivery.flush()).to.include({ delivered: 2, failed: 1, dropped: 0 });
  });

  it('counts what the backend took only after a repair, and says what was changed', async () => {
    const delivery = start();
    receiver.behave = ({ index }) => (index === 0 ? unprocessable('body -> spans -> 0 -> cost') : undefined);
    delivery.trace(traceRecord({ spans: [spanRecord({ cost: json({ total: 1 }) })] }));
    expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
    expect(delivery.stats()).to.include({ repaired: 1 });
    expect(lines.join('\n')).to.include('took the trace').and.include('cost');
  });

  it('gives a used-up quota as the reason for what a shutdown drops', async () => {
    const delivery = start();
    receiver.behave = () => ({ status: 402 });
    delivery.trace(traceRecord());
    await delivery.shutdown({ timeoutMs: 200 });
    expect(delivery.stats()).to.deep.include({ droppedByReason: { quota: 1 } });
  });

  it('drops and counts items that are left after shutdown, and later records', async () => {
    const delivery = start();
    receiver.behave = () => 'hang';
    delivery.trace(traceRecord());
    expect(await delivery.shutdown({ timeoutMs: 50 })).to.include({ ok: false, dropped: 1 });
    delivery.trace(traceRecord());
    expect(counts(delivery)).to.equal('0 delivered, 0 failed, 0 pending, 2 dropped');
    expect(delivery.stats()).to.deep.include({ droppedByReason: { shutdown: 2 } });
    expect(lines.at(-1)).to.include('after shutdown()');
  });

  it('sends what is recorded during a shutdown, if there is time left', async () => {
    const delivery = start();
    receiver.behave = () => ({ delayMs: 20 });
    delivery.trace(traceRecord({ name: 'before' }));
    const over = delivery.shutdown();
    await until(() => receiver.requests.length === 1);
    delivery.trace(traceRecord({ name: 'during' }));
    expect(await over).to.include({ ok: true, delivered: 2, dropped: 0 });
    expect(receiver.traces.map(({ name }) => name)).to.deep.equal(['before', 'during']);
    expect(lines).to.deep.equal([]);
  });

  it('counts items once that shutdown drops while another request waits for their answer', async () => {
    const delivery = start();
    receiver.behave = () => ({ delayMs: 100 });
    delivery.trace(traceRecord());
    const flushed = delivery.flush();
    await until(() => receiver.requests.length === 1);
    expect(await delivery.shutdown({ timeoutMs: 20 })).to.include({ ok: false, dropped: 1 });
    expect(await flushed).to.include({ ok: false });
    expect(counts(delivery)).to.equal('0 delivered, 0 failed, 0 pending, 1 dropped');
  });

  it('ignores spoolDir, and says so', async () => {
    start({ spoolDir: '/spool' });
    expect(lines.map((line) => line.slice(0, 30))).to.deep.equal(['there are no files here, so sp']);
  });

  describe('with the protocol of a sink', () => {
    let collector: OtlpReceiver;
    beforeEach(async () => {
      collector = await startOtlpReceiver();
    });
    afterEach(() => collector[Symbol.asyncDispose]());

    function startOtlp(): Delivery {
      const otlp = {
        encoding: 'protobuf',
        compression: 'gzip',
        headers: {},
        resource: {},
        captureContent: true,
      } as const;
      return start({ endpoint: collector.url, otlp, protocol: protocolFor(otlp) });
    }

    it('sends many items in one request, and more items in one flush than it may make requests', async () => {
      const delivery = startOtlp();
      const traces = Array.from({ length: 100 }, (_, at) => traceRecord({ name: `t${at}` }));
      for (const trace of traces) delivery.trace(trace);
      expect(await delivery.flush()).to.include({ ok: true, delivered: 100 });
      expect(collector.spans.map(({ name }) => name)).to.include.members(traces.map(({ name }) => name));
      expect(collector.exports.length).to.be.at.most(32);
    });

    it('drops scores, because OTLP has none, and says so once', async () => {
      const delivery = startOtlp();
      const trace = traceRecord();
      delivery.trace(trace);
      for (let count = 0; count < 2; count += 1) delivery.score(scoreRecord(trace.traceId));
      await delivery.flush();
      expect(counts(delivery)).to.equal('1 delivered, 0 failed, 0 pending, 2 dropped');
      expect(new Set(lines)).to.have.lengthOf(1);
      expect(lines[0]).to.include('has no scores');
    });

    it('keeps items that the receiver did not accept for the next flush', async () => {
      const delivery = startOtlp();
      collector.answer = () => ({ status: 503 });
      delivery.trace(traceRecord({ name: 'kept' }));
      expect(await delivery.flush({ timeoutMs: 100 })).to.include({ ok: false, pending: 1 });
      collector.answer = () => undefined;
      expect(await delivery.flush()).to.include({ ok: true, delivered: 1, pending: 0 });
      expect(collector.spans.map(({ name }) => name)).to.include('kept');
    });
  });
});
