import { expect } from 'chai';
import fc from 'fast-check';
import type { Transport } from '../../../lib/delivery/http/transport.js';
import { Pace } from '../../../lib/delivery/pace/pace.js';
import { itemRules } from '../../../lib/delivery/pandaprobe/encoder.js';
import { Queue } from '../../../lib/delivery/queue/queue.js';
import { Stats } from '../../../lib/delivery/report/stats.js';
import { Dispatcher } from '../../../lib/delivery/schedule/dispatcher.js';
import { Sender } from '../../../lib/delivery/send/sender.js';
import type { Job } from '../../../lib/delivery/wire/job-codec.js';
import { maxInFlight, type Result, type SenderSettings } from '../../../lib/delivery/wire/messages.js';
import type { Obstacle } from '../../../lib/delivery/wire/obstacle.js';
import type { Exchange } from '../../../lib/delivery/wire/protocol.js';
import { AckRing } from '../../../lib/delivery/worker/ack-ring.js';
import { reportToMain } from '../../../lib/delivery/worker/report-to-main.js';
import type { ThreadReport } from '../../../lib/delivery/worker/thread-data.js';
import { type DrivenHost, driveLoop, drivenTiming } from '../../support/driven-loop.js';
import { restoreClock, startSteppedClock } from '../../support/stepped-clock.js';

/*
 * The parts of both threads, with the memory between them, on one clock. Requests are answered, messages arrive and timers fire in any
 * order that the property asks for.
 *
 *   DeliveryLoop, Dispatcher, Pace, Queue ── toWorker ──> Sender ── requests ──> answered by the steps
 *            ^        ^                                      │
 *            │        └── AckRing ──────────────────────────<┤
 *            └── toMain ────────────────────────────────────<┘   by reportToMain
 */

const obstacles: Readonly<Record<string, Obstacle>> = {
  refusedConnection: { cause: 'fault', status: undefined, detail: 'ECONNREFUSED' },
  serverError: { cause: 'fault', status: 500, detail: '500' },
  limit: { cause: 'rate', status: 429, detail: '429', retryAfterMs: undefined },
  wrongKey: { cause: 'blocked', status: 401, detail: '401' },
  absent: { cause: 'absent', status: 404, detail: '404', isVague: false },
};

/** One request on its way. */
interface Request {
  readonly job: Job;
  readonly answer: (result: Result) => void;
}

function startBoth(msPerReading: number, sockets: number) {
  const clock = startSteppedClock(msPerReading);
  const timing = drivenTiming;
  const stats = new Stats();
  const queue = new Queue({ maxItems: 1000, maxBytes: 1_000_000 }, itemRules, () => {});
  const settled = new Map<number, number>();
  const settle = (id: number) => settled.set(id, (settled.get(id) ?? 0) + 1);
  const dispatcher = new Dispatcher(queue, itemRules, new Pace(timing, maxInFlight, () => 0.5), timing, {
    delivered(item) {
      settle(item.id);
      stats.deliver(item.id, false);
    },
    handing() {},
    failed(item, _status, _detail, rest) {
      for (const { id } of [item, ...(rest ?? [])]) {
        settle(id);
        stats.fail(id);
      }
    },
    remoteAbsent() {},
    obstructed() {},
  });

  // The worker.
  const requests: Request[] = [];
  const toMain: ThreadReport[] = [];
  const toWorker: Parameters<Sender['receive']>[0][] = [];
  let acks = new AckRing();
  let sender = startSender();

  function startSender(): Sender {
    const mine = acks;
    const ring = new AckRing(mine.memory);
    const exchange: Exchange = {
      routeOf: itemRules.routeOf,
      headersFor: () => ({}),
      countTogether: () => 1,
      send: ([job]) =>
        new Promise((resolve) => {
          requests.push({ job: job as Job, answer: (result) => resolve([result]) }); // one each
        }),
    };
    // What a sender needs of its settings where requests are made by hand.
    const settings = { sockets, maxBodyBytes: 1, endpoint: '', apiKey: '', reportsRequests: false } as SenderSettings;
    const report = reportToMain(ring, (message) => toMain.push(message));
    // A dead worker reports nothing.
    return new Sender(settings, exchange, { close() {} } as Transport, (each) => mine === acks && report(each));
  }

  // The application's thread.
  const host: DrivenHost = {
    send: (message) => toWorker.push(message),
    drainAcks: () => dispatcher.onDelivered(acks.take()),
    requestAckNotifications: (isOn) => acks.requestNotifications(isOn),
  };
  const { loop, flushes } = driveLoop({ queue, dispatcher, stats, host, batchSize: 5 });

  return {
    settled,
    record(traceId: string, kind: 'trace' | 'score') {
      queue.push(queue.create(stats.create(), kind, traceId, ['x']));
      loop.onRecorded();
    },
    flush() {
      void flushes.start(2 ** 30, () => loop.release());
    },
    /** Answers the request at this place. @returns false if there is none */
    answer(at: number, obstacle?: Obstacle) {
      const [request] = requests.splice(requests.length === 0 ? 0 : at % requests.length, 1);
      if (request === undefined) return false;
      const { id, acknowledged } = request.job;
      const result = { id, attempts: 1, notes: [] };
      if (obstacle === undefined) request.answer({ ...result, kind: 'delivered' });
      else request.answer({ ...result, kind: 'retry', rest: { acknowledged }, isUncertain: false, ...obstacle });
      return true;
    },
    /** A message arrives in the worker. */
    arriveInWorker() {
      const message = toWorker.shift();
      if (message !== undefined) sender.receive(message);
      return message !== undefined;
    },
    /** A message arrives in the application's thread. */
    arriveInMain() {
      const message = toMain.shift();
      if (message === undefined) return false;
      const { count, ...report } = message;
      dispatcher.onReport(clock.now(), { ...report, delivered: acks.take(count) });
      loop.tick();
      return true;
    },
    /** The worker dies with all it has. A new one starts. */
    die() {
      while (this.arriveInMain());
      dispatcher.onDelivered(acks.take());
      requests.length = 0;
      toWorker.length = 0;
      acks = new AckRing();
      sender = startSender();
      dispatcher.onWorkerLost(true);
      loop.tick();
    },
    /** But not the end of a flush. */
    runTimer: () => clock.runTimer(2 ** 29),
    block: clock.block,
    left() {
      dispatcher.onDelivered(acks.take());
      return { items: stats.pending, isAwaited: flushes.isAwaited };
    },
  };
}

