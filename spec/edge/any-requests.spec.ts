import { expect } from 'chai';
import fc from 'fast-check';
import { silentLog } from '../../lib/common/log.js';
import { real } from '../../lib/common/real-time.js';
import { pandaProbeEncoder } from '../../lib/delivery/pandaprobe/encoder.js';
import { pandaProbeExchange } from '../../lib/delivery/pandaprobe/exchange.js';
import type { Job } from '../../lib/delivery/wire/job-codec.js';
import type { Result } from '../../lib/delivery/wire/messages.js';
import type { Obstacle } from '../../lib/delivery/wire/obstacle.js';
import type { Protocol } from '../../lib/delivery/wire/protocol.js';
import { createLiveDelivery } from '../../lib/edge/request-delivery.js';
import { scoreRecord, testKey, traceRecord } from '../support/delivery.js';
import { restoreClock, type SteppedClock, startSteppedClock } from '../support/stepped-clock.js';

/*
 * An isolate with some requests, on a clock of its own. Each request records, flushes, and ends when the program says so. What belongs
 * to a request ends with it: its timers do not fire, its calls are not answered, and nobody hears how its flush has ended.
 *
 *   request 1 ── record, flush ──> delivery of the isolate ── calls of request 1 ──> answered by the steps
 *   request 2 ── record, flush ──>                         ── calls of request 2 ──>
 */

const obstacles: Readonly<Record<string, Obstacle>> = {
  refusedConnection: { cause: 'fault', status: undefined, detail: 'ECONNREFUSED' },
  serverError: { cause: 'fault', status: 500, detail: '500' },
  limit: { cause: 'rate', status: 429, detail: '429', retryAfterMs: undefined },
  absent: { cause: 'absent', status: 404, detail: '404', isVague: false },
};

/** One request to the isolate. */
interface Incoming {
  isOver: boolean;
}

/** A call to the backend, by the request that makes it. */
interface Call {
  readonly by: Incoming;
  readonly job: Job;
  readonly answer: (result: Result) => void;
}

/** A flush, with what was recorded before it. */
interface Flush {
  readonly by: Incoming;
  readonly until: number;
  readonly before: number;
  ended: { readonly ok: boolean; readonly at: number } | undefined;
}

class Isolate {
  readonly #clock: SteppedClock;
  /** Whose code runs. */
  #current: Incoming = { isOver: false };
  #requests = [this.#current, { isOver: false }, { isOver: false }];
  readonly #calls: Call[] = [];
  readonly flushes: Flush[] = [];
  readonly #traces: string[] = [];
  readonly delivery;

  constructor(msPerReading: number) {
    this.#clock = startSteppedClock(msPerReading);
    const { setTimeout } = real;
    const owned = (run: () => void) => {
      const by = this.#current;
      return () => this.#as(by, run);
    };
    Object.assign(real, { setTimeout: (run: () => void, ms: number) => setTimeout(owned(run), ms) });
    const exchange = {
      ...pandaProbeExchange,
      send: ([job]: readonly Job[]) =>
        new Promise<readonly Result[]>((resolve) => {
          this.#calls.push({ by: this.#current, job: job as Job, answer: (result) => resolve([result]) }); // one each
        }),
    };
    const protocol: Protocol = { encoder: pandaProbeEncoder, exchange, itemsPerRequest: 1 };
    this.delivery = createLiveDelivery({
      ...{ endpoint: 'http://127.0.0.1', apiKey: testKey, projectName: 'specs', userAgent: 'spec', worker: 'auto' },
      ...{ batchSize: 5, flushIntervalMs: 2000, maxQueueSize: 10_000, maxQueueBytes: 64e6, maxSpoolBytes: 0 },
      ...{ requestTimeoutMs: 10_000, log: silentLog, onLoss() {}, protocol },
    });
  }

  /** Runs code of a request, unless that is over. */
  #as(request: Incoming, run: () => void): void {
    if (request.isOver) return;
    const before = this.#current;
    this.#current = request;
    run();
    this.#current = before;
  }

  #request(at: number): Incoming {
    return this.#requests[at] as Incoming; // 0 to 2
  }

  record(at: number, kind: 'trace' | 'score'): void {
    this.#as(this.#request(at), () => {
      const trace = traceRecord();
      if (kind === 'trace') {
        this.delivery.trace(trace);
        this.#traces.push(trace.traceId);
      } else this.delivery.score(scoreRecord(this.#traces.at(-1) ?? trace.traceId));
    });
  }

  flush(at: number, timeoutMs: number): void {
    const by = this.#request(at);
    const flush: Flush = { by, until: this.now + timeoutMs, before: this.delivery.stats().created, ended: undefined };
    this.#as(by, () => {
      this.flushes.push(flush);
      void this.delivery.flush({ timeoutMs }).then(({ ok }) => {
        flush.ended = { ok, at: this.now };
      });
    });
  }

  /** The request is over, with all that belongs to it; another comes. */
  end(at: number): void {
    this.#request(at).isOver = true;
    this.#requests[at] = { isOver: false };
  }

  /** Answers a call. @returns false if there is none */
  async answer(at: number, obstacle?: Obstacle): Promise<boolean> {
    const open = this.#calls.filter(({ by }) => !by.isOver);
    const call = open[open.length === 0 ? 0 : at % open.length];
    if (call === undefined) return false;
    this.#calls.splice(this.#calls.indexOf(call), 1);
    const { id, acknowledged } = call.job;
    const result = { id, attempts: 1, notes: [] };
    const before = this.#current;
    this.#current = call.by;
    if (obstacle === undefined) call.answer({ ...result, kind: 'delivered' });
    else call.answer({ ...result, kind: 'retry', rest: { acknowledged }, isUncertain: false, ...obstacle });
    await microtasks();
    this.#current = before;
    return true;
  }

  runTimer(): boolean {
    return this.#clock.runTimer(2 ** 29);
  }

  block(ms: number): void {
    this.#clock.block(ms);
  }

  get now(): number {
    return this.#clock.now();
  }
}

