import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { lateSpansRecord, scoreRecord, spanRecord, startDelivery, traceRecord } from '../../support/delivery.js';
import { type Behave, startReceiver } from '../../support/receiver.js';

const text = "You've reached the traces limit of your plan (100 a month)";
const usedUp: Behave = ({ call }) => (call === 'POST /traces' ? { status: 429, body: { detail: text } } : undefined);
const loud = (lines: readonly string[]) => lines.filter((line) => !line.includes('debug:'));

describe('Delivery', () => {
  describe('with a quota that is used up', () => {
    it('P33 logs it once, with the text of the backend and advice, and does not try again', async () => {
      await using receiver = await startReceiver({ behave: usedUp });
      const { delivery, lines, losses } = startDelivery(receiver.url);
      for (let i = 0; i < 30; i += 1) delivery.trace(traceRecord());
      for (let i = 0; i < 5; i += 1) expect(await delivery.flush()).to.include({ ok: false, pending: 30 });
      expect(receiver.requests, 'those that were under way together').to.have.length.at.most(4);
      expect(loud(lines)).to.have.length(1);
      expect(lines.join())
        .to.include(text)
        .and.include(new URL(receiver.url).host)
        .and.match(/quota is used up: raise it/);
      expect(losses).to.have.length(1);
      expect(losses[0]).to.include({ status: 429, items: 0 });
      await delivery.shutdown({ timeoutMs: 0 });
    });

    it('counts what is left at the end as `quota`, and says why', async () => {
      await using receiver = await startReceiver({ behave: usedUp });
      const { delivery, lines } = startDelivery(receiver.url);
      const trace = traceRecord();
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      expect(await delivery.shutdown()).to.include({ ok: false, dropped: 2, pending: 0 });
      expect(delivery.stats()).to.deep.include({ created: 2, droppedByReason: { quota: 2 } });
      expect(lines.at(-1)).to.include('2 items could not be delivered').and.include(text);
      expect(receiver.count('POST /traces')).to.equal(1);
    });

    it('still sends scores and late spans of stored traces', async () => {
      await using receiver = await startReceiver();
      const { delivery } = startDelivery(receiver.url);
      const stored = traceRecord();
      delivery.trace(stored);
      expect(await delivery.flush()).to.include({ ok: true });
      receiver.behave = usedUp;
      delivery.trace(traceRecord({ name: 'over the quota' }));
      delivery.lateSpans(lateSpansRecord(stored.traceId, spanRecord({ name: 'late' })));
      delivery.score(scoreRecord(stored.traceId));
      expect(await delivery.flush()).to.include({ ok: false, delivered: 3, pending: 1 });
      expect(receiver.trace('T').spans.map(({ name }) => name)).to.deep.equal(['late']);
      expect(receiver.trace('T').scores).to.have.length(1);
      await delivery.shutdown({ timeoutMs: 0 });
    });

    it('probes from time to time, and delivers everything when there is room again', async () => {
      let isUsedUp = true;
      await using receiver = await startReceiver({ behave: (request) => (isUsedUp ? usedUp(request) : undefined) });
      const { delivery } = startDelivery(receiver.url, { timing: { quotaProbeMs: 30 } });
      for (let i = 0; i < 20; i += 1) delivery.trace(traceRecord());
      await receiver.until(() => receiver.requests.length >= 7); // four together, then one by one
      isUsedUp = false;
      await receiver.until(() => receiver.traces.length === 20);
      expect(await delivery.shutdown()).to.include({ ok: true, delivered: 20 });
    });

    it('keeps the items that the quota holds in the spool', async () => {
      const spoolDir = await mkdtemp(join(tmpdir(), 'quota-'));
      try {
        await using receiver = await startReceiver({ behave: usedUp });
        const { delivery, lines } = startDelivery(receiver.url, { spoolDir });
        for (let i = 0; i < 5; i += 1) delivery.trace(traceRecord());
        expect(await delivery.shutdown({ timeoutMs: 500 })).to.include({ pending: 5, dropped: 0 });
        expect(loud(lines).join('\n')).to.include('5 items are in the spool').and.include(text);
        receiver.behave = () => undefined;
        const next = startDelivery(receiver.url, { spoolDir });
        expect(await next.delivery.flush()).to.include({ ok: true, delivered: 5 });
        await next.delivery.shutdown();
      } finally {
        await rm(spoolDir, { recursive: true, force: true });
      }
    });
  });
});
