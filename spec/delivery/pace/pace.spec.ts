import { expect } from 'chai';
import { CircuitBreaker } from '../../../lib/delivery/pace/circuit-breaker.js';
import { Pace } from '../../../lib/delivery/pace/pace.js';
import { RateLimiter } from '../../../lib/delivery/pace/rate-limiter.js';
import { StorageLag } from '../../../lib/delivery/pace/storage-lag.js';
import { defaultTiming, doubled } from '../../../lib/delivery/pace/timing.js';

const rate = (retryAfter?: number) => ({ cause: 'rate', retryAfterMs: retryAfter }) as const;
const fault = { cause: 'fault' } as const;
const steady = () => 0.5;
const none = { traces: 0, other: 0 };

/** Sends `total` items one after the other, each taking `takesMs`, to a backend that answers `isAccepted(now)`. */
function simulate(
  limit: RateLimiter,
  total: number,
  takesMs: number,
  isAccepted: (now: number) => boolean,
  retryAfter?: number,
) {
  let now = 0;
  let requests = 0;
  for (let delivered = 0; delivered < total; ) {
    const room = Math.min(4, limit.capacity(now, 0), total - delivered);
    if (room === 0) {
      now = Math.max(now + 1, limit.nextAt);
      continue;
    }
    limit.onSent(now);
    now += takesMs;
    requests += room;
    for (let i = 0; i < room; i += 1) {
      if (isAccepted(now)) {
        delivered += 1;
        limit.onAnswered();
      } else limit.onRefused(now, rate(retryAfter));
    }
  }
  return { requests, now };
}

describe('RateLimiter', () => {
  const limitOf = () => new RateLimiter(defaultTiming, 32, steady);

  it('gives the whole window when nothing is wrong', () => {
    expect(limitOf().capacity(0, 0)).to.equal(32);
    expect(limitOf().capacity(0, 30)).to.equal(2);
  });

  describe('with Retry-After', () => {
    it('makes no request before its end, then one', () => {
      const limit = limitOf();
      limit.onSent(0);
      limit.onRefused(10, rate(5000));
      limit.onRefused(11, rate(4999));
      expect(limit.capacity(5009, 0)).to.equal(0);
      expect(limit.nextAt).to.be.within(5010, 5400);
      expect(limit.capacity(5400, 1), 'one is still under way').to.equal(0);
      expect(limit.capacity(5400, 0)).to.equal(1);
      limit.onSent(5400);
      limit.onAnswered();
      expect(limit.capacity(5410, 0)).to.equal(32);
    });
    it('does not open for an answer to a request made before', () => {
      const limit = limitOf();
      limit.onSent(0);
      limit.onRefused(10, rate(5000));
      limit.onAnswered();
      expect(limit.capacity(12, 0)).to.equal(0);
    });
    it('is not shortened by a flush', () => {
      const limit = limitOf();
      limit.onSent(0);
      limit.onRefused(10, rate(5000));
      limit.hurry(20, 0);
      expect(limit.capacity(5009, 0)).to.equal(0);
    });
    it('P4 waits longer each time where the backend goes on refusing after the time it asked for', () => {
      const limit = limitOf();
      const gaps: number[] = [];
      for (let now = 0, i = 0; i < 7; i += 1) {
        limit.onSent(now);
        limit.onRefused(now, rate(i === 0 ? 1000 : 1));
        gaps.push(Math.round(limit.nextAt - now));
        now = limit.nextAt;
      }
      expect(gaps).to.deep.equal([1025, 1000, 2000, 4000, 8000, 16_000, 30_000]);
    });
    it('P4 wastes at most a tenth where one request a second is taken', () => {
      const { requests } = simulate(limitOf(), 500, 5, movingWindow(1, 1000), 1000);
      expect(requests).to.be.at.most(550);
    });
  });

  describe('without Retry-After', () => {
    for (const [name, accepts] of Object.entries({
      'a fixed window of 100 a minute': () => fixedWindow(100, 60_000),
      'a moving window of 100 a minute': () => movingWindow(100, 60_000),
      'a bucket of 100 that fills by 100 a minute': () => bucket(100, 60_000),
      'a bucket of 5 that fills by 100 a minute': () => bucket(5, 3_000),
    })) {
      it(`P4 wastes at most 10 % of 1,000 requests on ${name}, and at most half of the time`, () => {
        const { requests, now } = simulate(limitOf(), 1000, 20, accepts());
        expect(requests).to.be.at.most(1100);
        expect(now).to.be.at.most(2 * 600_000);
      });
    }
    it('probes with one request, at growing distances', () => {
      const limit = limitOf();
      limit.onSent(0);
      const gaps: number[] = [];
      let now = 0;
      for (let i = 0; i < 8; i += 1) {
        limit.onRefused(now, rate());
        gaps.push(limit.nextAt - now);
        now = limit.nextAt;
        expect(limit.capacity(now, 0)).to.equal(1);
        limit.onSent(now);
      }
      expect(gaps).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    });
    it('is soon at full speed again after a refusal in passing', () => {
      const limit = limitOf();
      // Few were accepted before, so the refusal looks like a tight limit.
      const { now } = simulate(limit, 1000, 20, (at) => at < 40 || at > 400);
      expect(now).to.be.below(5000 + 60_000);
      expect(limit.capacity(now, 0)).to.equal(32);
    });
    it('forgets a limit that was lifted', () => {
      const limit = limitOf();
      const accepts = fixedWindow(100, 60_000);
      simulate(limit, 300, 20, (now) => now > 130_000 || accepts(now));
      const { now } = simulate(limit, 3000, 20, () => true);
      expect(limit.capacity(now, 0)).to.equal(32);
    });
    it('lets a flush probe sooner while the limit is not known, but not soon after a refusal', () => {
      const limit = limitOf();
      for (let now = 0, i = 0; i < 6; i += 1, now = limit.nextAt) {
        limit.onSent(now);
        limit.onRefused(now, rate());
      }
      expect(limit.nextAt).to.equal(31_000 + 30_000);
      limit.hurry(32_000, 5000);
      expect(limit.nextAt).to.equal(36_000);
    });
  });

  describe('with a quota that is used up', () => {
    it('tries once in ten minutes, whatever is asked for', () => {
      const limit = limitOf();
      limit.onSent(0);
      expect(limit.onRefused(0, { cause: 'quota' })).to.equal(true);
      expect(limit.onRefused(1, { cause: 'quota' }), 'sent before').to.equal(false);
      expect(limit.onRefused(2, rate(1000)), 'sent before').to.equal(false);
      limit.hurry(10, 0);
      expect(limit.capacity(599_999, 0)).to.equal(0);
      expect(limit.capacity(600_000, 0)).to.equal(1);
      limit.onSent(600_000);
      limit.onRefused(600_100, { cause: 'quota' });
      expect(limit.nextAt).to.equal(1_200_100);
      limit.onSent(1_200_100);
      limit.onAnswered();
      expect(limit.hold).to.equal(undefined);
      expect(limit.capacity(1_200_101, 0)).to.equal(32);
    });
  });
});