/** What an answer sets off has happened. */
async function microtasks(): Promise<void> {
  for (let turns = 0; turns < 8; turns += 1) await undefined;
}

const at = fc.nat(2);
const steps = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('record' as const),
        at,
        kind: fc.constantFrom('trace' as const, 'score' as const),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('flush' as const), at, ms: fc.constantFrom(0, 50, 2000, 30_000) }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('answer' as const), at: fc.nat(10) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('meet' as const),
        at: fc.nat(10),
        obstacle: fc.constantFrom(...Object.keys(obstacles)),
      }),
    },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('timer' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('end' as const), at }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('block' as const), ms: fc.constantFrom(1, 100, 10_000) }) },
  ),
  { maxLength: 80, size: 'max' },
);
type Step = typeof steps extends fc.Arbitrary<readonly (infer T)[]> ? T : never;

async function run(isolate: Isolate, step: Step): Promise<void> {
  switch (step.do) {
    case 'record':
      isolate.record(step.at, step.kind);
      break;
    case 'flush':
      isolate.flush(step.at, step.ms);
      break;
    case 'answer':
      await isolate.answer(step.at);
      break;
    case 'meet':
      await isolate.answer(step.at, obstacles[step.obstacle]);
      break;
    case 'timer':
      isolate.runTimer();
      break;
    case 'end':
      isolate.end(step.at);
      break;
    case 'block':
      isolate.block(step.ms);
  }
  await microtasks();
}

describe('Delivery on an edge runtime', () => {
  afterEach(restoreClock);

  for (const timeoutMs of [2000, Number.POSITIVE_INFINITY]) {
    it(`sends in one flush the items that an ended request had in flight, with ${timeoutMs} ms for its own`, async () => {
      const isolate = new Isolate(0);
      isolate.record(0, 'trace');
      isolate.flush(0, timeoutMs);
      await microtasks();
      isolate.end(0);
      isolate.flush(1, 30_000);
      const flush = isolate.flushes.at(-1);
      while (flush?.ended === undefined && isolate.runTimer()) {
        await microtasks();
        await isolate.answer(0);
      }
      expect(flush?.ended?.ok).to.equal(true);
      expect(isolate.delivery.stats()).to.include({ delivered: 1, pending: 0 });
    });
  }

  it('ends each flush in time and delivers everything in the end, in whatever order requests come, meet faults and end', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.constantFrom(0, 0.01, 0.4), async (program, msPerReading) => {
        const isolate = new Isolate(msPerReading);
        for (const step of program) {
          await run(isolate, step);
          for (const { by, before, ended } of isolate.flushes) {
            const { delivered, failed, dropped } = isolate.delivery.stats();
            if (ended?.ok === true && !by.isOver)
              expect(delivered + failed + dropped, 'settled').to.be.at.least(before);
          }
        }
        // What is under way ends: calls are answered, timers fire.
        for (let turns = 0; turns < 20_000; turns += 1) {
          if (!(await isolate.answer(0)) && !isolate.runTimer()) break;
          await microtasks();
        }
        for (const { by, ended, until } of isolate.flushes) {
          if (!by.isOver) expect(ended, `the flush until ${until}`).to.not.equal(undefined);
        }
        // One more request finds what those before it have left behind.
        isolate.block(60_000);
        isolate.flush(0, 600_000);
        const last = isolate.flushes.at(-1);
        for (let turns = 0; turns < 20_000 && last?.ended === undefined; turns += 1) {
          await microtasks();
          if (!(await isolate.answer(0)) && !isolate.runTimer()) break;
          await microtasks();
        }
        const { pending, created, delivered, failed, dropped } = isolate.delivery.stats();
        expect(created).to.equal(delivered + failed + dropped + pending);
        if (created <= 30) expect({ pending, ok: last?.ended?.ok }).to.deep.equal({ pending: 0, ok: true });
      }),
      { numRuns: 300 },
    );
  });
});
