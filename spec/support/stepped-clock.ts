import { real } from '../../lib/common/real-time.js';

/** A clock and timers that a spec moves on, in place of the machine's; {@link restore} ends that. */
export interface SteppedClock {
  now(): number;
  /** The process is busy, or asleep. */
  block(ms: number): void;
  /**
   * Lets the time go on to the next timer, and runs it.
   * @param until - a later timer is not run. @returns false if there is none
   */
  runTimer(until: number): boolean;
}

const kept = { ...real };

/** Starts such a clock. @param msPerReading - how much it moves on whenever it is read, as clocks do */
export function startSteppedClock(msPerReading: number): SteppedClock {
  let time = 1000;
  const timers = new Map<object, { at: number; readonly run: () => void }>();
  function now(): number {
    time += msPerReading;
    return time;
  }
  Object.assign(real, {
    performance: { now },
    setTimeout: (run: () => void, ms: number) => {
      const start = () => {
        timers.set(timer, { at: time + ms, run });
        return timer;
      };
      const timer = { unref: () => timer, refresh: start };
      return start();
    },
    clearTimeout: (timer: object) => timers.delete(timer),
  });
  return {
    now,
    block(ms) {
      time += ms;
    },
    runTimer(until) {
      const [next] = [...timers].sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined || next[1].at > until) return false;
      const [timer, { at, run }] = next;
      timers.delete(timer);
      time = Math.max(time, at);
      run();
      return true;
    },
  };
}

/** Brings the machine's clock and timers back. */
export function restoreClock(): void {
  Object.assign(real, kept);
}
