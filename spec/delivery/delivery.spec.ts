import { expect } from 'chai';
import {
  chainOf,
  json,
  lateSpansRecord,
  scoreRecord,
  spanRecord,
  startDelivery,
  traceRecord,
} from '../support/delivery.js';
import { startReceiver, treeOf } from '../support/receiver.js';

for (const worker of ['thread', 'inline'] as const) {
  describe(`Delivery, ${worker}`, () => {
    it('delivers a trace, its late spans and its scores in this order', async () => {
      await using receiver = await startReceiver({ storeAfterMs: 30 });
      const { delivery, losses } = startDelivery(receiver.url, { worker });
      const trace = traceRecord({ spans: chainOf(3), input: json({ a: 1 }) });
      delivery.score(scoreRecord(trace.traceId));
      delivery.trace(trace);
      delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord({ name: 'late' }, 9)));
      const result = await delivery.flush();
      expect(result).to.deep.equal({ ok: true, delivered: 3, dropped: 0, failed: 0, pending: 0 });
      expect(treeOf(receiver.trace('T'))).to.equal('T(s0(s1(s2)), late)');
      expect(receiver.trace('T').scores).to.have.length(1);
      expect(losses).to.deep.equal([]);
      await delivery.shutdown();
    });
  });
}
