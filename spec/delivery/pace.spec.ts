import { expect } from 'chai';
import { Pace } from '../../lib/delivery/pace.js';
import { defaultTiming } from '../../lib/delivery/timing.js';

const rate = (retryAfter?: number) => ({ cause: 'rate', retryAfterMs: retryAfter }) as const;
const fault = { cause: 'fault', isRepeat: false } as const;
const steady = () => 0.5;

/** Sends `total` items one after the other, each taking `takesMs`, to a backend that answers `isAccepted(now)`. */
function simulate(pace: Pace, total: number, takesMs: number, isAccepted: (now: number) => boolean) {
  let now = 0;
  let requests = 0;
  for (let delivered = 0; delivered < total; ) {
    const room = Math.min(4, pace.room(now, 0), total - delivered);
    if (room === 0) {
      now = Math.max(now + 1, pace.nextAt);
      continue;
    }
    pace.sent(now, room);
    now += takesMs;
    requests += room;
    for (let i = 0; i < room; i += 1) {
      if (isAccepted(now)) {
        delivered += 1;
        pace.answered(now);
      } else pace.troubled(now, rate());
    }
  }
  return { requests, now };
}

describe('Pace', () => {
  describe('when nothing is wrong', () => {
    it('gives the whole window', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      expect(pace.room(0, 0)).to.equal(32);
      expect(pace.room(0, 30)).to.equal(2);
    });
  });

  describe('with Retry-After', () => {
    it('makes no request before its end, then one', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      pace.sent(0, 4);
      pace.troubled(10, rate(5000));
      pace.troubled(11, rate(4999));
      expect(pace.room(5009, 0)).to.equal(0);
      expect(pace.nextAt).to.be.within(5010, 5400);
      expect(pace.room(5400, 1), 'one is still under way').to.equal(0);
      expect(pace.room(5400, 0)).to.equal(1);
      pace.sent(5400, 1);
      pace.answered(5410);
      expect(pace.room(5410, 0)).to.equal(32);
    });
    it('does not open for an answer to a request made before', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      pace.sent(0, 4);
      pace.troubled(10, rate(5000));
      pace.answered(11);
      expect(pace.room(12, 0)).to.equal(0);
    });
    it('is not shortened by a flush', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      pace.sent(0, 1);
      pace.troubled(10, rate(5000));
      pace.nudge(20, 0);
      expect(pace.room(5009, 0)).to.equal(0);
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
        const { requests, now } = simulate(new Pace(defaultTiming, 32, steady), 1000, 20, accepts());
        expect(requests).to.be.at.most(1100);
        expect(now).to.be.at.most(2 * 600_000);
      });
    }
    it('probes with one request, at growing distances', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      pace.sent(0, 4);
      const gaps: number[] = [];
      let now = 0;
      for (let i = 0; i < 8; i += 1) {
        pace.troubled(now, rate());
        gaps.push(pace.nextAt - now);
        now = pace.nextAt;
        expect(pace.room(now, 0)).to.equal(1);
        pace.sent(now, 1);
      }
      expect(gaps).to.deep.equal([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    });
    it('is soon at full speed again after a refusal in passing', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      // Few were accepted before, so the refusal looks like a tight limit.
      const { now } = simulate(pace, 1000, 20, (at) => at < 40 || at > 400);
      expect(now).to.be.below(5000 + 60_000);
      expect(pace.room(now, 0)).to.equal(32);
    });
    it('forgets a limit that was lifted', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      const accepts = fixedWindow(100, 60_000);
      simulate(pace, 300, 20, (now) => now > 130_000 || accepts(now));
      const { now } = simulate(pace, 3000, 20, () => true);
      expect(pace.room(now, 0)).to.equal(32);
    });
  });

  describe('with faults', () => {
    it('goes on after one, holds after three of different items in a row', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      expect(pace.troubled(0, fault)).to.equal(false);
      pace.answered(1);
      expect(pace.troubled(2, fault)).to.equal(false);
      expect(pace.troubled(3, fault)).to.equal(false);
      expect(pace.troubled(4, { cause: 'fault', isRepeat: true })).to.equal(false);
      expect(pace.room(4, 0)).to.equal(32);
      expect(pace.troubled(5, fault)).to.equal(true);
      expect(pace.nextAt).to.equal(1005);
    });
    it('doubles the wait with each failed probe and starts over after a success', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      for (let i = 0; i < 3; i += 1) pace.troubled(0, fault);
      pace.sent(1000, 1);
      pace.troubled(1000, fault);
      expect(pace.nextAt).to.equal(3000);
      pace.sent(3000, 1);
      pace.answered(3001);
      expect(pace.hold).to.equal(undefined);
      for (let i = 0; i < 3; i += 1) pace.troubled(4000, fault);
      expect(pace.nextAt).to.equal(5000);
    });
    it('counts the faults of one burst once', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      for (let i = 0; i < 30; i += 1) pace.troubled(i, fault);
      expect(pace.nextAt).to.equal(1002);
    });
    it('lets a flush probe sooner, but not more often than its gap', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      for (let i = 0; i < 3; i += 1) pace.troubled(0, fault);
      pace.nudge(100, 500);
      expect(pace.nextAt).to.equal(500);
      pace.nudge(100, 0);
      expect(pace.room(100, 0)).to.equal(1);
    });
  });

  describe('with a refused key', () => {
    it('probes once a minute', () => {
      const pace = new Pace(defaultTiming, 32, steady);
      pace.sent(0, 1);
      expect(pace.troubled(0, { cause: 'blocked' })).to.equal(true);
      expect(pace.room(59_999, 0)).to.equal(0);
      expect(pace.room(60_000, 0)).to.equal(1);
      pace.sent(60_000, 1);
      pace.answered(60_001);
      expect(pace.room(60_001, 0)).to.equal(32);
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
