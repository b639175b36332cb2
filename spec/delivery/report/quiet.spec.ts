import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { createLog } from '../../../lib/common/log.js';
import { startDelivery, testKey, traceRecord } from '../../support/delivery.js';
import { fakeTime } from '../../support/fake-time.js';
import { startReceiver } from '../../support/receiver.js';

describe('Delivery', () => {
  describe('with a backend that is down for an hour', () => {
    for (const fault of ['refuses', 'answers 503', 'cuts'] as const) {
      it(`P16 prints at most one line a minute while the queue overflows, and no key (it ${fault})`, async () => {
        await using receiver = await startReceiver({
          behave: () => (fault === 'cuts' ? 'cut' : { status: 503, body: { detail: `bad ${testKey}` } }),
        });
        if (fault === 'refuses') await receiver.refuse();
        const clock = fakeTime('setTimeout', 'clearTimeout', 'Date', 'performance');
        try {
          const lines: string[] = [];
          const log = createLog({ debug: false, write: (line) => lines.push(line) });
          const { delivery } = startDelivery(receiver.url, {
            log,
            maxQueueSize: 50,
            flushIntervalMs: 1000,
            timing: { backOffMs: 1000, maxBackOffMs: 30_000, minFlushRetryMs: 1000 },
          });
          delivery.trace(traceRecord());
          for (let i = 0; i < 200; i += 1) await turn(); // the sender loads
          for (let second = 0; second < 3600; second += 4) {
            delivery.trace(traceRecord());
            clock.tick(4000);
            for (let i = 0; i < 8; i += 1) await turn();
          }
          expect(delivery.stats().pending).to.equal(50);
          expect(lines.length, lines.slice(0, 5).join('\n')).to.be.within(2, 61);
          expect(lines.at(-1)).to.match(/\(and \d+ more like it\)$/);
          expect(lines.join('\n')).to.not.include(testKey);
          const closed = delivery.shutdown({ timeoutMs: 1 });
          clock.tick(10);
          await closed;
        } finally {
          clock.restore();
        }
      });
    }
  });
});
