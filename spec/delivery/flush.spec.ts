import { expect } from 'chai';
import fc from 'fast-check';
import { scoreRecord, startDelivery, traceRecord } from '../support/delivery.js';
import { type Behave, startReceiver, unprocessable } from '../support/receiver.js';

/** The result, if it comes before a timer that is set now: a busy machine delays both. */
async function inTime<T>(result: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not settled after ${ms} ms`)), ms);
  });
  return Promise.race([result, late]).finally(() => clearTimeout(timer));
}

describe('Delivery', () => {
  describe('.flush()', () => {
    it('P2 tells the truth under random interleavings of recording, sends and overlapping flushes', async function () {
      this.timeout(60_000);
      await using receiver = await startReceiver();
      const step = fc.constantFrom('trace', 'trace', 'score', 'refused', 'flush', 'turn', 'wait');
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 40 }),
          fc.integer({ min: 1, max: 12 }),
          async (program, batchSize) => {
            const refused = new Set<unknown>();
            const name = `run ${Math.random()}`;
            receiver.behave = (request) => {
              const body = request.body as { trace_id: string };
              return refused.has(body.trace_id) ? { status: 409, body: { detail: 'conflict' } } : undefined;
            };
            const { delivery } = startDelivery(receiver.url, { batchSize, flushIntervalMs: 1, worker: 'inline' });
            const recorded: string[] = [];
            const flushes: Promise<void>[] = [];
            const stored = () =>
              new Set(receiver.traces.filter((trace) => trace.name === name).map((trace) => trace.trace_id));
            for (const action of program) {
              const trace = traceRecord({ name });
              if (action === 'trace' || action === 'refused') {
                if (action === 'refused') refused.add(trace.traceId);
                recorded.push(trace.traceId);
                delivery.trace(trace);
              } else if (action === 'score' && recorded.length > 0) {
                delivery.score(scoreRecord(recorded.at(-1) ?? '', { name: 'flush' }));
              } else if (action === 'flush') {
                const before = [...recorded];
                const items = delivery.stats().created;
                flushes.push(
                  delivery.flush().then((result) => {
                    const isAllThere = before.every((id) => stored().has(id));
                    expect(result.ok).to.equal(isAllThere && !before.some((id) => refused.has(id)));
                    const settled = result.delivered + result.failed + result.dropped;
                    expect(settled).to.be.at.least(items);
                    expect(settled + result.pending).to.equal(delivery.stats().created);
                  }),
                );
              } else if (action === 'turn') await new Promise((resolve) => setImmediate(resolve));
              else if (action === 'wait') await new Promise((resolve) => setTimeout(resolve, 2));
              const { created, delivered, failed, pending, droppedByReason } = delivery.stats();
              const lost = Object.values(droppedByReason).reduce((sum, count) => sum + count, 0);
              expect(created).to.equal(delivered + failed + pending + lost);
            }
            await Promise.all(flushes);
            const end = await delivery.shutdown();
            expect(end.pending).to.equal(0);
            const isLossFree = !recorded.some((id) => refused.has(id));
            expect(end.ok).to.equal(isLossFree);
          },
        ),
        { numRuns: 60 },
      );
    });

    it('P2 gives exact counts when an item is refused', async () => {
      await using receiver = await startReceiver({
        behave: ({ body }) =>
          (body as { name: string }).name === 'bad' ? unprocessable('body -> nowhere') : undefined,
      });
      const { delivery, losses } = startDelivery(receiver.url);
      for (const name of ['a', 'bad', 'b']) delivery.trace(traceRecord({ name }));
      expect(await delivery.flush()).to.deep.equal({ ok: false, delivered: 2, dropped: 0, failed: 1, pending: 0 });
      expect(losses).to.have.length(1);
      expect(losses[0]).to.include({ status: 422, attempts: 1, items: 1 });
      await delivery.shutdown();
    });

    it('resolves at once when nothing was recorded, and starts no worker', async () => {
      const { delivery } = startDelivery('http://127.0.0.1:9');
      expect(await delivery.flush()).to.deep.equal({ ok: true, delivered: 0, dropped: 0, failed: 0, pending: 0 });
      delivery.exit(1000);
    });

    const stuck: Record<string, Behave | undefined> = {
      'a refused port': undefined,
      'a socket that accepts and never answers': () => 'hang',
      'a body that drips': () => 'drip',
      'an error whose body drips': () => ({ status: 503, drip: true }),
      'endless 503': () => ({ status: 503, body: { detail: 'down' } }),
      'a cut connection': () => 'cut',
      'endless 429': () => ({ status: 429 }),
      'a long Retry-After': () => ({ status: 429, headers: { 'Retry-After': '3600' } }),
      'a refused key': () => ({ status: 401, body: { detail: 'Invalid API key' } }),
    };
    for (const worker of ['thread', 'inline'] as const) {
      for (const [name, behave] of Object.entries(stuck)) {
        it(`P3 settles in time against ${name}, ${worker}`, async () => {
          await using receiver = await startReceiver();
          const { delivery } = startDelivery(receiver.url, { worker });
          delivery.trace(traceRecord());
          expect(await delivery.flush()).to.include({ ok: true }); // the sender is up
          if (behave === undefined) await receiver.refuse();
          else receiver.behave = behave;
          for (let i = 0; i < 3; i += 1) delivery.trace(traceRecord());
          const flushed = await inTime(delivery.flush({ timeoutMs: 400 }), 400 + 100);
          if (name !== 'a body that drips') expect(flushed).to.include({ ok: false, delivered: 1, pending: 3 });
          const closed = await inTime(delivery.shutdown({ timeoutMs: 200 }), 200 + 100);
          expect(closed.pending).to.equal(0);
        });
      }

      it(`P3 settles in time for a name that does not resolve, ${worker}`, async () => {
        const { delivery } = startDelivery('http://pandaprobe.invalid', { worker });
        delivery.trace(traceRecord());
        expect(await inTime(delivery.flush({ timeoutMs: 400 }), 400 + 100)).to.include({ ok: false, pending: 1 });
        await delivery.shutdown({ timeoutMs: 0 });
      });
    }

    it('settles at once when nothing can be sent within its time', async () => {
      await using receiver = await startReceiver({
        behave: () => ({ status: 429, headers: { 'Retry-After': '600' } }),
      });
      const { delivery } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      expect(await delivery.flush({ timeoutMs: 20_000 })).to.include({ ok: false, pending: 1 });
      await delivery.shutdown({ timeoutMs: 0 });
    });

    it('does not wait for the interval or the batch', async () => {
      await using receiver = await startReceiver();
      const { delivery } = startDelivery(receiver.url, { batchSize: 1000, flushIntervalMs: 3_600_000 });
      delivery.trace(traceRecord());
      expect(await delivery.flush()).to.include({ ok: true, delivered: 1 });
      await delivery.shutdown();
    });

    it('treats an invalid timeout as zero', async () => {
      await using receiver = await startReceiver({ behave: () => 'hang' });
      const { delivery } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      expect(await delivery.flush({ timeoutMs: -1 })).to.include({ ok: false, pending: 1 });
      expect(await delivery.flush({ timeoutMs: Number.NaN })).to.include({ ok: false, pending: 1 });
      await delivery.shutdown({ timeoutMs: 0 });
    });
  });

  describe('sends by itself', () => {
    it('when batchSize items were recorded', async () => {
      await using receiver = await startReceiver();
      const { delivery } = startDelivery(receiver.url, { batchSize: 3, flushIntervalMs: 3_600_000 });
      for (let i = 0; i < 3; i += 1) delivery.trace(traceRecord());
      await receiver.until(() => receiver.traces.length === 3);
      await delivery.shutdown();
    });
    it('when flushIntervalMs is over', async () => {
      await using receiver = await startReceiver();
      const { delivery } = startDelivery(receiver.url, { batchSize: 1000, flushIntervalMs: 20 });
      delivery.trace(traceRecord());
      await receiver.until(() => receiver.traces.length === 1);
      await delivery.shutdown();
    });
  });

  describe('.shutdown()', () => {
    it('delivers, then drops and counts later records', async () => {
      await using receiver = await startReceiver();
      const { delivery } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 1 });
      delivery.trace(traceRecord());
      delivery.score(scoreRecord(traceRecord().traceId));
      expect(delivery.stats()).to.deep.include({
        created: 3,
        delivered: 1,
        pending: 0,
        droppedByReason: { shutdown: 2 },
      });
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 1 });
      expect(await delivery.flush()).to.include({ ok: false, dropped: 2 });
    });
    it('takes what is recorded while it delivers', async () => {
      await using receiver = await startReceiver({ behave: () => ({ delayMs: 30 }) });
      const { delivery } = startDelivery(receiver.url);
      delivery.trace(traceRecord());
      const closed = delivery.shutdown();
      delivery.trace(traceRecord());
      expect(await closed).to.include({ ok: true, delivered: 2 });
    });
    it('drops and counts what it could not deliver, with one line', async () => {
      await using receiver = await startReceiver({ behave: () => 'hang' });
      const { delivery, lines } = startDelivery(receiver.url);
      for (let i = 0; i < 3; i += 1) delivery.trace(traceRecord());
      expect(await delivery.shutdown({ timeoutMs: 50 })).to.include({ ok: false, dropped: 3, pending: 0 });
      expect(delivery.stats()).to.deep.include({ droppedByReason: { shutdown: 3 }, pendingBytes: 0 });
      expect(lines.filter((line) => line.includes('error'))).to.have.length(1);
    });
  });
});
