import { expect } from 'chai';
import fc from 'fast-check';
import { Pace } from '../../../lib/delivery/pace/pace.js';
import { itemRules } from '../../../lib/delivery/pandaprobe/encoder.js';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import { Stats } from '../../../lib/delivery/report/stats.js';
import { Dispatcher } from '../../../lib/delivery/schedule/dispatcher.js';
import { RemoteItems } from '../../../lib/delivery/schedule/remote-items.js';
import { unpackJobs } from '../../../lib/delivery/wire/job-codec.js';
import type { Report, Result } from '../../../lib/delivery/wire/messages.js';
import type { Obstacle } from '../../../lib/delivery/wire/obstacle.js';
import { type DrivenHost, driveLoop, drivenTiming } from '../../support/driven-loop.js';
import { restoreClock, startSteppedClock } from '../../support/stepped-clock.js';

/** Longer than any wait between two tries. */
const fewDaysMs = 300_000_000;

const obstacles: Readonly<Record<string, Obstacle>> = {
  refusedConnection: { cause: 'fault', status: undefined, detail: 'ECONNREFUSED' },
  serverError: { cause: 'fault', status: 500, detail: '500' },
  limit: { cause: 'rate', status: 429, detail: '429', retryAfterMs: undefined },
  wrongKey: { cause: 'blocked', status: 401, detail: '401' },
  absent: { cause: 'absent', status: 404, detail: '404', isVague: false },
};

type Step =
  | { readonly do: 'record'; readonly trace: number; readonly kind: 'trace' | 'score' | 'remote' }
  | { readonly do: 'deliver' | 'return' | 'timer' | 'die' | 'flush' }
  | { readonly do: 'meet'; readonly obstacle: string }
  | { readonly do: 'block'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('record'),
        trace: fc.nat(12),
        kind: fc.constantFrom('trace', 'score', 'remote'),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constantFrom('deliver', 'deliver', 'return', 'timer', 'timer', 'die', 'flush') }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('block'), ms: fc.constantFrom(1, 100, 10_000) }) },
    {
      weight: 2,
      arbitrary: fc.record({ do: fc.constant('meet'), obstacle: fc.constantFrom(...Object.keys(obstacles)) }),
    },
  ) as fc.Arbitrary<Step>,
  { maxLength: 60, size: 'max' },
);

/** A loop on a clock of its own that moves on whenever it is read, as clocks do. Its worker is moved by hand. */
function startLoop(msPerReading: number, window = 8) {
  const clock = startSteppedClock(msPerReading);
  const { now } = clock;
  let isRequested = false;
  const jobs: number[] = [];
  const acks: number[] = [];
  const timing = drivenTiming;
  const stats = new Stats();
  const bounds = { maxQueueSize: 1000, maxQueueBytes: 1_000_000 };
  const queue = new Queue({ maxItems: bounds.maxQueueSize, maxBytes: bounds.maxQueueBytes }, itemRules, () => {});
  const pace = new Pace(timing, window, () => 0.5);
  const dispatcher = new Dispatcher(queue, itemRules, pace, timing, {
    delivered(item) {
      stats.deliver(item.id, false);
      if (item.kind === 'trace') remote.hurry(now(), item.traceId);
    },
    handing() {},
    failed(item, _status, _detail, rest) {
      for (const { id } of [item, ...(rest ?? [])]) stats.fail(id);
    },
    remoteAbsent: (group) => remote.add(group, now()),
    obstructed() {},
  });
  const isOf = { isLimited: () => false, isOnDisk: () => false, newTraceAt: () => 0, drop() {}, isEnding: false };
  const remote = new RemoteItems(queue, timing, bounds, isOf);
  const host: DrivenHost = {
    send: (message) => {
      if (message.type === 'send') jobs.push(...unpackJobs(message.jobs).map(({ id }) => id));
    },
    drainAcks: () => dispatcher.onDelivered(acks.splice(0)),
    requestAckNotifications: (isOn) => {
      isRequested = isOn;
      return isOn && acks.length > 0;
    },
  };
  const { loop, flushes } = driveLoop({ queue, dispatcher, stats, host, remote, batchSize: 3 });

  function report(results: readonly Result[]): void {
    const message: Report = { obstacles: { traces: 0, other: 0 }, delivered: acks.splice(0), results, maxBodyBytes: 1 };
    dispatcher.onReport(now(), message);
    loop.tick();
  }

  return {
    queue,
    record(traceId: string, kind: 'trace' | 'score' | 'remote') {
      const item = queue.create(stats.create(), kind === 'remote' ? 'spans' : kind, traceId, ['x']);
      item.isRemote = kind === 'remote';
      if (!remote.join(item)) queue.push(item);
      loop.onRecorded();
    },
    block: clock.block,
    inFlight: () => jobs.length,
    flush() {
      remote.hurry(now());
      void flushes.start(2 * fewDaysMs, () => {
        pace.hurry(now(), timing.minFlushRetryMs, timing.maxFlushRetryMs);
        loop.release();
      });
    },
    /** The worker delivers its first job, and tells only if it was asked to. @returns false if it has none */
    deliver() {
      const id = jobs.shift();
      if (id === undefined) return false;
      acks.push(id);
      if (isRequested) report([]);
      return true;
    },
    /** The worker's first job was not sent, or met an obstacle. */
    bringBack(obstacle?: Obstacle) {
      const id = jobs.shift();
      if (id === undefined) return;
      const back = { id, attempts: 1, notes: [], rest: { acknowledged: 0 } };
      report([
        obstacle === undefined
          ? { ...back, kind: 'returned' }
          : { ...back, kind: 'retry', isUncertain: false, ...obstacle },
      ]);
    },
    /** The worker dies with all that it has. */
    die() {
      jobs.length = 0;
      dispatcher.onDelivered(acks.splice(0));
      dispatcher.onWorkerLost(true);
      loop.tick();
    },
    /** But not the end of a flush. */
    runTimer: () => clock.runTimer(fewDaysMs),
    /** Items that are not settled, and whether somebody still waits for them. */
    left() {
      dispatcher.onDelivered(acks.splice(0));
      return { items: stats.pending, isAwaited: flushes.isAwaited };
    },
  };
}

