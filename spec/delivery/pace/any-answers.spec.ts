import { expect } from 'chai';
import fc from 'fast-check';
import { type Failure, Pace } from '../../../lib/delivery/pace/pace.js';
import { StorageLag } from '../../../lib/delivery/pace/storage-lag.js';
import { defaultTiming, doubled, jittered } from '../../../lib/delivery/pace/timing.js';
import { type Route, routes } from '../../../lib/delivery/queue/route.js';

const none = { traces: 0, other: 0 };
const window = 8;

const failures: Readonly<Record<string, Failure>> = {
  'a fault of one route': { cause: 'fault' },
  'a fault of all routes': { cause: 'fault', isOfAll: true },
  'a refused key': { cause: 'blocked', isOfAll: true },
  'a limit': { cause: 'rate', retryAfterMs: undefined },
  'a limit with Retry-After': { cause: 'rate', retryAfterMs: 7000 },
  'a longer Retry-After': { cause: 'rate', retryAfterMs: 40_000 },
  '503 with Retry-After': { cause: 'fault', isOfAll: true, retryAfterMs: 9000 },
  'a used-up quota': { cause: 'quota' },
};

interface Step {
  readonly do: 'send' | 'answer' | 'fail' | 'return' | 'absent' | 'stored' | 'hurry' | 'wait';
  readonly route: Route;
  readonly failure: string;
  readonly ms: number;
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    do: fc.constantFrom(
      'send',
      'send',
      'send',
      'answer',
      'answer',
      'fail',
      'return',
      'absent',
      'stored',
      'hurry',
      'wait',
    ),
    route: fc.constantFrom(...routes),
    failure: fc.constantFrom(...Object.keys(failures)),
    ms: fc.constantFrom(0, 1, 40, 900, 20_000),
  }),
  { minLength: 10, maxLength: 80 },
);

describe('Pace after any answers', () => {
  it('opens each route at nextAt, not before Retry-After, and for good when a probe is answered', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 0.5, 0.99), (program, random) => {
        const pace = new Pace(defaultTiming, window, () => random);
        const inFlight = { ...none };
        /** Until when the backend asked to wait, unless it has answered since. */
        const told = { ...none };
        let now = 1000;
        for (const { do: what, route, failure, ms } of program) {
          now += ms;
          if (what === 'send') {
            if (pace.capacity(route, now, inFlight) <= 0) continue;
            pace.onSent(route, now);
            inFlight[route] += 1;
          } else if (what === 'hurry') pace.hurry(now, 1000, 5000);
          else if (what === 'wait') now += ms;
          else if (inFlight[route] === 0) continue;
          else {
            inFlight[route] -= 1;
            if (what === 'return') pace.onReturned(route);
            else if (what === 'fail') {
              const met = failures[failure] as Failure; // its names come from there
              pace.onFailure(route, now, met);
              const until = 'retryAfterMs' in met && met.retryAfterMs !== undefined ? now + met.retryAfterMs : 0;
              for (const one of met.isOfAll === true ? routes : [route]) told[one] = Math.max(told[one], until);
              if (until === 0) Object.assign(told, none); // its own wait may replace the one that was asked for
            } else if (what === 'absent') pace.onNotStored(route, now, false);
            else {
              pace.onAnswered(route);
              if (what === 'stored') pace.onStored(route);
              Object.assign(told, none);
            }
          }
          for (const one of routes) {
            const at = Math.max(now, pace.nextAt(one));
            expect(pace.capacity(one, at, none), `${one} at its time`).to.be.at.least(1);
            if (at > now) expect(pace.capacity(one, at - 1e-3, none), `${one} before its time`).to.be.at.most(0);
            expect(at, `Retry-After for ${one}`).to.be.at.least(told[one]);
            const room = window - inFlight.traces - inFlight.other;
            expect(pace.capacity(one, now, inFlight), 'the window').to.be.at.most(room);
          }
        }
        for (const route of routes) for (; inFlight[route] > 0; inFlight[route] -= 1) pace.onReturned(route);
        for (const route of routes) {
          pace.onSent(route, Math.max(now, pace.nextAt(route)));
          pace.onAnswered(route);
          expect(pace.holdOf(route), `${route} after its probe`).to.equal(undefined);
        }
      }),
      { numRuns: 500, endOnFailure: true },
    );
  });

  for (const [name, wait] of Object.entries({
    'a fault of one route': 600,
    'a fault of all routes': 600,
    'a limit': 800,
    'a refused key': 60_000,
    'a used-up quota': 600_000,
    'a limit with Retry-After': 7000,
    '503 with Retry-After': 9000,
  })) {
    it(`probes ${wait} ms after ${name} when somebody waits for a flush`, () => {
      const pace = new Pace(defaultTiming, window, () => 0.5);
      pace.onSent('traces', 0);
      for (let time = 0; time < 3; time += 1) pace.onFailure('traces', 0, failures[name] as Failure);
      pace.hurry(300, 600, 800);
      expect(Math.round(pace.nextAt('traces'))).to.be.within(wait, wait * 1.05);
      expect(pace.capacity('traces', pace.nextAt('traces'), none)).to.equal(1);
    });
  }

  it('obeys the longest Retry-After of several refused requests in flight', () => {
    for (const waits of [
      [7000, 40_000],
      [40_000, 7000],
    ]) {
      const pace = new Pace(defaultTiming, window, () => 0);
      for (let item = 0; item < waits.length; item += 1) pace.onSent('traces', 0);
      for (const retryAfterMs of waits) pace.onFailure('traces', 10, { cause: 'rate', retryAfterMs });
      expect(pace.nextAt('traces')).to.equal(40_010);
    }
  });

  it('obeys the Retry-After of a request that was in flight when the key was refused', () => {
    const pace = new Pace(defaultTiming, window, () => 0);
    for (const route of routes) pace.onSent(route, 0);
    pace.onFailure('traces', 0, { cause: 'blocked', isOfAll: true });
    expect(pace.nextAt('traces')).to.equal(60_000);
    for (const [retryAfterMs, nextAt] of [
      [9000, 60_000],
      [90_000, 91_000],
    ] as const) {
      pace.onFailure('other', 1000, { cause: 'fault', isOfAll: true, retryAfterMs });
      for (const route of routes) expect(pace.nextAt(route)).to.equal(nextAt);
    }
    expect(pace.holdOf('traces')).to.equal('blocked');
  });

  it('waits longer only once when many traces are found not to be stored at the same time', () => {
    const lag = new StorageLag(defaultTiming, window);
    lag.onNotStored(0, false);
    lag.onNotStored(0, false);
    expect(lag.nextAt, 'two may be chance').to.equal(0);
    for (let item = 0; item < 20; item += 1) lag.onNotStored(0, false);
    expect(lag.nextAt).to.equal(100);
    lag.hurry(40);
    expect(lag.capacity(39, 0)).to.equal(0);
    expect(lag.capacity(40, 0), 'one at a time').to.equal(1);
    lag.onNotStored(40, true);
    expect(lag.nextAt).to.equal(240);
    lag.onStored();
    expect(lag.nextAt).to.equal(0);
    expect(lag.capacity(40, 0), 'one more than before').to.equal(2);
  });

  it('spreads a wait by a quarter in both directions, and doubles it up to its most', () => {
    expect([0, 0.5, 1].map((random) => jittered(1000, () => random))).to.deep.equal([750, 1000, 1250]);
    expect([0, 1, 2, 3, 5000].map((step) => doubled(100, step, 700))).to.deep.equal([100, 200, 400, 700, 700]);
  });
});
