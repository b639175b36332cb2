import { expect } from 'chai';
import { lateSpansRecord, scoreRecord, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { sequence } from '../../support/random.js';
import { type Behave, rateLimited, startReceiver, treeOf } from '../../support/receiver.js';

describe('Delivery', () => {
  describe('with limits for each route', () => {
    const limits: Record<string, Behave> = {
      '429 with Retry-After': () => ({ status: 429, headers: { 'Retry-After': '600' } }),
      '429 without': () => ({ status: 429 }),
      '500': () => ({ status: 500 }),
    };
    for (const [name, limit] of Object.entries(limits)) {
      it(`P4 delivers scores and late spans of stored traces while POST /traces answers ${name}`, async () => {
        await using receiver = await startReceiver();
        const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 60_000, maxBackOffMs: 60_000 } });
        const stored = [0, 1, 2].map(() => traceRecord());
        for (const trace of stored) delivery.trace(trace);
        expect(await delivery.flush()).to.include({ ok: true });
        receiver.behave = (request) => (request.call === 'POST /traces' ? limit(request) : undefined);
        for (let i = 0; i < 20; i += 1) delivery.trace(traceRecord({ name: 'held' }));
        await delivery.flush({ timeoutMs: 50 });
        for (const { traceId } of stored) {
          delivery.lateSpans(lateSpansRecord(traceId, spanRecord()));
          delivery.score(scoreRecord(traceId));
        }
        const scores = () => receiver.traces.reduce((sum, trace) => sum + trace.scores.length, 0);
        void delivery.flush({ timeoutMs: 20_000 });
        await receiver.until(() => scores() === 3);
        expect(await delivery.flush({ timeoutMs: 300 })).to.include({ pending: 20, failed: 0 });
        expect(receiver.traces.map(treeOf)).to.deep.equal(['T(s0)', 'T(s0)', 'T(s0)']);
        await delivery.shutdown({ timeoutMs: 0 });
      });
    }

    it('P4 delivers traces while scores are limited', async () => {
      await using receiver = await startReceiver({
        behave: ({ call }) =>
          call === 'POST /traces' ? undefined : { status: 429, headers: { 'Retry-After': '600' } },
      });
      const { delivery } = startDelivery(receiver.url);
      for (let i = 0; i < 10; i += 1) {
        const trace = traceRecord();
        delivery.trace(trace);
        delivery.score(scoreRecord(trace.traceId));
      }
      void delivery.flush({ timeoutMs: 20_000 });
      await receiver.until(() => receiver.traces.length === 10);
      expect(delivery.stats()).to.include({ failed: 0 });
      await delivery.shutdown({ timeoutMs: 0 });
    });

    it('P4 keeps the order of a trace, and to 10 % more requests, with traces limited and scores not', async function () {
      this.timeout(60_000);
      const limit = rateLimited(50, 1500);
      await using receiver = await startReceiver({ behave: limit });
      const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 100, maxBackOffMs: 1000 } });
      for (let i = 0; i < 200; i += 1) {
        const trace = traceRecord();
        delivery.trace(trace);
        delivery.score(scoreRecord(trace.traceId));
      }
      expect(await delivery.flush()).to.include({ ok: true, delivered: 400 });
      expect(receiver.requests.length).to.be.at.most(440);
      await delivery.shutdown();
    });
  });

  describe('while storing lags behind', () => {
    it('P4 loses no late span and no score, and makes few requests in vain', async function () {
      this.timeout(60_000);
      await using receiver = await startReceiver({ storeAfterMs: 3000 });
      const { delivery } = startDelivery(receiver.url);
      const traces = Array.from({ length: 150 }, () => traceRecord());
      for (const trace of traces) {
        delivery.trace(trace);
        delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' })));
        delivery.score(scoreRecord(trace.traceId));
      }
      expect(await delivery.flush()).to.include({ ok: true, delivered: 450, failed: 0 });
      for (const trace of receiver.traces) {
        expect(treeOf(trace)).to.equal('T(late)');
        expect(trace.scores).to.have.length(1);
      }
      // With the short waits of these specs, a look every 50 ms: 60 in the 3 s.
      expect(receiver.requests.length).to.be.at.most(450 + 45 + 60);
      await delivery.shutdown();
    });
  });

  describe('with a connection on which most requests fail', () => {
    for (const fault of ['cut', { status: 500 }] as const) {
      it(`gives up nothing as poison when 60 % of all requests are answered by ${JSON.stringify(fault)} at random`, async function () {
        this.timeout(120_000);
        const chance = sequence(5);
        await using receiver = await startReceiver({ behave: () => (chance() < 0.6 ? fault : undefined) });
        const { delivery } = startDelivery(receiver.url, {
          timing: { backOffMs: 5, maxBackOffMs: 40, minFlushRetryMs: 10 },
        });
        for (let round = 0; round < 10; round += 1) {
          for (let i = 0; i < 40; i += 1) delivery.trace(traceRecord());
          await delivery.flush({ timeoutMs: 200 });
        }
        expect(await delivery.flush({ timeoutMs: 100_000 })).to.include({ ok: true, delivered: 400, failed: 0 });
        await delivery.shutdown();
      });
    }
    it('P6 soon gives up the item that always fails while a fifth of the others fails, too', async function () {
      this.timeout(120_000);
      const chance = sequence(7);
      await using receiver = await startReceiver({
        behave: ({ body }) =>
          (body as { name: string }).name === 'poison' || chance() < 0.2 ? { status: 500 } : undefined,
      });
      const { delivery } = startDelivery(receiver.url, {
        timing: { backOffMs: 5, maxBackOffMs: 40, minFlushRetryMs: 10 },
      });
      delivery.trace(traceRecord({ name: 'poison' }));
      let others = 0;
      for (; delivery.stats().failed === 0 && others < 1000; others += 1) {
        delivery.trace(traceRecord());
        await delivery.flush({ timeoutMs: 20 });
      }
      expect(await delivery.flush()).to.include({ delivered: others, failed: 1, pending: 0 });
      await delivery.shutdown();
    });
  });

  describe('.flush() with time left', () => {
    const faults: Record<string, Behave> = {
      'a 503': () => ({ status: 503 }),
      'a cut connection': () => 'cut',
      'a 429 of an unknown limit': () => ({ status: 429 }),
    };
    for (const [name, fault] of Object.entries(faults)) {
      // After a 429 the next ones go one by one.
      for (const items of name.includes('429') ? [1] : [1, 5]) {
        it(`uses it for a last try: ${items} of ${name}`, async () => {
          await using receiver = await startReceiver();
          const timing = { backOffMs: 150, maxBackOffMs: 60_000, minFlushRetryMs: 100, maxFlushRetryMs: 500 };
          const { delivery } = startDelivery(receiver.url, { timing });
          delivery.trace(traceRecord());
          await delivery.flush(); // the sender is up
          const startedAt = performance.now();
          // Waits of 150, 300, 600 and 1,200 ms: the fifth try would be after the time is up.
          receiver.behave = (request) => (performance.now() - startedAt < 1500 ? fault(request) : undefined);
          for (let i = 0; i < items; i += 1) delivery.trace(traceRecord());
          expect(await delivery.flush({ timeoutMs: 2200 })).to.include({ ok: true, delivered: 1 + items });
          await delivery.shutdown();
        });
      }
    }
    it('makes at most one request in each shortest wait, however many flushes wait', async () => {
      await using receiver = await startReceiver({ behave: () => ({ status: 503 }) });
      const timing = { backOffMs: 60_000, maxBackOffMs: 60_000, minFlushRetryMs: 400, maxFlushRetryMs: 500 };
      const { delivery } = startDelivery(receiver.url, { timing });
      delivery.trace(traceRecord());
      for (let i = 0; i < 40; i += 1) await delivery.flush({ timeoutMs: 25 });
      expect(receiver.requests.length).to.be.at.most(4);
      await delivery.shutdown({ timeoutMs: 0 });
    });
  });
});
