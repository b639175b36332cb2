import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import fc from 'fast-check';
import { maxInFlight } from '../../../lib/delivery/wire/messages.js';
import { AckRing } from '../../../lib/delivery/worker/ack-ring.js';
import { scoreRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { type Receiver, startReceiver } from '../../support/receiver.js';

/** Both ends of the same memory. */
function bothEnds(): { application: AckRing; sender: AckRing } {
  const application = new AckRing();
  return { application, sender: new AckRing(application.memory) };
}

describe('What is delivered', () => {
  it('reaches the application once and in order, as many times as the ring goes round', () => {
    const steps = fc.array(fc.tuple(fc.nat(maxInFlight), fc.nat(maxInFlight)), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(steps, (program) => {
        const { application, sender } = bothEnds();
        const got: number[] = [];
        let given = 0;
        for (const [give, leave] of program) {
          const room = maxInFlight - (given - got.length);
          sender.write(Array.from({ length: Math.min(give, room) }, () => 2 ** 40 + given++));
          got.push(...application.take(sender.count - Math.min(leave, given - got.length)));
        }
        got.push(...application.take());
        expect(got).to.deep.equal(Array.from({ length: given }, (_, n) => 2 ** 40 + n));
      }),
    );
  });

  it('is not collected again with an older report', () => {
    const { application, sender } = bothEnds();
    sender.write([1, 2]);
    const { count } = sender;
    sender.write([3]);
    expect(application.take()).to.deep.equal([1, 2, 3]);
    expect(application.take(count)).to.deep.equal([]);
    sender.write([4]);
    expect(application.take()).to.deep.equal([4]);
  });

  it('is reported to a thread that begins to wait later', () => {
    const { application, sender } = bothEnds();
    expect(application.requestNotifications(true)).to.equal(false);
    expect(sender.isRequested).to.equal(true);
    application.requestNotifications(false);
    sender.write([1]);
    expect(sender.isRequested).to.equal(false);
    expect(application.requestNotifications(true)).to.equal(true);
  });

  it('wakes a sleeping thread, also when the worker ends', () => {
    const { application, sender } = bothEnds();
    const { sequence } = application;
    expect(application.sleep(sequence, 1)).to.equal(false);
    sender.notify();
    expect(application.sleep(sequence, 60_000)).to.equal(true);
    sender.close();
    expect(application.isClosed).to.equal(true);
    expect(application.sequence).to.equal(sequence + 2);
  });
});

describe('Delivery by a thread', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(() => receiver.close());

  it('sends a score as soon as its trace, which was in flight, is delivered', async () => {
    const isUnderWay = new Promise<void>((resolve) => {
      receiver.behave = () => {
        resolve();
        return { delayMs: 100 };
      };
    });
    const { delivery } = startDelivery(receiver.url, { worker: 'thread', batchSize: 1 });
    const trace = traceRecord();
    delivery.trace(trace);
    await isUnderWay;
    delivery.score(scoreRecord(trace.traceId));
    await receiver.until(() => receiver.traces[0]?.scores.length === 1);
    await delivery.shutdown();
  });

  it('drops nothing if unread acknowledgements give room', async () => {
    const { delivery } = startDelivery(receiver.url, { worker: 'thread', batchSize: 1, maxQueueSize: 10 });
    for (let round = 1; round <= 3; round += 1) {
      for (let i = 0; i < 10; i += 1) delivery.trace(traceRecord());
      await receiver.until(() => receiver.traces.length === round * 10);
      await sleep(300); // until the sender has the last answer
    }
    expect(await delivery.shutdown()).to.include({ ok: true, delivered: 30, dropped: 0 });
  });

  it('settles everything while the backend fails now and then, and nobody waits', async () => {
    const seen = new Set<string>();
    receiver.behave = ({ index, body }) => {
      const item = JSON.stringify(body);
      const isFirst = !seen.has(item);
      seen.add(item); // five faults, and an item would be given up
      if (isFirst && index % 5 === 3) return { status: 500 };
      if (isFirst && index % 7 === 5) return 'cut';
      return index % 5 === 2 ? { delayMs: 10 } : undefined;
    };
    const { delivery } = startDelivery(receiver.url, { worker: 'thread', flushIntervalMs: 50 });
    for (let i = 0; i < 300; i += 1) {
      const trace = traceRecord();
      delivery.trace(trace);
      if (i % 3 === 0) delivery.score(scoreRecord(trace.traceId));
      if (i % 30 === 0) await sleep(20);
    }
    await receiver.until(
      () => receiver.traces.length === 300 && receiver.count('POST /evaluations/trace-scores') >= 100,
    );
    const until = performance.now() + 20_000;
    while (delivery.stats().pending > 0 && performance.now() < until) await sleep(5);
    expect(delivery.stats()).to.deep.include({
      created: 400,
      delivered: 400,
      pending: 0,
      pendingBytes: 0,
      droppedByReason: {},
    });
    expect(receiver.traces.reduce((sum, { scores }) => sum + scores.length, 0)).to.equal(100);
    await delivery.shutdown();
  });
});