describe('CircuitBreaker', () => {
  const breakerOf = () => new CircuitBreaker(defaultTiming, steady);

  it('goes on after one fault, holds after three of different items in a row', () => {
    const breaker = breakerOf();
    expect(breaker.onFailure(0, fault)).to.equal(false);
    breaker.onAnswered();
    expect(breaker.onFailure(2, fault)).to.equal(false);
    expect(breaker.onFailure(3, fault)).to.equal(false);
    expect(breaker.onFailure(4, { cause: 'fault', isRepeat: true })).to.equal(false);
    expect(breaker.nextAt).to.equal(0);
    expect(breaker.onFailure(5, fault)).to.equal(true);
    expect(breaker.nextAt).to.equal(1005);
  });
  it('doubles the wait with each failed probe and starts over after a success', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i += 1) breaker.onFailure(0, fault);
    breaker.onSent();
    breaker.onFailure(1000, fault);
    expect(breaker.nextAt).to.equal(3000);
    breaker.onSent();
    breaker.onAnswered();
    expect(breaker.hold).to.equal(undefined);
    for (let i = 0; i < 3; i += 1) breaker.onFailure(4000, fault);
    expect(breaker.nextAt).to.equal(5000);
  });
  it('counts the faults of one burst once', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 30; i += 1) breaker.onFailure(i, fault);
    expect(breaker.nextAt).to.equal(1002);
  });
  it('lets a flush probe sooner, but not more often than its gap', () => {
    const breaker = breakerOf();
    for (let i = 0; i < 3; i += 1) breaker.onFailure(0, fault);
    breaker.hurry(100, 500);
    expect(breaker.nextAt).to.equal(500);
    breaker.hurry(100, 0);
    expect(breaker.capacity(100, 0)).to.equal(1);
  });
  it('keeps away for as long as a 503 asks for, whoever waits, and whatever was answered meanwhile', () => {
    const breaker = breakerOf();
    expect(breaker.onFailure(0, { cause: 'fault', retryAfterMs: 9000 })).to.equal(true);
    breaker.hurry(100, 0);
    breaker.onAnswered();
    expect(breaker.capacity(8999, 0)).to.equal(0);
    expect(breaker.capacity(9000, 0)).to.equal(1);
  });
  it('probes a refused key once a minute', () => {
    const breaker = breakerOf();
    expect(breaker.onFailure(0, { cause: 'blocked' })).to.equal(true);
    expect(breaker.onFailure(1, { cause: 'blocked' })).to.equal(false);
    expect(breaker.capacity(59_999, 0)).to.equal(0);
    expect(breaker.capacity(60_000, 0)).to.equal(1);
    breaker.onSent();
    breaker.onAnswered();
    expect(breaker.hold).to.equal(undefined);
  });
});

