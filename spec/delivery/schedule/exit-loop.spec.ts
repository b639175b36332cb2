import { expect } from 'chai';
import { Pace } from '../../../lib/delivery/pace/pace.js';
import { itemRules } from '../../../lib/delivery/pandaprobe/encoder.js';
import type { ItemKind } from '../../../lib/delivery/queue/item.js';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import { Stats } from '../../../lib/delivery/report/stats.js';
import { Dispatcher } from '../../../lib/delivery/schedule/dispatcher.js';
import type { DeliveryLoop } from '../../../lib/delivery/schedule/loop.js';
import { RemoteItems } from '../../../lib/delivery/schedule/remote-items.js';
import { type Job, unpackJobs } from '../../../lib/delivery/wire/job-codec.js';
import type { Result } from '../../../lib/delivery/wire/messages.js';
import type { Obstacle } from '../../../lib/delivery/wire/obstacle.js';
import { type DrivenHost, driveLoop, drivenTiming } from '../../support/driven-loop.js';
import { restoreClock, type SteppedClock, startSteppedClock } from '../../support/stepped-clock.js';

const down: Obstacle = { cause: 'fault', status: undefined, detail: 'ECONNREFUSED' };
const absent: Obstacle = { cause: 'absent', status: 404, detail: '404', isVague: false };
const limit = (seconds: number): Obstacle => {
  return { cause: 'rate', status: 429, detail: '429', retryAfterMs: seconds * 1000 };
};

/** What the backend says to a job at a time, in milliseconds since the end began. `never`: nothing. Undefined: it takes it. */
type Backend = (at: number, job: Job) => Obstacle | 'never' | undefined;

/** A request under way. */
interface Request {
  readonly job: Job;
  readonly answeredAt: number;
  readonly met: Obstacle | undefined;
}