describe('The loop of a delivery', () => {
  afterEach(restoreClock);

  it('leaves no item behind once the backend works again, whatever happened before', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 0.01, 0.4, 7), fc.boolean(), (program, msPerReading, isSlow) => {
        const loop = startLoop(msPerReading, isSlow ? 8 : 3);
        for (const step of program) {
          if (step.do === 'record') loop.record(`t${step.trace}`, step.kind);
          else if (step.do === 'deliver') loop.deliver();
          else if (step.do === 'timer') loop.runTimer();
          else if (step.do === 'flush') loop.flush();
          else if (step.do === 'block') loop.block(step.ms);
          else if (step.do === 'die') loop.die();
          else loop.bringBack(step.do === 'meet' ? obstacles[step.obstacle] : undefined);
        }
        const [first, then] = isSlow ? [loop.runTimer, loop.deliver] : [loop.deliver, loop.runTimer];
        for (let turns = 0; turns < 5000 && (first() || then()); turns += 1);
        expect(loop.left()).to.deep.equal({ items: 0, isAwaited: false });
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves no item behind whose wait ends during a turn of the loop', () => {
    for (let pauseMs = 0; pauseMs < 1100; pauseMs += 1) {
      const loop = startLoop(7);
      for (const trace of ['t0', 't1', 't2']) loop.record(trace, 'trace');
      while (loop.inFlight() < 3) loop.runTimer();
      loop.bringBack(obstacles.serverError); // waits for a second
      loop.block(pauseMs);
      loop.bringBack(); // a turn of the loop, after which nobody waits for what is in flight
      while (loop.deliver() || loop.runTimer());
      expect(loop.left(), `after ${pauseMs} ms`).to.deep.equal({ items: 0, isAwaited: false });
    }
  });

  it('tries the spans of all remote traces again, even if nobody flushes and nothing more is recorded', () => {
    const loop = startLoop(0.01);
    for (let trace = 0; trace < 12; trace += 1) loop.record(`t${trace}`, 'remote');
    for (let trace = 0; trace < 12; trace += 1) {
      while (loop.inFlight() === 0) loop.runTimer();
      loop.bringBack(obstacles.absent);
    }
    loop.block(60_000);
    while (loop.runTimer() || loop.deliver());
    expect(loop.left()).to.deep.equal({ items: 0, isAwaited: false });
  });
});
