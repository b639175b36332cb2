import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import sinon from 'sinon';
import { SlabStore } from '../../lib/delivery/queue/slab-store.js';
import {
  chainOf,
  json,
  lateSpansRecord,
  scoreRecord,
  spanRecord,
  startDelivery,
  traceRecord,
} from '../support/delivery.js';
import { type Receiver, startReceiver, treeOf } from '../support/receiver.js';
import { type BuiltDelivery, builtDelivery } from './built-delivery.js';

/** Large enough to be put off: from 262,144 units. */
const large = json('x'.repeat(300_000));

describe('Large records', () => {
  let receiver: Receiver;
  beforeEach(async () => {
    receiver = await startReceiver();
  });
  afterEach(async () => {
    sinon.restore();
    await receiver.close();
  });

  it('P29 are written into the queue in a later turn of the event loop, small ones at once', async () => {
    const put = sinon.spy(SlabStore.prototype, 'put');
    const { delivery } = startDelivery(receiver.url, { worker: 'inline' });
    delivery.trace(traceRecord());
    expect(put.callCount).to.equal(1);
    delivery.trace(traceRecord({ input: large }));
    await null;
    expect(put.callCount).to.equal(1);
    await nextTurn();
    expect(put.callCount).to.equal(2);
    await delivery.shutdown();
    expect(receiver.traces).to.have.length(2);
  });

  it('P32 are held back one at a time, however many a call records', async () => {
    const put = sinon.spy(SlabStore.prototype, 'put');
    const { delivery } = startDelivery(receiver.url);
    for (let at = 1; at <= 5; at += 1) {
      delivery.trace(traceRecord({ input: large }));
      expect(put.callCount).to.equal(at - 1);
    }
    await delivery.shutdown();
    expect(receiver.traces).to.have.length(5);
  });

  it('P2 are counted and delivered by a flush in the same turn, with what was recorded after them', async () => {
    const { delivery, losses } = startDelivery(receiver.url);
    const trace = traceRecord({ spans: chainOf(2), input: large });
    delivery.trace(trace);
    delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' }, 9)));
    delivery.score(scoreRecord(trace.traceId));
    expect(delivery.stats()).to.include({ created: 3, pending: 3 });
    expect(delivery.stats().pendingBytes).to.be.greaterThan(300_000);
    expect(await delivery.flush()).to.include({ ok: true, delivered: 3 });
    expect(treeOf(receiver.trace('T'))).to.equal('T(s0(s1), late)');
    expect(losses).to.deep.equal([]);
    await delivery.shutdown();
  });

  it('P2 are counted in the same turn if memory has no room for them', async () => {
    const { delivery } = startDelivery(receiver.url, { maxQueueBytes: 100_000 });
    delivery.trace(traceRecord({ input: large }));
    expect(delivery.stats()).to.include({ created: 1, dropped: 1, pending: 0 });
    await delivery.shutdown();
  });

  describe('at an ending', () => {
    let built: BuiltDelivery;
    before(async () => {
      built = await builtDelivery();
    });
    after(() => built.remove());

    for (const [name, code] of Object.entries({
      'runs off the end': '',
      'calls process.exit()': 'process.exit(0);',
      throws: `throw new Error('boom');`,
    })) {
      it(`P1 are delivered when the process ${name} in the turn that records them`, async () => {
        const record = `
          const delivery = createDelivery(options);
          process.on('exit', () => delivery.exit(5000));
          for (let i = 0; i < 3; i += 1) delivery.trace({ ...trace('t' + i), input: JSON.stringify('x'.repeat(300_000)) });`;
        await built.run(record + code, receiver.url);
        expect(receiver.traces).to.have.length(3);
      });
    }
  });
});
