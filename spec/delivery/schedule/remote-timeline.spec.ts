import { expect } from 'chai';
import type { CapturedLateSpans } from '../../../lib/model/records.js';
import { json, lateSpansRecord, scoreRecord, spanRecord, traceRecord } from '../../support/delivery.js';
import {
  type SimulatedAnswer,
  type SimulatedDelivery,
  type SimulatedRequest,
  simulateDelivery,
  stopSimulation,
} from '../../support/simulated-delivery.js';

const absent: SimulatedAnswer = { status: 404, body: { detail: 'Trace not found' } };

/** Spans of a trace that another process has yet to send. */
function far(traceId: string, bytes = 1): CapturedLateSpans {
  const spans = [spanRecord({ name: 'far', input: json('x'.repeat(bytes)) })];
  return { traceId, isRemote: true, spans } as CapturedLateSpans;
}

/** The trace of a request for late spans. */
function askedFor({ method, path }: SimulatedRequest): string | undefined {
  return method === 'POST' ? /^\/traces\/(.*)\/spans$/.exec(path)?.[1] : undefined;
}

describe('Spans of a far trace, on a clock of their own', () => {
  let simulated: SimulatedDelivery;
  async function start(options?: Parameters<typeof simulateDelivery>[0]): Promise<SimulatedDelivery> {
    simulated = await simulateDelivery({ flushIntervalMs: 1, ...options });
    simulated.backend = (request) => (isFar(request) ? absent : undefined);
    return simulated;
  }
  afterEach(stopSimulation);
  const isFar = (request: SimulatedRequest) => askedFor(request)?.startsWith('far') === true;
  const times = (only: (request: SimulatedRequest) => boolean) => simulated.requests.filter(only).map(({ at }) => at);
  const newTraces = ({ method, path }: SimulatedRequest) => method === 'POST' && path === '/traces';

  it('are tried after growing waits, for ten minutes, and get a trace of their own at the next try', async () => {
    const { delivery, pass } = await start();
    delivery.lateSpans(far('far'));
    await pass(590_000);
    const tried = times(isFar).map((at) => (at - 1) / 1000);
    const growing = [0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 12.7, 25.5, 51.1];
    const steady = Array.from({ length: 17 }, (_, i) => 81.1 + 30 * i);
    expect(tried).to.deep.equal([...growing, ...steady]);
    await pass(70_000);
    const [last, ...then] = simulated.requests.slice(-4);
    expect(last?.at).to.equal(621_101);
    expect(then.map(({ at, method, path }) => `${at} ${method} ${path}`)).to.deep.equal([
      '651101 POST /traces/far/spans',
      '651101 GET /traces/far',
      '651101 POST /traces',
    ]);
    expect(delivery.stats()).to.include({ delivered: 1, pending: 0 });
  });

  it('are tried for four traces at a time, and behind all that can be stored', async () => {
    const { delivery, pass } = await start();
    const mine = traceRecord();
    delivery.trace(mine);
    await pass(10);
    for (let i = 0; i < 10; i += 1) delivery.lateSpans(far(`far${i}`));
    await pass(10);
    const first = simulated.requests.length;
    let most = 0;
    simulated.backend = (request) => {
      if (!isFar(request)) return undefined;
      most = Math.max(most, times(isFar).filter((at) => at > Math.max(20, request.at - 1000)).length);
      return { ...absent, delayMs: 1000 };
    };
    await pass(30_000);
    expect(most).to.equal(4);
    const again = simulated.requests.slice(first).map(askedFor);
    expect(new Set(again).size, 'each has its turn').to.equal(10);
    delivery.score(scoreRecord(mine.traceId));
    await pass(10);
    expect(simulated.requests.at(-1)?.path).to.equal('/evaluations/trace-scores');
  });

  it('are tried once a second where the backend limits requests', async () => {
    const { delivery, pass, settled } = await start();
    simulated.backend = (request) => {
      if (isFar(request)) return absent;
      return newTraces(request) && request.at < 100 ? { status: 429, headers: { 'retry-after': '1' } } : undefined;
    };
    delivery.trace(traceRecord());
    expect((await settled(delivery.flush())).value.ok).to.equal(true);
    for (let i = 0; i < 5; i += 1) delivery.lateSpans(far(`far${i}`));
    await pass(4000);
    const [, , , , , ...again] = times(isFar);
    const gaps = again.slice(1).map((at, i) => at - (again[i] ?? 0));
    expect(gaps.length).to.be.greaterThan(2);
    for (const gap of gaps) expect(gap).to.equal(1000);
  });

  it('take an eighth of the queue: those that wait longest get a trace of their own before its time', async () => {
    for (const [bounds, bytes] of [
      [{ maxQueueSize: 24 }, 1],
      [{ maxQueueBytes: 24_000_000 }, 990_000],
    ] as const) {
      const { delivery, pass } = await start(bounds);
      for (let i = 0; i < 5; i += 1) {
        delivery.lateSpans(far(`far${i}`, bytes));
        await pass(5);
        expect(times(newTraces), `${i}`).to.have.length(Math.max(0, i - 2));
      }
      const own = simulated.requests.filter(newTraces).map(({ body }) => (body as { trace_id: string }).trace_id);
      expect(own).to.deep.equal(['far0', 'far1']);
      expect(delivery.stats()).to.include({ delivered: 2, pending: 3, dropped: 0 });
      delivery.score(scoreRecord('far2'));
      await pass(5);
      expect(delivery.stats().pending, 'what joins them counts').to.equal('maxQueueSize' in bounds ? 2 : 4);
    }
  });

  it('stay where new traces are limited and they are more than an eighth: no storm of requests, and the queue is the bound', async () => {
    for (const [bounds, bytes] of [
      [{ maxQueueSize: 8 }, 1],
      [{ maxQueueBytes: 8_000_000 }, 990_000],
    ] as const) {
      const { delivery, pass } = await start(bounds);
      const limited: SimulatedAnswer = {
        status: 429,
        body: { detail: "You've reached the traces limit of your plan" },
      };
      simulated.backend = (request) => {
        if (request.at > 60_000 || simulated.requests.length > 500) return undefined;
        if (isFar(request)) return absent;
        return newTraces(request) ? limited : undefined;
      };
      for (let i = 0; i < 10; i += 1) {
        delivery.lateSpans(far(`far${i}`, bytes));
        await pass(5);
      }
      await pass(5000);
      expect(simulated.requests.length).to.be.lessThan(80);
      expect(delivery.stats()).to.include({ delivered: 0, pending: 8, dropped: 2 });
      expect(delivery.stats().droppedByReason).to.deep.equal({ queue_full: 2 });
      await pass(700_000);
      expect(delivery.stats()).to.include({ delivered: 8, pending: 0, pendingBytes: 0 });
    }
  });

  it('are not lost where the trace of their own is too large for one request, is limited, and is stored late', async () => {
    const { delivery, pass } = await start({ timing: { remoteMs: 50 }, maxBodyBytes: 3000 });
    let storedAt = Number.POSITIVE_INFINITY;
    simulated.backend = (request) => {
      if (isFar(request)) return request.at < storedAt && simulated.requests.length < 500 ? absent : undefined;
      if (!newTraces(request)) return undefined;
      if (request.at < 1000) return { status: 429, headers: { 'retry-after': '1' } };
      storedAt = Math.min(storedAt, request.at + 5000);
      return undefined;
    };
    delivery.lateSpans(far('far', 4000));
    await pass(60_000);
    expect(delivery.stats()).to.include({ delivered: 1, pending: 0 });
    const sent = simulated.requests.filter(isFar).map(({ body }) => (body as unknown[]).length);
    expect(new Set(sent)).to.deep.equal(new Set([1]));
    expect(simulated.requests.length, 'no storm').to.be.lessThan(50);
  });

  it('are tried at once when a flush waits, or their trace is recorded here', async () => {
    const { delivery, pass, settled } = await start();
    delivery.lateSpans(far('far1'));
    delivery.lateSpans(far('far2'));
    await pass(60_000);
    const before = times(isFar).length;
    expect((await settled(delivery.flush({ timeoutMs: 30_000 }))).value).to.include({ ok: false, pending: 2 });
    expect(times(isFar).length).to.equal(before + 2);
    simulated.backend = (request) => (askedFor(request) === 'far1' ? absent : undefined);
    delivery.trace(traceRecord({ traceId: 'far2' }));
    await pass(5);
    expect(simulated.requests.slice(-2).map(({ path }) => path)).to.deep.equal(['/traces', '/traces/far2/spans']);
    expect(delivery.stats()).to.include({ delivered: 2, pending: 1 });
  });

  it('wait on for a new trace of their own where the backend asks for time, and hold nothing else', async () => {
    const { delivery, pass } = await start({ timing: { remoteMs: 50 } });
    const mine = traceRecord();
    delivery.trace(mine);
    await pass(10);
    simulated.backend = (request) => {
      if (isFar(request)) return absent;
      return newTraces(request) && request.at < 30_000 ? { status: 429, headers: { 'retry-after': '40' } } : undefined;
    };
    delivery.lateSpans(far('far'));
    await pass(10_000);
    expect(times(newTraces)).to.have.length(2);
    delivery.lateSpans(lateSpansRecord(mine.traceId, spanRecord()));
    delivery.score(scoreRecord(mine.traceId));
    await pass(10);
    expect(delivery.stats()).to.include({ delivered: 3, pending: 1 });
    await pass(60_000);
    const [, first = 0, second = 0, ...others] = times(newTraces);
    expect(second - first).to.be.within(40_000, 43_000);
    expect(others).to.deep.equal([]);
    expect(delivery.stats()).to.include({ delivered: 4, pending: 0 });
  });

  describe('when delivery is shut down', () => {
    it('are tried twice within half a second, and get a trace of their own', async () => {
      for (const beforeMs of [0, 60_000]) {
        const { delivery, pass, settled } = await start();
        delivery.lateSpans(far('far'));
        await pass(beforeMs);
        const asked = simulated.requests.length;
        const { value, afterMs } = await settled(delivery.shutdown({ timeoutMs: 5000 }));
        expect(value).to.include({ ok: true, delivered: 1, dropped: 0 });
        expect(afterMs).to.equal(500);
        const calls = simulated.requests.slice(asked).map(({ at, method }) => `${at - beforeMs} ${method}`);
        expect(calls).to.deep.equal(['0 POST', '500 POST', '500 GET', '500 POST']);
      }
    });

    it('are tried for all traces at once, and dropped and counted where the time is too short', async () => {
      const { delivery, settled, lines } = await start();
      for (let i = 0; i < 9; i += 1) delivery.lateSpans(far(`far${i}`));
      const { value, afterMs } = await settled(delivery.shutdown({ timeoutMs: 400 }));
      expect(value).to.deep.equal({ ok: false, delivered: 0, dropped: 9, failed: 0, pending: 0 });
      expect(afterMs).to.equal(0);
      expect(delivery.stats()).to.deep.include({ droppedByReason: { shutdown: 9 }, pendingBytes: 0 });
      expect(times(isFar)).to.have.length(9);
      expect(lines.at(-1)).to.include('9 items could not be delivered');
    });
  });
});
