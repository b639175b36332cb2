import { expect } from 'chai';
import { RateLimiter } from '../../../lib/delivery/pace/rate-limiter.js';
import { defaultTiming } from '../../../lib/delivery/pace/timing.js';

const rate = (retryAfter?: number) => ({ cause: 'rate', retryAfterMs: retryAfter }) as const;
const steady = () => 0.5;

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

  it('allows the whole window while there are no refusals', () => {
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
    it('does not open when a request that was made earlier is answered', () => {
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
    it('P4 waits longer each time if the backend still refuses after its Retry-After', () => {
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
    for (const [name, accepts, retryAfter, idealMs] of [
      ['a moving window of 1 a second', () => movingWindow(1, 1000), 1000, 1000],
      ['a fixed window of 3 in six seconds', () => fixedWindow(3, 6000), 6000, 2000],
      ['a fixed window of 5 in six seconds', () => fixedWindow(5, 6000), 6000, 1200],
      ['a fixed window of 100 a minute', () => fixedWindow(100, 60_000), 60_000, 600],
      ['a moving window of 100 a minute', () => movingWindow(100, 60_000), 30_000, 600],
      ['a bucket of 2 that fills by one a second', () => bucket(2, 2000), 1000, 1000],
      ['a bucket of 5 that fills by one a second', () => bucket(5, 5000), 1000, 1000],
    ] as const) {
      it(`P4 wastes at most a tenth of 500 requests on ${name}, and at most a third of the time`, () => {
        const { requests, now } = simulate(limitOf(), 500, 20, accepts(), retryAfter);
        expect(requests).to.be.at.most(550);
        expect(now).to.be.at.most((500 * idealMs * 4) / 3);
      });
    }
  });

  describe('after a moment in which some requests were refused', () => {
    for (const [what, accepts] of Object.entries({
      'the second request': () => (_: number, request: number) => request !== 2,
      'the third and the fourth request': () => (_: number, request: number) => request !== 3 && request !== 4,
    })) {
      for (const retryAfter of [1000, undefined]) {
        it(`of which was ${what}, with Retry-After ${retryAfter}, is soon at full speed again`, () => {
          const limit = limitOf();
          let request = 0;
          const isAccepted = accepts();
          const { now, requests } = simulate(limit, 60, 50, (at) => isAccepted(at, ++request), retryAfter);
          expect(requests).to.be.at.most(62);
          expect(now).to.be.below(20_000);
          expect(limit.capacity(now, 0)).to.equal(32);
        });
      }
    }
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
    it('is soon at full speed again after a single refusal', () => {
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
    it('probes once in ten minutes, even if a flush waits', () => {
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
