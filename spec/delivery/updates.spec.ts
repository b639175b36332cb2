import { expect } from 'chai';
import type { CapturedTrace } from '../../lib/model/records.js';
import { json, lateSpansRecord, scoreRecord, spanRecord, startDelivery, traceRecord } from '../support/delivery.js';
import { startReceiver } from '../support/receiver.js';
import { until } from '../support/until.js';

/** A trace as it is sent before its end. */
const soFar = (record: CapturedTrace): CapturedTrace => ({ ...record, status: 'RUNNING', endedAt: undefined });
const none = {
  created: 0,
  delivered: 0,
  failed: 0,
  pending: 0,
  dropped: 0,
  droppedByReason: {},
  pendingBytes: 0,
  repaired: 0,
};

describe('Delivery .update()', () => {
  for (const worker of ['inline', 'thread'] as const) {
    it(`sends a trace before its end, and counts nothing (${worker})`, async () => {
      await using receiver = await startReceiver();
      const { delivery } = startDelivery(receiver.url, { worker });
      const trace = traceRecord({ spans: [spanRecord()] });
      const outcomes: string[] = [];
      delivery.update(soFar(trace), (outcome) => outcomes.push(outcome));
      await receiver.until(() => receiver.traces.length === 1);
      expect(receiver.trace('T')).to.include({ status: 'RUNNING' }).and.not.have.property('ended_at');
      await until(() => {
        delivery.settleUpdates();
        return outcomes.length === 1;
      });
      expect(outcomes).to.eql(['stored']);
      expect(delivery.stats()).to.eql(none);

      delivery.trace(trace);
      expect(await delivery.flush()).to.eql({ ok: true, delivered: 1, dropped: 0, failed: 0, pending: 0 });
      expect(receiver.trace('T')).to.include({ status: 'COMPLETED' });
      await delivery.shutdown();
    });
  }

  it('does not let a flush wait for an open trace', async () => {
    await using receiver = await startReceiver({ behave: () => 'hang' });
    const { delivery } = startDelivery(receiver.url);
    delivery.update(soFar(traceRecord()), () => {});
    await receiver.until(() => receiver.requests.length === 1);
    expect(await delivery.flush({ timeoutMs: 60_000 })).to.include({ ok: true, pending: 0 });
    expect(await delivery.shutdown({ timeoutMs: 0 })).to.include({ ok: true, dropped: 0 });
  });

  it('loses nothing of a trace when the backend refuses its update', async () => {
    await using receiver = await startReceiver({
      behave: ({ body }) =>
        (body as { status?: string }).status === 'RUNNING'
          ? { delayMs: 30, next: { status: 409, body: { detail: 'no' } } }
          : 'accept',
    });
    const { delivery, lines, losses } = startDelivery(receiver.url);
    const trace = traceRecord();
    const outcomes: string[] = [];
    delivery.update(soFar(trace), (outcome) => outcomes.push(outcome));
    await receiver.until(() => receiver.requests.length === 1);
    delivery.trace(trace);
    delivery.score(scoreRecord(trace.traceId));
    expect(await delivery.shutdown()).to.eql({ ok: true, delivered: 2, dropped: 0, failed: 0, pending: 0 });
    expect(outcomes).to.eql(['refused']);
    expect(losses).to.eql([]);
    expect(lines.filter((line) => !line.includes('debug'))).to.eql([]);
  });

  it('keeps the scores and late spans of an open trace whose end is refused', async () => {
    await using receiver = await startReceiver({
      behave: ({ body }) =>
        (body as { status?: string } | undefined)?.status === 'COMPLETED'
          ? { status: 409, body: { detail: 'no' } }
          : 'accept',
    });
    const { delivery, losses } = startDelivery(receiver.url);
    const trace = traceRecord({ spans: [] });
    delivery.update(soFar(trace), () => {});
    await receiver.until(() => receiver.traces.length === 1);
    delivery.trace(trace);
    delivery.score(scoreRecord(trace.traceId));
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
    expect(await delivery.flush()).to.include({ delivered: 2, failed: 1, dropped: 0 });
    delivery.score(scoreRecord(trace.traceId));
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({}, 1)));
    expect(await delivery.shutdown()).to.include({ delivered: 4, failed: 1, dropped: 0 });
    expect(receiver.trace('T').spans).to.have.length(2);
    expect(receiver.requests.filter(({ method }) => method === 'GET')).to.have.length(0);
    expect(losses).to.have.length(1);
  });

  for (const refused of [0, 1] as const) {
    it(`loses nothing else with part ${refused} of an open trace that the backend refuses`, async () => {
      let parts = 0;
      await using receiver = await startReceiver({
        behave({ body }) {
          if ((body as { status?: string } | undefined)?.status !== 'RUNNING') return 'accept';
          parts += 1;
          return parts - 1 === refused ? { status: 409, body: { detail: 'no' } } : 'accept';
        },
      });
      const { delivery } = startDelivery(receiver.url);
      const trace = traceRecord({ spans: [] });
      for (const at of [0, 1]) delivery.part({ ...soFar(trace), spans: [spanRecord({}, at)] });
      delivery.trace({ ...trace, spans: [spanRecord({}, 2)] });
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.flush()).to.include({ delivered: 3, failed: 1, dropped: 0 });
      delivery.score(scoreRecord(trace.traceId));
      delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({}, 3)));
      expect(await delivery.shutdown()).to.include({ delivered: 5, failed: 1, dropped: 0 });
      expect(receiver.trace('T')).to.include({ status: 'COMPLETED' });
      expect(receiver.trace('T').spans).to.have.length(3);
    });
  }

  it('does not take a refused part for the end of its trace, for which late spans wait', async () => {
    await using receiver = await startReceiver({
      behave({ body }) {
        const { status } = (body ?? {}) as { status?: string };
        if (status === 'RUNNING') return { status: 409, body: { detail: 'no' } };
        return status === 'COMPLETED' ? { delayMs: 200, next: 'accept' } : 'accept';
      },
    });
    const { delivery, losses } = startDelivery(receiver.url);
    const trace = traceRecord({ spans: [] });
    delivery.part(soFar(trace));
    delivery.trace(trace);
    void delivery.flush();
    await until(() => losses.length === 1);
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
    expect(await delivery.shutdown()).to.include({ delivered: 2, failed: 1, dropped: 0 });
    expect(receiver.requests.map(({ method }) => method)).to.deep.equal(['POST', 'POST', 'GET', 'POST']);
  });

  for (const fate of ['refused', 'dropped'] as const) {
    it(`keeps the scores of an open trace whose first part is ${fate}`, async () => {
      await using receiver = await startReceiver({
        behave: ({ body }) =>
          (body as { status?: string } | undefined)?.status === 'RUNNING'
            ? { status: 409, body: { detail: 'no' } }
            : 'accept',
      });
      const { delivery, losses } = startDelivery(receiver.url, { maxQueueBytes: 20_000 });
      const trace = traceRecord({ spans: [] });
      delivery.part({ ...soFar(trace), spans: [spanRecord({ output: json('x'.repeat(9000)) })] });
      if (fate === 'dropped') delivery.trace(traceRecord({ name: 'other', output: json('x'.repeat(18_000)) }));
      await delivery.flush();
      expect(losses).to.have.length(1);
      delivery.score(scoreRecord(trace.traceId));
      delivery.trace(trace);
      expect(await delivery.shutdown()).to.include({ delivered: fate === 'dropped' ? 3 : 2 });
      expect(receiver.trace('T')).to.include({ status: 'COMPLETED' });
    });
  }

  it('does not let a trace wait for an update whose trace is not stored', async () => {
    await using receiver = await startReceiver();
    const { delivery } = startDelivery(receiver.url);
    const trace = traceRecord({ spans: [spanRecord()] });
    delivery.update(lateSpansRecord(trace.traceId, spanRecord()), () => {});
    await receiver.until(() => receiver.requests.some(({ status }) => status === 404));
    delivery.trace(trace);
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 1 });
  });

  it('sends the late spans of a trace that was sent open when its end is stored', async () => {
    await using receiver = await startReceiver({ storeAfterMs: 150 });
    const { delivery } = startDelivery(receiver.url);
    const open = spanRecord({ status: 'UNSET' });
    const trace = traceRecord({ spans: [open] });
    const outcomes: string[] = [];
    delivery.update(soFar(trace), (outcome) => outcomes.push(outcome));
    await receiver.until(() => receiver.traces.length === 1);
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, { ...open, status: 'OK' }));
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 2 });
    expect(receiver.trace('T')).to.include({ status: 'COMPLETED' });
    expect(receiver.trace('T').spans[0]).to.include({ status: 'OK' });
  });

  it('does not send late spans before the end of their trace, even if not even its beginning is stored', async () => {
    let lookups = 0;
    await using receiver = await startReceiver({
      behave({ method }) {
        if (method !== 'GET') return undefined;
        lookups += 1;
        return lookups === 1 ? { status: 404, body: { detail: 'Trace not found' } } : undefined;
      },
    });
    const { delivery } = startDelivery(receiver.url);
    const trace = traceRecord({ spans: [] });
    delivery.update(soFar(trace), () => {});
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 2 });
    expect(receiver.requests.map(({ method }) => method)).to.deep.equal(['POST', 'GET', 'GET', 'POST']);
  });

  it('leaves an update out after the end of delivery, and says so', async () => {
    await using receiver = await startReceiver();
    const { delivery } = startDelivery(receiver.url);
    await delivery.shutdown();
    const outcomes: string[] = [];
    delivery.update(soFar(traceRecord()), (outcome) => outcomes.push(outcome));
    expect(outcomes).to.deep.equal(['left out']);
  });

  it('waits for the end of a trace even if the answer to the lookup is too large to be read whole', async () => {
    await using receiver = await startReceiver({ storeAfterMs: 150 });
    const { delivery } = startDelivery(receiver.url);
    const open = spanRecord({ status: 'UNSET' });
    const large = Array.from({ length: 3 }, (_, at) => spanRecord({ input: json('x'.repeat(500_000)) }, at));
    const trace = traceRecord({ spans: [open, ...large] });
    delivery.update(soFar(trace), () => {});
    await receiver.until(() => receiver.traces.length === 1);
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, { ...open, status: 'OK' }));
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 2 });
    await receiver.until(() => receiver.trace('T').status === 'COMPLETED');
    expect(receiver.trace('T').spans.find(({ span_id }) => span_id === open.spanId)).to.include({ status: 'OK' });
  });

  it('leaves an update out if there is no room for it, instead of dropping a trace', async () => {
    await using receiver = await startReceiver({ behave: () => 'hang' });
    const { delivery } = startDelivery(receiver.url, { maxQueueSize: 2, flushIntervalMs: 60_000, batchSize: 1000 });
    const outcomes: string[] = [];
    const note = (outcome: string) => outcomes.push(outcome);
    delivery.update(soFar(traceRecord()), note);
    delivery.trace(traceRecord());
    delivery.trace(traceRecord());
    delivery.update(soFar(traceRecord()), note);
    expect(outcomes).to.eql(['left out', 'left out']);
    expect(delivery.stats()).to.include({ created: 2, pending: 2 });
    await delivery.shutdown({ timeoutMs: 0 });
  });
});
