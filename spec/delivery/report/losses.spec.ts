import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { RecentTraces } from '../../../lib/delivery/report/recent-traces.js';
import { json, scoreRecord, traceRecord } from '../../support/delivery.js';
import {
  type SimulatedAnswer,
  type SimulatedDelivery,
  simulateDelivery,
  stopSimulation,
} from '../../support/simulated-delivery.js';

describe('Losses of a delivery', () => {
  let simulated: SimulatedDelivery;
  afterEach(stopSimulation);
  const record = (count: number) => {
    for (let i = 0; i < count; i += 1) simulated.delivery.trace(traceRecord());
  };
  const told = () => simulated.losses.map(({ items }) => items);
  const sum = () => told().reduce((all, items) => all + items, 0);

  it('are reported at once, then once a second with all drops since, and none is left out', async () => {
    simulated = await simulateDelivery({ maxQueueSize: 5, batchSize: 1000, flushIntervalMs: 3_600_000 });
    const { pass, delivery, settled, timers } = simulated;
    record(6);
    await pass(0);
    expect(told()).to.deep.equal([1]);
    record(10);
    await pass(400);
    record(10);
    await pass(599);
    expect(told()).to.deep.equal([1]);
    await pass(1);
    expect(told()).to.deep.equal([1, 20]);
    await pass(10_000);
    expect(told()).to.deep.equal([1, 20]);
    record(3);
    await pass(0);
    expect(told()).to.deep.equal([1, 20, 1]);
    record(2);
    simulated.backend = () => 'hangs';
    await settled(delivery.shutdown({ timeoutMs: 10 }));
    await pass(0);
    expect(told()).to.deep.equal([1, 20, 1, 4, 5]);
    delivery.trace(traceRecord());
    delivery.score(scoreRecord('t'));
    await pass(1000);
    expect(sum()).to.equal(delivery.stats().dropped);
    expect(delivery.stats().droppedByReason).to.deep.equal({ queue_full: 26, shutdown: 5 + 2 });
    await pass(20_000); // the requests that were under way
    expect(timers()).to.equal(0);
  });

  it('are reported with the number of items that were lost together', async () => {
    simulated = await simulateDelivery({ maxQueueBytes: 10_000, flushIntervalMs: 1 });
    const { pass, delivery, losses } = simulated;
    const lost = traceRecord();
    simulated.backend = ({ path }) => (path === '/traces' ? { status: 409, body: { detail: 'no' } } : undefined);
    delivery.trace(lost);
    delivery.score(scoreRecord(lost.traceId));
    delivery.score(scoreRecord(lost.traceId));
    await pass(10);
    expect(told()).to.deep.equal([3]);
    expect(losses[0]?.message).to.include('and 2 later items of it: HTTP 409 (no)');
    delivery.score(scoreRecord(lost.traceId));
    await pass(0);
    delivery.trace(traceRecord({ input: json('x'.repeat(20_000)) }));
    await pass(1000);
    expect(told()).to.deep.equal([3, 1, 1]);
    expect(losses.at(-1)?.message).to.match(
      /larger than the whole queue and was dropped; raise maxQueueBytes \(10000\)/,
    );
    expect(delivery.stats()).to.deep.include({ failed: 1, droppedByReason: { trace_lost: 3, too_large: 1 } });
  });

  it('are removed from disk, so that no later process sends them', async () => {
    const spoolDir = await mkdtemp(join(tmpdir(), 'losses-spec-'));
    const options = { spoolDir, flushIntervalMs: 1, maxQueueBytes: 10_000 };
    simulated = await simulateDelivery(options);
    const { pass, delivery, settled } = simulated;
    const lost = traceRecord();
    simulated.backend = ({ path }) => (path === '/traces' ? { status: 409, body: { detail: 'no' } } : undefined);
    delivery.trace(lost);
    delivery.score(scoreRecord(lost.traceId));
    await pass(10);
    delivery.trace(traceRecord({ input: json('x'.repeat(20_000)) }));
    await pass(10);
    expect(delivery.stats()).to.deep.include({ failed: 1, droppedByReason: { trace_lost: 1, too_large: 1 } });
    simulated.backend = () => 'hangs';
    delivery.trace(traceRecord({ name: 'kept' }));
    await settled(delivery.shutdown({ timeoutMs: 10 }));
    simulated = await simulateDelivery(options);
    expect((await simulated.settled(simulated.delivery.flush())).value).to.include({ ok: true, delivered: 1 });
    expect(simulated.requests.map(({ body }) => (body as { name: string }).name)).to.deep.equal(['kept']);
    await simulated.settled(simulated.delivery.shutdown());
    await rm(spoolDir, { recursive: true, force: true });
  });

  const refusals: [answer: SimulatedAnswer, said: RegExp, status: number | undefined][] = [
    [{ status: 401 }, /refused the API key for this project; check apiKey and projectName: HTTP 401/, 401],
    [{ status: 403 }, /refused the API key for this project; check apiKey and projectName: HTTP 403/, 403],
    [{ status: 407 }, /cannot be reached as the environment says; check the proxy, and its user and/, 407],
    [{ status: 404 }, /does not answer like a PandaProbe backend; check endpoint: HTTP 404/, 404],
    [{ status: 302, headers: { location: '/login?a=b' } }, /check endpoint: HTTP 302 to \/login \(/, 302],
    [{ status: 402 }, /takes no more traces; the plan's quota is used up: raise it, or wait until/, 402],
  ];
  for (const [answer, said, status] of refusals) {
    it(`are logged once, with advice, for ${said.source.replace(/\\/g, '').replace(/[;:].*/, '')} (${status})`, async () => {
      simulated = await simulateDelivery({ flushIntervalMs: 1, timing: { blockedProbeMs: 1000, quotaProbeMs: 1000 } });
      simulated.backend = () => answer;
      record(3);
      await simulated.pass(60_000);
      expect(simulated.lines).to.have.length(1);
      expect(simulated.lines[0]).to.match(said).and.include('backend.invalid').and.include('3 items are kept');
      expect(simulated.losses.map(({ items, status: of }) => [items, of])).to.deep.equal([[0, status]]);
      simulated.backend = () => undefined;
      await simulated.pass(2000);
      simulated.backend = () => answer;
      record(1);
      await simulated.pass(60_000);
      expect(simulated.losses, 'and once more after it was over').to.have.length(2);
    });
  }
});

describe('RecentTraces', () => {
  it('contains at least the last 1000 traces, and none before the last 2000', () => {
    const recent = new RecentTraces();
    for (let i = 0; i < 5000; i += 1) {
      recent.add(`t${i}`);
      for (const back of [0, 1, 500, 999]) expect(recent.has(`t${i - back}`), `${i} - ${back}`).to.equal(i >= back);
      expect(recent.has(`t${i - 2000}`)).to.equal(false);
    }
    for (const gone of ['t4999', 't4100', 't4999']) {
      recent.delete(gone);
      expect(recent.has(gone)).to.equal(false);
    }
    expect(recent.has('t4998')).to.equal(true);
  });

  it('removes a trace from either half', () => {
    const recent = new RecentTraces();
    for (let i = 0; i < 1500; i += 1) recent.add(`t${i}`);
    for (let i = 0; i < 1500; i += 2) recent.delete(`t${i}`);
    for (let i = 0; i < 1500; i += 1) expect(recent.has(`t${i}`)).to.equal(i % 2 === 1);
  });
});