describe('StorageLag', () => {
  /** Sends the scores of `total` traces, acknowledged `everyMs` apart and stored `lagMs` later; each item waits for itself, too. */
  function store(total: number, lagMs: number, everyMs: number) {
    const lag = new StorageLag(defaultTiming, 32);
    const items = Array.from({ length: total }, (_, i) => ({ at: i * everyMs, dueAt: i * everyMs, tries: 0 }));
    let now = 0;
    let requests = 0;
    while (items.length > 0) {
      const ready = items.filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
      const room = Math.min(lag.capacity(now, 0), ready.length);
      if (room <= 0) {
        now = Math.max(now + 5, lag.nextAt);
        continue;
      }
      now += 5;
      for (const item of ready.slice(0, room)) {
        requests += 1;
        item.tries += 1;
        if (now < item.at + lagMs) {
          lag.onNotStored(now, item.tries > 1);
          item.dueAt = now + doubled(defaultTiming.absentMs, item.tries - 1, defaultTiming.maxAbsentMs);
        } else {
          lag.onStored();
          items.splice(items.indexOf(item), 1);
        }
      }
    }
    return { requests, now };
  }

  it('P4 wastes at most a tenth of the requests of 1,200 items while storing lags by 80 s', () => {
    const { requests, now } = store(1200, 80_000, 0);
    expect(requests).to.be.at.most(1320);
    expect(now).to.be.below(95_000);
  });
  it('wastes at most one request for each item while it lags by 20 s all the time, and keeps up', () => {
    const { requests, now } = store(1200, 20_000, 100);
    expect(requests).to.be.at.most(2400);
    expect(now).to.be.below(120_000 + 40_000);
  });
});

describe('Pace', () => {
  const paceOf = () => new Pace(defaultTiming, 32, steady);

  it('P4 lets scores and late spans go while traces are limited, and the other way round', () => {
    for (const [limited, free] of [
      ['traces', 'other'],
      ['other', 'traces'],
    ] as const) {
      for (const trouble of [rate(60_000), rate(), { cause: 'quota' } as const]) {
        const pace = paceOf();
        pace.onSent(limited, 0);
        expect(pace.onFailure(limited, 10, trouble)).to.equal(true);
        expect(pace.holdOf(limited)).to.equal(trouble.cause);
        expect(pace.capacity(limited, 20, none)).to.equal(0);
        expect(pace.holdOf(free)).to.equal(undefined);
        expect(pace.nextAt(free)).to.equal(0);
        expect(pace.capacity(free, 20, none)).to.be.above(0);
      }
    }
  });
  it('holds every route while the backend cannot be reached, or refuses the key', () => {
    for (const cause of ['fault', 'blocked'] as const) {
      const pace = paceOf();
      for (let i = 0; i < 3; i += 1) pace.onFailure('traces', 0, { cause, isOfAll: true });
      for (const route of ['traces', 'other'] as const) {
        expect(pace.holdOf(route)).to.equal(cause);
        expect(pace.capacity(route, 10, none)).to.equal(0);
      }
      const at = pace.nextAt('other');
      expect(pace.capacity('other', at, none)).to.equal(1);
      expect(pace.capacity('other', at, { traces: 1, other: 0 }), 'one probe for all').to.equal(0);
    }
  });
  it('holds only the route whose requests fail with a 500', () => {
    const pace = paceOf();
    for (let i = 0; i < 3; i += 1) pace.onFailure('traces', 0, fault);
    expect(pace.capacity('traces', 10, none)).to.equal(0);
    expect(pace.capacity('other', 10, none)).to.be.above(0);
    pace.onAnswered('other');
    expect(pace.capacity('traces', 10, none), 'an answer to a score says nothing about traces').to.equal(0);
  });
  it('holds late spans when the spans of large traces are not stored yet, before any late span was sent', () => {
    const pace = paceOf();
    for (let i = 0; i < 3; i += 1) pace.onNotStored('other', 0, false);
    expect(pace.capacity('other', 1, none)).to.equal(0);
    expect(pace.capacity('traces', 1, none)).to.be.above(0);
  });
  it('gives both routes together no more than the window', () => {
    const pace = paceOf();
    expect(pace.capacity('traces', 0, { traces: 10, other: 20 })).to.equal(2);
    expect(pace.capacity('traces', 0, { traces: 2, other: 30 })).to.equal(0);
  });
});

function fixedWindow(max: number, perMs: number): (now: number) => boolean {
  let from = Number.NEGATIVE_INFINITY;
  let count = 0;
  return (now) => {
    if (now - from >= perMs) {
      from = now;
      count = 0;
    }
    count += 1;
    return count <= max;
  };
}

function movingWindow(max: number, perMs: number): (now: number) => boolean {
  const accepted: number[] = [];
  return (now) => {
    while (accepted[0] !== undefined && now - accepted[0] >= perMs) accepted.shift();
    if (accepted.length >= max) return false;
    accepted.push(now);
    return true;
  };
}

/** Holds `max` tokens and gains `max` per `perMs`. */
function bucket(max: number, perMs: number): (now: number) => boolean {
  let tokens = max;
  let at = 0;
  return (now) => {
    tokens = Math.min(max, tokens + ((now - at) * max) / perMs);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
