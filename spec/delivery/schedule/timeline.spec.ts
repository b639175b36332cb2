import { expect } from 'chai';
import { json, lateSpansRecord, scoreRecord, spanRecord, traceRecord } from '../../support/delivery.js';
import {
  type SimulatedAnswer,
  type SimulatedDelivery,
  type SimulatedRequest,
  simulateDelivery,
  stopSimulation,
} from '../../support/simulated-delivery.js';

const minuteMs = 60_000;
const down: SimulatedAnswer = { status: 500 };
const absent: SimulatedAnswer = { status: 404, body: { detail: 'Trace not found' } };

/** The name in the body of a request, or the trace it is about. */
function about({ body, path }: SimulatedRequest): string {
  const { name, trace_id: traceId } = body as { name?: string; trace_id?: string };
  return path === '/traces' ? String(name) : (traceId ?? path.split('/')[2] ?? '');
}

describe('Delivery, on a clock of its own', () => {
  let simulated: SimulatedDelivery;
  async function start(options?: Parameters<typeof simulateDelivery>[0]): Promise<SimulatedDelivery> {
    simulated = await simulateDelivery(options);
    return simulated;
  }
  afterEach(stopSimulation);
  const record = (count: number, name = 'T') => {
    for (let i = 0; i < count; i += 1) simulated.delivery.trace(traceRecord({ name }));
  };
  const times = () => simulated.requests.map(({ at }) => at);

  describe('releases', () => {
    it('a full batch soon after the recording call and at most every 100 ms, other items after the interval', async () => {
      const { pass } = await start({ batchSize: 3, flushIntervalMs: 5000 });
      record(3);
      expect(times()).to.deep.equal([]);
      await pass(40);
      record(7);
      await pass(210);
      record(1);
      await pass(1000);
      record(1);
      await pass(9000);
      record(1);
      await pass(10_000);
      expect(times()).to.deep.equal([...Array(3).fill(1), ...Array(7).fill(101), 5250, 5250, 15_250]);
    });

    it('at once the end of a trace that was sent while it was open', async () => {
      const { delivery, pass } = await start();
      const trace = traceRecord();
      delivery.update({ ...trace, status: 'RUNNING', endedAt: undefined }, () => {});
      await pass(1000);
      delivery.trace(trace);
      await pass(1000);
      expect(times()).to.deep.equal([1, 1001]);
    });
  });

  describe('.flush()', () => {
    const downTimes = [0, 1000, 3000, 7000, 12_000, 17_000, 19_000];
    const rows: [what: string, answer: SimulatedAnswer, asked: number[], endsAt: number, then: number[]][] = [
      ['5xx', down, downTimes, 19_000, [49_000, 79_000, 109_000]],
      ['no connection', 'refuses the connection', downTimes, 19_000, [49_000, 79_000, 109_000]],
      ['a limit without a time', { status: 429 }, downTimes.slice(0, 6), 17_000, [22_000, 52_000, 82_000, 112_000]],
      ['a limit with a time', { status: 429, headers: { 'retry-after': '60' } }, [0], 0, [60_500]],
      [
        'a time that is over soon',
        { status: 429, headers: { 'retry-after': '15' } },
        [0, 15_375],
        15_375,
        [30_750, 46_125, 61_500, 76_875, 92_875],
      ],
      ['a wrong key', { status: 401 }, [0], 0, [60_000]],
      ['a used-up quota', { status: 402 }, [0], 0, []],
      ['no answer', 'hangs', [0, 11_000], 20_000, [33_000, 77_000]],
    ];
    for (const [what, answer, asked, endsAt, then] of rows) {
      it(`tries again while it waits, and ends when nothing can be sent in its time: ${what}`, async () => {
        const { delivery, settled, pass } = await start();
        simulated.backend = () => answer;
        record(1);
        const { value, afterMs } = await settled(delivery.flush({ timeoutMs: 20_000 }));
        expect(value).to.deep.equal({ ok: false, delivered: 0, dropped: 0, failed: 0, pending: 1 });
        expect(afterMs).to.equal(endsAt);
        const rounded = () => times().map((at) => at - (at % 1000 < 50 ? at % 1000 : 0)); // a large body gets more time
        expect(rounded()).to.deep.equal(asked);
        await pass(2 * minuteMs - endsAt);
        expect(rounded().slice(asked.length)).to.deep.equal(then);
        await pass(8 * minuteMs);
        if (what === 'a used-up quota') expect(times()).to.deep.equal([0, 10 * minuteMs]);
        simulated.backend = () => undefined;
        expect((await settled(delivery.flush({ timeoutMs: 20 * minuteMs }))).value).to.include({
          ok: true,
          pending: 0,
        });
      });
    }

    it('waits for the items recorded before it; the flush with the longest timeout decides when to try again', async () => {
      const { delivery, settled, pass } = await start();
      simulated.backend = ({ at }) => (at < 40_000 ? down : undefined);
      record(1);
      const short = delivery.flush({ timeoutMs: 2500 });
      const long = delivery.flush({ timeoutMs: 50_000 });
      await pass(10_000);
      record(1, 'later');
      expect(await settled(short)).to.deep.include({ afterMs: 0 });
      expect((await short).ok).to.equal(false);
      expect((await settled(long)).value).to.include({ ok: true, failed: 0 });
      expect(times().at(-1)).to.equal(42_000);
    });

    it('ends at once with a timeout that is NaN, negative or 0, and waits with an infinite one', async () => {
      for (const timeoutMs of [Number.NaN, -5, 0]) {
        const { delivery, settled } = await start();
        simulated.backend = () => 'hangs';
        record(1);
        expect((await settled(delivery.flush({ timeoutMs }))).afterMs, String(timeoutMs)).to.be.at.most(1);
      }
      const { delivery, settled } = await start();
      simulated.backend = () => ({ status: 202, delayMs: 5000 });
      record(1);
      expect((await settled(delivery.flush({ timeoutMs: Number.POSITIVE_INFINITY }))).value.ok).to.equal(true);
    });
  });

  describe('gives up', () => {
    it('an item that alone fails, while others are delivered, but not while all fail', async () => {
      const { delivery, pass, losses, requests } = await start({ batchSize: 1 });
      simulated.backend = (request) => (about(request) === 'bad' ? down : undefined);
      record(1, 'bad');
      const bad = () => requests.filter((request) => about(request) === 'bad').map(({ at }) => at);
      for (let seen = 0; losses.length === 0 && requests.length < 1000; await pass(1000)) {
        const isAgain = bad().length > seen;
        seen = bad().length;
        if (isAgain && seen >= 3) record(20, 'good');
      }
      const times = [0, 1, 3, 7, 15, 31, 61, 91, 121, 151].map((s) => 1 + s * 1000);
      expect(bad(), 'the first three tell nothing: no other was delivered meanwhile').to.deep.equal(times);
      expect(losses[0]).to.include({ status: 500, attempts: 10, items: 1 });
      expect(delivery.stats()).to.include({ failed: 1, pending: 0 });
      simulated.backend = () => down;
      record(5, 'all fail');
      await pass(120 * minuteMs);
      expect(delivery.stats()).to.include({ failed: 1, pending: 5 });
    });

    it('what is recorded for a trace that was lost, but not once the trace is recorded again', async () => {
      const refused: SimulatedAnswer = { status: 409, body: { detail: 'no' } };
      for (const [answer, lost] of [
        [refused, { failed: 1, dropped: 1 }],
        [down, { failed: 0, dropped: 2 }],
      ] as const) {
        const { delivery, pass } = await start({ maxQueueSize: 3, flushIntervalMs: 1 });
        simulated.backend = () => answer;
        const trace = traceRecord();
        delivery.trace(trace);
        if (answer === down) record(3);
        await pass(20);
        delivery.score(scoreRecord(trace.traceId));
        expect(delivery.stats()).to.include(lost);
        expect(delivery.stats().droppedByReason.trace_lost).to.equal(1);
        simulated.backend = () => undefined;
        delivery.trace(trace);
        delivery.lateSpans(lateSpansRecord(trace.traceId, spanRecord()));
        await pass(minuteMs);
        expect(delivery.stats()).to.include({ pending: 0 });
        expect(delivery.stats().droppedByReason.trace_lost).to.equal(1);
      }
    });

    it('no later records of a trace of which a part is stored', async () => {
      const { delivery, pass } = await start({ flushIntervalMs: 1 });
      simulated.backend = ({ path }) => (path.endsWith('/spans') ? { status: 409, body: { detail: 'no' } } : undefined);
      const trace = traceRecord({ spans: Array.from({ length: 600 }, (_, i) => spanRecord({}, i)) });
      delivery.trace(trace);
      delivery.score(scoreRecord(trace.traceId));
      await pass(100);
      expect(delivery.stats()).to.include({ failed: 1, delivered: 1 });
      delivery.score(scoreRecord(trace.traceId));
      await pass(100);
      expect(delivery.stats()).to.include({ failed: 1, delivered: 2, dropped: 0 });
    });

    it('an update that cannot be encoded, without counting it', async () => {
      const { delivery } = await start();
      const outcomes: string[] = [];
      delivery.update(traceRecord({ startedAt: Number.NaN }), (outcome) => outcomes.push(outcome));
      expect(outcomes).to.deep.equal(['refused']);
      expect(delivery.stats()).to.include({ created: 0, dropped: 0, failed: 0, pending: 0 });
    });

    const untilStored = [0, 0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 12.7, 25.5, 51.1].map((s) => s * 1000);
    for (const [what, answer] of [
      ['404', absent],
      ['500 for a score', down],
    ] as const) {
      it(`what waits for its trace after a quarter of an hour, in which an outage does not count: ${what}`, async () => {
        for (const outageMs of [0, 30 * minuteMs]) {
          const { delivery, pass, losses } = await start({ flushIntervalMs: 1 });
          const outage = (at: number) => at > 100_000 && at <= 100_000 + outageMs;
          simulated.backend = ({ path, at }) =>
            outage(at) ? 'refuses the connection' : path === '/traces' ? undefined : answer;
          if (what === '404') delivery.lateSpans(lateSpansRecord('t1', spanRecord()));
          else delivery.score(scoreRecord('t1'));
          await pass(90_000);
          expect(times().map((at) => at - 1)).to.deep.equal([...untilStored, 81_100]);
          await pass(15_000);
          record(5); // meets the outage
          await pass(13.5 * minuteMs + outageMs);
          expect(losses, 'not before').to.deep.equal([]);
          await pass(2 * minuteMs);
          expect(losses).to.have.length(1);
          expect(losses[0]?.message).to.match(/^gave up the (late spans|score) of trace t1: HTTP/);
          expect(delivery.stats()).to.include({ failed: 1, delivered: 5, pending: 0 });
        }
      });
    }
  });

  describe('sends', () => {
    const sizes: [mebibytes: number, together: number][] = [
      [0.5, 4],
      [0.99, 4],
      [1.01, 3],
      [1.99, 2],
      [2.01, 1],
      [9, 1],
    ];
    it('at most 4 MiB at a time, or one larger item', async () => {
      for (const [mebibytes, together] of sizes) {
        const { delivery, settled } = await start({ maxBodyBytes: 2 ** 30, maxQueueBytes: 2 ** 30 });
        simulated.backend = () => ({ status: 202, delayMs: 100 });
        const input = json('x'.repeat(mebibytes * 1_048_576));
        for (let i = 0; i < 6; i += 1) delivery.trace(traceRecord({ input }));
        await settled(delivery.flush());
        expect(
          times().filter((at) => at < 100),
          `${mebibytes} MiB`,
        ).to.have.length(together);
        expect(simulated.requests).to.have.length(6);
      }
    });

    it('the oldest first, whatever call it needs, and each trace in its order', async () => {
      const { delivery, settled } = await start();
      const [one, two] = [traceRecord({ name: 'one' }), traceRecord({ name: 'two' })];
      delivery.trace(one);
      await settled(delivery.flush());
      delivery.score(scoreRecord(one.traceId));
      delivery.trace(two);
      delivery.score(scoreRecord(two.traceId));
      delivery.trace(traceRecord({ name: 'three' }));
      await settled(delivery.flush());
      const sent = simulated.requests.slice(1).map((request) => about(request));
      expect(sent).to.deep.equal([one.traceId, 'two', 'three', two.traceId]);
    });

    it('scores while traces wait for a limit, but nothing while the whole backend asks for time', async () => {
      for (const [status, isOfAll] of [
        [429, false],
        [503, true],
      ] as const) {
        const { delivery, pass, settled } = await start({ flushIntervalMs: 1 });
        const stored = traceRecord();
        delivery.trace(stored);
        await settled(delivery.flush());
        simulated.backend = ({ path, at }) =>
          path === '/traces' && at < 1000 ? { status, headers: { 'retry-after': '60' } } : undefined;
        record(1);
        await pass(500);
        delivery.score(scoreRecord(stored.traceId));
        await pass(50_000);
        expect(delivery.stats().pending, String(status)).to.equal(isOfAll ? 2 : 1);
        await pass(12_000);
        expect(delivery.stats().pending).to.equal(0);
      }
    });

    it('nothing for any call once the key was refused for one, until the time of a probe', async () => {
      const { delivery, pass } = await start({ flushIntervalMs: 1 });
      simulated.backend = () => ({ status: 401 });
      record(1);
      await pass(100);
      delivery.score(scoreRecord(traceRecord().traceId));
      await pass(500);
      expect(simulated.requests.map(({ path }) => path)).to.deep.equal(['/traces']);
    });

    it('P4 1,000 traces through a limit of 100 a minute in ten minutes, with few requests in vain', async () => {
      for (const headers of [{}, { 'retry-after': 'rest' }]) {
        const { delivery, settled } = await start();
        let [opened, count] = [Number.NEGATIVE_INFINITY, 0];
        simulated.backend = ({ at }) => {
          if (at >= opened + minuteMs) [opened, count] = [at, 0];
          count += 1;
          if (count <= 100) return undefined;
          const left = String(Math.ceil((opened + minuteMs - at) / 1000));
          return { status: 429, headers: 'retry-after' in headers ? { 'retry-after': left } : {} };
        };
        record(1000);
        const { value, afterMs } = await settled(delivery.flush({ timeoutMs: 60 * minuteMs }));
        expect(value).to.include({ ok: true, delivered: 1000 });
        expect(afterMs).to.be.within(9 * minuteMs, 12 * minuteMs);
        expect(simulated.requests.length).to.be.at.most(1100);
      }
    });
  });

  describe('without an answer', () => {
    const rows: [requestTimeoutMs: number, seconds: number[]][] = [
      [10_000, [10, 20, 40, 40]],
      [20_000, [20, 40, 60, 60]],
      [90_000, [90, 90, 90]],
    ];
    for (const [requestTimeoutMs, seconds] of rows) {
      it(`gives the next request of an item twice the time, at first ${seconds[0]} s`, async () => {
        const { pass, lines } = await start({ batchSize: 1, requestTimeoutMs, timing: { maxBackOffMs: 1000 } });
        simulated.backend = () => 'hangs';
        record(1);
        await pass(6 * minuteMs);
        const waits = times().map((at, i, all) => Math.floor(((all[i + 1] ?? Number.NaN) - at - 1000) / 1000));
        expect(waits.slice(0, seconds.length)).to.deep.equal(seconds);
        expect(lines[0]).to.match(/ETIMEDOUT.*no answer in time/);
      });
    }

    it('gives a large request more time, as long as a slow line needs', async () => {
      const { pass } = await start({ batchSize: 1, maxBodyBytes: 2 ** 30, timing: { maxBackOffMs: 1000 } });
      simulated.backend = () => 'hangs';
      simulated.delivery.trace(traceRecord({ input: json('x'.repeat(5_000_000)) }));
      await pass(3 * minuteMs);
      const [first = 0, second = 0] = times();
      expect(second - first - 1000).to.be.within(10_000 + 100_000, 10_000 + 100_100);
    });
  });

  describe('.shutdown()', () => {
    const rows: [what: string, answer: SimulatedAnswer, endsAt: number, reason: string, said: RegExp][] = [
      ['no answer', 'hangs', 5000, 'shutdown', /did not answer in time/],
      ['5xx', down, 4000, 'shutdown', /HTTP 500/],
      ['a limit', { status: 429, headers: { 'retry-after': '60' } }, 0, 'shutdown', /HTTP 429/],
      ['a used-up quota', { status: 402 }, 0, 'quota', /HTTP 402/],
    ];
    for (const [what, answer, endsAt, reason, said] of rows) {
      it(`drops what is left when nothing more can be done, with the reason: ${what}`, async () => {
        const { delivery, settled, lines } = await start();
        simulated.backend = () => answer;
        record(2);
        const { value, afterMs } = await settled(delivery.shutdown({ timeoutMs: 5000 }));
        expect(afterMs).to.equal(endsAt);
        expect(value).to.deep.equal({ ok: false, delivered: 0, dropped: 2, failed: 0, pending: 0 });
        expect(delivery.stats()).to.deep.include({ droppedByReason: { [reason]: 2 }, pendingBytes: 0 });
        const last = lines.at(-1) ?? '';
        expect(last).to.include('2 items could not be delivered before shutdown, to backend.invalid');
        expect(last).to.match(said).and.not.include('exitTimeoutMs'); // which has no effect on shutdown()
      });
    }

    it('says that not everything was delivered if an item was refused', async () => {
      const { delivery, settled } = await start();
      simulated.backend = () => ({ status: 409, body: { detail: 'no' } });
      record(1);
      expect((await settled(delivery.shutdown())).value).to.include({ ok: false, failed: 1, dropped: 0 });
    });

    it('counts a large record of the same moment, and leaves no timer behind', async () => {
      const { delivery, settled, timers, pass, lines } = await start();
      record(1);
      expect((await settled(delivery.flush({ timeoutMs: 60 * minuteMs }))).value.ok).to.equal(true);
      await pass(10);
      expect(timers()).to.equal(0);
      const ended = delivery.shutdown({ timeoutMs: 0 });
      delivery.trace(traceRecord({ input: json('x'.repeat(400_000)) }));
      expect((await settled(ended)).value).to.include({ ok: false, delivered: 1, dropped: 1, pending: 0 });
      await pass(10);
      expect(delivery.stats()).to.include({ dropped: 1, pending: 0, pendingBytes: 0 });
      expect(timers()).to.equal(0);
      expect(lines.at(-1)).to.include('1 item could not').and.include('the time was too short; allow more');
    });

    it('accepts records while it delivers, but not for longer than its time', async () => {
      const { delivery, settled, pass } = await start();
      simulated.backend = () => ({ status: 202, delayMs: 700 });
      record(1);
      const ended = delivery.shutdown({ timeoutMs: 3000 });
      for (let i = 0; i < 10; i += 1) {
        await pass(600);
        record(1);
      }
      const { value } = await settled(ended);
      expect(value.ok).to.equal(false);
      expect(value.delivered).to.be.within(3, 5);
      expect(delivery.stats()).to.include({ created: 11, pending: 0, failed: 0 });
    });
  });
});
