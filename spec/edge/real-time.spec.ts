import { expect } from 'chai';
import sinon from 'sinon';
import { performance as own } from '../../lib/edge/real-time.js';

describe('The clock of edge runtimes', () => {
  afterEach(() => sinon.restore());

  it('gives each reading its own microsecond while the clock stands still, and is never far ahead of it', () => {
    const start = performance.now() + 100_000;
    const now = sinon.stub(performance, 'now').returns(start);
    const readings = Array.from({ length: 1000 }, () => own.now());
    // As the backend stores times: to the microsecond, of a time since the epoch.
    const stored = readings.map((ms) => Math.floor((Date.UTC(2026, 10, 30) + ms) * 1000));
    expect(new Set(stored).size).to.equal(1000);
    expect(readings).to.deep.equal(readings.toSorted((a, b) => a - b));
    for (let reading = 0; reading < 100_000; reading += 1) own.now();
    expect(own.now()).to.be.within(start, start + 21);
    now.returns(start + 30);
    expect(own.now()).to.equal(start + 30);
    now.returns(start + 29);
    expect(own.now()).to.be.at.least(start + 30);
    now.returns(1);
    expect(own.now()).to.equal(1);
  });
});
