import { expect } from 'chai';
import sinon from 'sinon';
import { performance as own } from '../../lib/edge/real-time.js';

/** The timers of a runtime whose `setTimeout` is this one: they are taken when the file loads. */
async function timersWith(setTimeout: () => unknown): Promise<typeof import('../../lib/edge/real-time.js')> {
  const stub = sinon.stub(globalThis, 'setTimeout').callsFake(setTimeout as never);
  try {
    return await import(`../../lib/edge/real-time.js?${Math.random()}`);
  } finally {
    stub.restore();
  }
}

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
    expect(own.now()).to.be.closeTo(1, 0.01);
  });

  it('gives each reading its own microsecond also in a request whose clock is behind that of another', () => {
    const start = performance.now() + 200_000;
    const now = sinon.stub(performance, 'now').returns(start);
    own.now();
    const readings: number[] = [];
    for (let turn = 0; turn < 100; turn += 1) {
      now.returns(start + 300);
      own.now();
      now.returns(start + 10);
      readings.push(own.now(), own.now());
    }
    expect(new Set(readings).size).to.equal(200);
    expect(readings).to.deep.equal(readings.toSorted((a, b) => a - b));
    expect(Math.max(...readings)).to.be.lessThan(start + 321);
  });
});

describe('Timers of edge runtimes', () => {
  it('run what is to run at once also where none can be set, as outside of a request in Workers', async () => {
    const { setImmediate, setTimeout } = await timersWith(() => {
      throw new Error('Disallowed operation called within global scope');
    });
    const ran: string[] = [];
    setTimeout(() => ran.push('later'), 0);
    setImmediate(() => ran.push('at once'));
    await Promise.resolve();
    expect(ran).to.deep.equal(['at once']);
  });
});