describe('The loop of a delivery, when the process ends', () => {
  let clock: SteppedClock;
  let endsAt: number;
  const loops: DeliveryLoop[] = [];
  beforeEach(() => {
    clock = startSteppedClock(0);
    endsAt = clock.now();
  });
  afterEach(() => {
    for (const loop of loops.splice(0)) loop.stop();
    restoreClock();
  });
  const sinceEnd = () => clock.now() - endsAt;

  /** A delivery whose worker answers each request after `latencyMs`, also while the application's thread sleeps. */
  function start(latencyMs: number, backend: Backend, window = 8) {
    const asked: string[] = [];
    const under: Request[] = [];
    const stats = new Stats();
    const bounds = { maxQueueSize: 1000, maxQueueBytes: 1_000_000 };
    const queue = new Queue({ maxItems: 1000, maxBytes: 1_000_000 }, itemRules, () => {});
    const isOf = { isLimited: () => false, isOnDisk: () => false, newTraceAt: () => 0, drop() {}, isEnding: false };
    const remote = new RemoteItems(queue, drivenTiming, bounds, isOf);
    const pace = new Pace(drivenTiming, window, () => 0.5);
    const dispatcher = new Dispatcher(queue, itemRules, pace, drivenTiming, {
      delivered: ({ id }) => stats.deliver(id, false),
      handing() {},
      failed: ({ id }) => stats.fail(id),
      remoteAbsent: (group) => remote.add(group, clock.now()),
      obstructed() {},
    });
    /** Reports that have come by now. */
    const read = () => {
      for (const { job, met } of under.filter(({ answeredAt }) => answeredAt <= clock.now())) {
        under.splice(
          under.findIndex((each) => each.job === job),
          1,
        );
        const { id, acknowledged } = job;
        const of = { id, attempts: 1, notes: [] };
        const result: Result =
          met === undefined
            ? { ...of, kind: 'delivered' }
            : { ...of, kind: 'retry', rest: { acknowledged }, isUncertain: false, ...met };
        const counts = { traces: 0, other: 0 };
        dispatcher.onReport(clock.now(), { obstacles: counts, delivered: [], results: [result], maxBodyBytes: 1 });
      }
    };
    const host: DrivenHost = {
      send(message) {
        if (message.type !== 'send') return;
        for (const job of unpackJobs(message.jobs)) {
          asked.push(`${sinceEnd()} ${job.traceId}`);
          const met = backend(sinceEnd(), job);
          const answeredAt = met === 'never' ? Number.POSITIVE_INFINITY : clock.now() + latencyMs;
          under.push({ job, answeredAt, met: met === 'never' ? undefined : met });
        }
      },
      drainAcks: read,
      requestAckNotifications: () => false,
      waitSync(timeoutMs) {
        expect(timeoutMs).to.be.at.least(0);
        const next = Math.min(...under.map(({ answeredAt }) => answeredAt - clock.now()), timeoutMs);
        clock.block(Math.max(0, next));
        read();
      },
    };
    const { loop } = driveLoop({ queue, dispatcher, stats, host, remote, batchSize: 100 });
    loop.start();
    loops.push(loop);
    return {
      asked,
      stats,
      remote,
      loop,
      record(traceId: string, kind: ItemKind = 'trace', isFar = false) {
        const item = queue.create(stats.create(), kind, traceId, ['x']);
        item.isRemote = isFar;
        queue.push(item);
      },
      /** @returns how long the process was held, in milliseconds */
      end(timeoutMs = 5000) {
        endsAt = clock.now();
        asked.length = 0;
        loop.runUntilExit(timeoutMs);
        return sinceEnd();
      },
    };
  }

  it('sends all that was recorded, and holds the process until the last answer', () => {
    const { record, end, stats, asked } = start(100, () => undefined);
    expect(end(), 'nothing is left').to.equal(0);
    for (let i = 0; i < 20; i += 1) record(`t${i}`);
    expect(end()).to.equal(300);
    expect(stats.pending).to.equal(0);
    expect(asked).to.have.length(20);
    record('later');
    expect(end()).to.equal(100);
    expect(asked).to.deep.equal(['0 later']);
  });

  it('holds the process no longer than its timeout', () => {
    const { record, end, stats } = start(100, (_, { traceId }) => (traceId === 't1' ? 'never' : undefined));
    for (let i = 0; i < 3; i += 1) record(`t${i}`);
    expect(end(2000)).to.equal(2000);
    expect(stats.pending).to.equal(1);
    expect(end(0)).to.equal(0);
  });

  it('tries items that wait after a fault at once, and again while there is time', () => {
    const { record, end, stats, asked, loop } = start(10, (at) => (at < 2500 ? down : undefined));
    for (let i = 0; i < 3; i += 1) record(`t${i}`);
    loop.release();
    while (stats.pending === 3 && asked.length < 3) clock.runTimer(clock.now() + 50_000);
    clock.block(10);
    loop.tick(); // each waits for a second now
    const held = end(8000);
    expect(asked).to.deep.equal(['0 t0', '2010 t1', '6020 t2', '6030 t0', '6030 t1']);
    expect(held).to.equal(6040);
    expect(stats.pending).to.equal(0);
  });

  const limits: [seconds: number, timeoutMs: number, heldMs: number, asked: number][] = [
    [60, 5000, 10, 1],
    [3, 5000, 3095, 1 + 3],
    [3, 3000, 10, 1],
  ];
  for (const [seconds, timeoutMs, heldMs, asks] of limits) {
    it(`waits for a Retry-After of ${seconds} s only if that is within ${timeoutMs} ms`, () => {
      const { record, end, asked } = start(10, (at) => (at < 1000 ? limit(seconds) : undefined), 1);
      for (let i = 0; i < 3; i += 1) record(`t${i}`);
      expect(end(timeoutMs)).to.be.closeTo(heldMs, 30);
      expect(asked).to.have.length(asks);
    });
  }

  it('lets all deliveries of the process send at the same time', () => {
    const one = start(0, () => 'never');
    const two = start(100, () => undefined, 1);
    one.record('hangs');
    for (let i = 0; i < 5; i += 1) two.record(`t${i}`);
    expect(one.end(1000)).to.equal(1000);
    expect(two.stats.pending).to.equal(0);
    expect(two.asked.map((line) => line.replace(/\D.*/, ''))).to.deep.equal(['0', '100', '200', '300', '400']);
    expect(two.end()).to.equal(0);
  });

  it('tries the spans of all remote traces at once, and once more half a second later', () => {
    const { record, end, asked, stats } = start(10, (_, job) => (job.isOrphaned ? undefined : absent));
    for (let i = 0; i < 6; i += 1) record(`far${i}`, 'spans', true);
    expect(end()).to.be.within(510, 540);
    expect(stats.pending).to.equal(0);
    expect(asked.filter((line) => Number.parseInt(line, 10) < 100)).to.have.length(6);
    expect(asked.filter((line) => Number.parseInt(line, 10) >= 500)).to.have.length(6);
  });
});