type Both = ReturnType<typeof startBoth>;

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('record'), trace: fc.nat(20), kind: fc.constantFrom('trace', 'score') }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('answer'), at: fc.nat(10) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('meet'),
        at: fc.nat(10),
        obstacle: fc.constantFrom(...Object.keys(obstacles)),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constantFrom('toWorker', 'toWorker', 'toMain', 'timer', 'timer', 'flush', 'die') }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('block'), ms: fc.constantFrom(1, 100, 10_000) }) },
  ) as fc.Arbitrary<Step>,
  { maxLength: 120, size: 'max' },
);

type Step =
  | { readonly do: 'record'; readonly trace: number; readonly kind: 'trace' | 'score' }
  | { readonly do: 'answer'; readonly at: number }
  | { readonly do: 'meet'; readonly at: number; readonly obstacle: string }
  | { readonly do: 'block'; readonly ms: number }
  | { readonly do: 'toWorker' | 'toMain' | 'timer' | 'flush' | 'die' };

function run(both: Both, step: Step): void {
  switch (step.do) {
    case 'record':
      both.record(`t${step.trace}`, step.kind);
      return;
    case 'answer':
      both.answer(step.at);
      return;
    case 'meet':
      both.answer(step.at, obstacles[step.obstacle]);
      return;
    case 'block':
      both.block(step.ms);
      return;
    case 'toWorker':
      both.arriveInWorker();
      return;
    case 'toMain':
      both.arriveInMain();
      return;
    case 'timer':
      both.runTimer();
      return;
    case 'flush':
      both.flush();
      return;
    case 'die':
      both.die();
  }
}

describe('Both threads of a delivery', () => {
  afterEach(restoreClock);

  it('settle each item once and leave none behind, in whatever order messages, answers, faults and timers come', async () => {
    const orders = fc.shuffledSubarray(['toWorker', 'toMain', 'timer', 'answer'] as const, { minLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.constantFrom(0, 0.01, 0.4, 7),
        fc.constantFrom(1, 4),
        orders,
        fc.subarray<Step['do']>(['flush', 'die', 'block', 'toMain']),
        async (program, msPerReading, sockets, order, without) => {
          const both = startBoth(msPerReading, sockets);
          for (const step of program) {
            if (without.includes(step.do)) continue;
            run(both, step);
            await microtasks();
          }
          const moves = {
            toWorker: both.arriveInWorker,
            toMain: both.arriveInMain,
            timer: both.runTimer,
            answer: () => both.answer(0),
          };
          for (let turns = 0; turns < 10_000 && order.some((move) => moves[move]()); turns += 1) await microtasks();
          expect(both.left()).to.deep.equal({ items: 0, isAwaited: false });
          for (const [id, times] of both.settled) expect(times, `item ${id}`).to.equal(1);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** What an answer sets off in the sender has happened. */
async function microtasks(): Promise<void> {
  for (let turns = 0; turns < 4; turns += 1) await undefined;
}
