import { expect } from 'chai';
import {
  chainOf,
  json,
  lateSpansRecord,
  scoreRecord,
  spanRecord,
  startDelivery,
  traceRecord,
} from '../../support/delivery.js';
import { rateLimited, startReceiver, treeOf } from '../../support/receiver.js';

describe('Delivery', () => {
  describe('against a rate limit', () => {
    it('P4 delivers 1,000 traces at 100 a window, in order per trace, with at most 10 % more requests', async () => {
      await using receiver = await startReceiver({ behave: rateLimited(100, 400) });
      const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 20, maxBackOffMs: 200 } });
      for (let i = 0; i < 1000; i += 1) {
        const trace = traceRecord();
        delivery.trace(trace);
        if (i % 10 === 0) delivery.score(scoreRecord(trace.traceId));
      }
      expect(await delivery.flush()).to.include({ ok: true, delivered: 1100 });
      expect(receiver.traces).to.have.length(1000);
      expect(receiver.count('POST /traces')).to.be.at.most(1100);
      expect(receiver.count('POST /evaluations/trace-scores'), 'none before its trace').to.equal(100);
      await delivery.shutdown();
    });
    it('P4 makes not one request inside Retry-After', async () => {
      await using receiver = await startReceiver({ behave: rateLimited(20, 1000, { retryAfter: true }) });
      const { delivery } = startDelivery(receiver.url);
      for (let i = 0; i < 50; i += 1) delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: true, delivered: 50 });
      const limited = receiver.requests.filter((request) => request.status === 429);
      // Those of the same moment were under way on the other sockets; the rest of the second is silent.
      for (const { at } of limited) {
        const inside = receiver.requests.filter(
          (other) => other.at > at && other.at < at + 1000 && other.status !== 429,
        );
        expect(inside).to.deep.equal([]);
      }
      expect(limited.length).to.be.at.most(2 * 4);
      await delivery.shutdown();
    });
  });

  describe('with a connection that is cut', () => {
    for (const behaviour of ['cut', 'cut-after'] as const) {
      it(`P8 leaves one trace, one span, one score (${behaviour})`, async () => {
        const cut = new Map<string, number>();
        await using receiver = await startReceiver({
          behave({ call }) {
            const times = cut.get(call) ?? 0;
            cut.set(call, times + 1);
            return times < 1 ? behaviour : undefined;
          },
        });
        const { delivery } = startDelivery(receiver.url);
        const trace = traceRecord({ spans: chainOf(1) });
        delivery.trace(trace);
        delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' }, 5)));
        delivery.score(scoreRecord(trace.traceId));
        expect(await delivery.flush()).to.include({ ok: true, delivered: 3 });
        expect(receiver.traces).to.have.length(1);
        expect(treeOf(receiver.trace('T'))).to.equal('T(s0, late)');
        expect(receiver.trace('T').scores).to.have.length(1);
        await delivery.shutdown();
      });
    }
    it('P8 looks for a score again if the lookup fails', async () => {
      let looks = 0;
      let posts = 0;
      await using receiver = await startReceiver({
        behave({ call }) {
          if (call === 'POST /evaluations/trace-scores') return ++posts === 1 ? 'cut-after' : undefined;
          return call.startsWith('GET') && ++looks === 1 ? { status: 500 } : undefined;
        },
      });
      const { delivery } = startDelivery(receiver.url);
      const trace = traceRecord();
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.flush()).to.include({ ok: true, delivered: 2 });
      expect(looks).to.equal(2);
      expect(posts).to.equal(1);
      await delivery.shutdown();
    });
    it('P8 does not send a score again if it cannot find out whether it is stored', async () => {
      await using receiver = await startReceiver({
        behave({ call }) {
          if (call === 'POST /evaluations/trace-scores') return 'cut-after';
          return call.startsWith('GET') ? { status: 400 } : undefined;
        },
      });
      const { delivery, losses } = startDelivery(receiver.url);
      const trace = traceRecord();
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.flush()).to.include({ ok: false, delivered: 1, failed: 1 });
      expect(receiver.count('POST /evaluations/trace-scores')).to.equal(1);
      expect(losses[0]?.message).to.include('not sent twice');
      await delivery.shutdown();
    });
  });

  describe('with a backend that is down', () => {
    it('P5 keeps the newest within the bounds, counts the drops, says one line, and delivers when it is back', async () => {
      await using receiver = await startReceiver();
      const { delivery, lines } = startDelivery(receiver.url, { maxQueueSize: 100, batchSize: 10 });
      delivery.trace(traceRecord({ name: 't999' }));
      await delivery.flush();
      await receiver.refuse();
      for (let i = 0; i < 1000; i += 1) {
        delivery.trace(traceRecord({ name: `t${i}` }));
        if (i % 50 === 0) await delivery.flush({ timeoutMs: 5 });
        const { created, delivered, failed, pending, droppedByReason } = delivery.stats();
        expect(pending).to.be.at.most(100);
        expect(created).to.equal(delivered + failed + pending + (droppedByReason.queue_full ?? 0));
      }
      const loud = lines.filter((line) => !line.includes('debug'));
      expect(loud.length, loud.join('\n')).to.be.at.most(2);
      await receiver.listen();
      await delivery.flush();
      expect(delivery.stats()).to.deep.include({
        delivered: 101,
        failed: 0,
        pending: 0,
        droppedByReason: { queue_full: 900 },
      });
      expect(
        receiver.traces
          .map((trace) => Number(trace.name.slice(1)))
          .sort((a, b) => a - b)
          .at(1),
      ).to.be.at.least(900);
      await delivery.shutdown();
    });
    it('P5 stays within maxQueueBytes', async () => {
      await using receiver = await startReceiver({ behave: () => 'hang' });
      const { delivery } = startDelivery(receiver.url, { maxQueueBytes: 1_000_000 });
      for (let i = 0; i < 300; i += 1) {
        delivery.trace(traceRecord({ input: json('x'.repeat(50_000)) }));
        expect(delivery.stats().pendingBytes).to.be.at.most(1_000_000);
        if (i === 100) await delivery.flush({ timeoutMs: 50 });
      }
      delivery.trace(traceRecord({ input: json('x'.repeat(2_000_000)) }));
      expect(delivery.stats().droppedByReason).to.have.keys('queue_bytes', 'too_large');
      await delivery.shutdown({ timeoutMs: 0 });
    });
    it('goes on with one probe, then with all, after 503', async () => {
      let isDown = true;
      await using receiver = await startReceiver({ behave: () => (isDown ? { status: 503 } : undefined) });
      const { delivery } = startDelivery(receiver.url, { timing: { backOffMs: 50, maxBackOffMs: 50 } });
      for (let i = 0; i < 30; i += 1) delivery.trace(traceRecord());
      await receiver.until(() => receiver.requests.length >= 8);
      isDown = false;
      expect(await delivery.flush()).to.include({ ok: true, delivered: 30 });
      await delivery.shutdown();
    });
  });

  describe('with a score that was under way when its trace ended', () => {
    for (const isRefused of [true, false]) {
      it(`P4 sends the trace before it tries the score again (${isRefused ? 'refused by a limit' : 'not stored'})`, async () => {
        const trace = traceRecord();
        let isFirst = true;
        await using receiver = await startReceiver({
          behave() {
            if (!isFirst) return 'accept';
            isFirst = false;
            delivery.trace(trace);
            return isRefused ? { status: 429, headers: { 'Retry-After': '1' } } : 'accept';
          },
        });
        const { delivery } = startDelivery(receiver.url, { timing: { maxAbsentTotalMs: 100 } });
        delivery.score(scoreRecord(trace.traceId));
        const score = delivery.flush();
        await receiver.until(() => receiver.requests.length === 1);
        expect(await delivery.flush()).to.include({ ok: true });
        expect(await score).to.include({ ok: true });
        expect(receiver.requests.map(({ call }) => call)).to.deep.equal([
          'POST /evaluations/trace-scores',
          'POST /traces',
          'POST /evaluations/trace-scores',
        ]);
        await delivery.shutdown();
      });
    }
  });

  describe('with a key that is refused', () => {
    it('stops, says so once, keeps what it has, and goes on when the key is accepted', async () => {
      let isRefused = true;
      await using receiver = await startReceiver({
        behave: () => (isRefused ? { status: 401, body: { detail: 'Invalid API key' } } : undefined),
      });
      const { delivery, lines, losses } = startDelivery(receiver.url, { timing: { blockedProbeMs: 30 } });
      for (let i = 0; i < 50; i += 1) delivery.trace(traceRecord());
      await receiver.until(() => receiver.requests.length >= 8);
      expect(delivery.stats()).to.include({ pending: 50 });
      expect(lines.filter((line) => line.includes('refused the API key'))).to.have.length(1);
      expect(losses.map((error) => [error.status, error.items])).to.deep.equal([[401, 0]]);
      isRefused = false;
      await receiver.until(() => receiver.traces.length === 50);
      await delivery.shutdown();
    });
    it('treats an endpoint that is no backend in the same way', async () => {
      await using receiver = await startReceiver({ behave: () => ({ status: 404 }) });
      const { delivery, lines } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      void delivery.flush();
      await receiver.until(() => receiver.requests.length === 2);
      expect(delivery.stats()).to.include({ pending: 1 });
      expect(lines.join()).to.include('check endpoint');
      await delivery.shutdown({ timeoutMs: 0 });
    });
  });
});
