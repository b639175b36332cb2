import { expect } from 'chai';
import { StorageLag } from '../../../lib/delivery/pace/storage-lag.js';
import { defaultTiming, doubled } from '../../../lib/delivery/pace/timing.js';

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
