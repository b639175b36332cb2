/*
 * Replaces `lib/common/real-time.ts`: the runtime's timers and clocks, taken when this file loads. The timers have the methods of
 * Node's. In a Worker's global scope, outside of any request, no timer can be set: `setTimeout` then returns one that never
 * fires.
 */

export { longestTimerMs } from '../common/real-time.js';

type TimerCallback = () => void;

const { setTimeout: start, clearTimeout: stop, setInterval: repeat, clearInterval: stopRepeating } = globalThis;
export const { queueMicrotask } = globalThis;

class Timer {
  /** Undefined if it is not set. */
  id: unknown;
  constructor(
    readonly run: TimerCallback,
    readonly ms: number,
    readonly set: (run: TimerCallback, ms: number) => unknown,
    readonly unset: (id: never) => void,
  ) {
    this.refresh();
  }
  refresh(): this {
    this.clear();
    try {
      this.id = this.set.call(undefined, this.run, this.ms);
    } catch {
      this.id = undefined;
    }
    return this;
  }
  clear(): void {
    if (this.id !== undefined) this.unset.call(undefined, this.id as never);
    this.id = undefined;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

export const setTimeout = (run: TimerCallback, ms: number): Timer =>
  new Timer(run, ms, start, stop as (id: never) => void);
export const setInterval = (run: TimerCallback, ms: number): Timer =>
  new Timer(run, ms, repeat, stopRepeating as (id: never) => void);
export const clearTimeout = (timer: Timer | undefined): void => timer?.clear();
export const clearInterval = clearTimeout;
/** Where no timer can be set, it runs in a microtask: `flush()` waits for it. */
export const setImmediate = (run: TimerCallback): void => {
  if (setTimeout(run, 0).id === undefined) queueMicrotask(run);
};
export const soon = (run: TimerCallback): Timer => setTimeout(run, 1);
export const nextTick = queueMicrotask;
const clock = globalThis.performance;

/**
 * In Workers the clock moves only with input and output of the request that reads it. But the backend orders spans by their start, to
 * the microsecond, and spans with the same start at random. So while the newest clock of all requests stands still, each reading is
 * `stepMs` later than the one before, until the readings are `maxAheadMs` ahead of that clock.
 * Source: Cloudflare's documentation, *Performance and timers*; backend-contract.md, *Single items*.
 */
const stepMs = 0.002;
const maxAheadMs = 20;
/** A clock that is further behind, in milliseconds, was set back, as a fake clock in a test may be. */
const setBackMs = 1000;
let newestMs = 0;
let lastMs = 0;

export const performance = {
  now: (): number => {
    const now = clock.now();
    if (now < lastMs - setBackMs) newestMs = lastMs = now;
    newestMs = Math.max(newestMs, now);
    lastMs = Math.max(newestMs, Math.min(lastMs + stepMs, newestMs + maxAheadMs));
    return lastMs;
  },
};
export const wallMs = (): number => Date.now();
