import { expect } from 'chai';
import { createClock } from '../../lib/common/clock.js';

/** A machine whose clocks are set by hand; `stall` is what one reading of the wall clock takes. */
function machine() {
  const state = { wall: 1_000_000, monotonic: 500, stall: 0 };
  const { now, anchorAt } = createClock(
    () => {
      state.wall += state.stall;
      state.monotonic += state.stall;
      return Math.floor(state.wall);
    },
    () => state.monotonic,
  );
  /** The time, as a trace reads it that starts now. */
  const clock = () => {
    const at = now();
    return anchorAt(at) + at;
  };
  const pass = (ms: number) => {
    state.wall += ms;
    state.monotonic += ms;
  };
  return { state, clock, now, anchorAt, pass };
}

describe('createClock', () => {
  it('returns the wall time with a fraction', () => {
    const { clock, pass } = machine();
    expect(clock()).to.equal(1_000_000);
    pass(0.125);
    expect(clock()).to.equal(1_000_000.125);
  });

  it('never runs backwards on a real machine', () => {
    const { now, anchorAt } = createClock();
    const anchor = anchorAt(now());
    let before = now();
    expect(Math.abs(anchor + before - Date.now())).to.be.below(100);
    for (let reading = 0; reading < 10_000; reading += 1) {
      const at = now();
      expect(at).to.be.at.least(before);
      before = at;
    }
  });

  it('P31 ignores a wall clock that is set while a trace runs', () => {
    for (const setMs of [-3_600_000, 3_600_000]) {
      const { state, now, anchorAt, pass } = machine();
      const startedAt = now();
      const anchor = anchorAt(startedAt);
      state.wall += setMs;
      pass(12);
      expect(anchor + now() - (anchor + startedAt)).to.equal(12);
      expect(anchorAt(now()) - anchor).to.equal(setMs);
    }
  });

  it('jumps forward when the wall clock was set forward', () => {
    const { state, clock, pass } = machine();
    clock();
    state.wall += 3_600_000;
    pass(1);
    expect(clock()).to.equal(4_600_001);
    pass(1.5);
    expect(clock()).to.equal(4_600_002.5);
  });

  it('steps back when the wall clock was set back, and goes on from there', () => {
    const { state, clock, pass } = machine();
    clock();
    state.wall -= 3_000;
    pass(1);
    expect(clock()).to.equal(997_001);
    pass(0.5);
    expect(clock()).to.equal(997_001.5);
  });

  it('reads the wall clock at most once in a millisecond', () => {
    const { state, clock, pass } = machine();
    pass(5);
    clock();
    state.wall += 3_600_000;
    pass(0.9);
    expect(clock()).to.equal(1_000_005.9);
    pass(0.2);
    expect(clock()).to.equal(4_600_006); // the wall clock tells no fraction
  });

  it('ignores a wall clock that is up to 50 ms off', () => {
    const { state, clock, pass } = machine();
    clock();
    state.wall -= 50;
    pass(1);
    expect(clock()).to.equal(1_000_001);
    state.wall += 100;
    pass(1);
    expect(clock()).to.equal(1_000_002);
  });

  it('does not mistake a pause between two readings for a clock that was set', () => {
    const { state, clock, now, anchorAt, pass } = machine();
    const anchor = anchorAt(now());
    pass(1);
    state.stall = 80;
    expect(anchorAt(now())).to.equal(anchor);
    state.stall = 0;
    pass(1);
    expect(anchorAt(now())).to.equal(anchor);
    expect(Math.abs(clock() - state.wall)).to.be.below(1);
  });
});
