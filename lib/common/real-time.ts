import { outside } from './outside.js';

/*
 * The machine's time and timers, under their usual names. All of this package imports them from here, because tests of a program
 * replace the global ones by fakes, and a fake clock stands still while a process ends.
 *
 *   Node's modules ── taken as this file loads ──> `real` ──> the functions below
 *
 * They come from Node's modules, because the global `setTimeout` may return a number (jsdom). If a fake was installed in these
 * modules before this file was loaded, the real function behind it is used.
 *
 * A timer's callback does not run in the async context in which the timer was set, so the timer keeps nothing of it: see `outside`.
 */

type Fake = { readonly clock?: Readonly<Record<string, unknown>> } | undefined;

/** The real functions behind a fake of the common kind. Source: `@sinonjs/fake-timers`, which Sinon, Jest and Vitest use. */
function unfaked<T, K extends string & keyof T>(from: T, name: K): T[K] {
  let found: unknown = from[name];
  for (let next = found; next !== undefined; next = (found as Fake)?.clock?.[`_${name}`]) found = next;
  return found as T[K];
}

let monotonic: (() => number) | undefined;

/**
 * The time since some moment, in milliseconds. Loaded late, because it takes 2 ms. If the object has an own function `now`, it is
 * a fake.
 */
function takeNow(): () => number {
  const { performance } = process.getBuiltinModule('node:perf_hooks');
  const { now } = Object.getPrototypeOf(performance) as { now?: () => number };
  monotonic = (now ?? performance.now).bind(performance);
  return monotonic;
}

/**
 * The time since the epoch, in milliseconds. A fake `Date` is not a native function; then the `Date` of another context is used.
 */
function takeWallMs(): () => number {
  const { now } = Date;
  if (Function.prototype.toString.call(now).includes('[native code]')) return now;
  return process.getBuiltinModule('node:vm').runInNewContext('Date.now');
}

function take() {
  const timers = process.getBuiltinModule('node:timers');
  return {
    setTimeout: unfaked(timers, 'setTimeout'),
    clearTimeout: unfaked(timers, 'clearTimeout'),
    setInterval: unfaked(timers, 'setInterval'),
    clearInterval: unfaked(timers, 'clearInterval'),
    setImmediate: unfaked(timers, 'setImmediate'),
    queueMicrotask: unfaked(globalThis, 'queueMicrotask'),
    nextTick: unfaked(process, 'nextTick'),
    performance: { now: () => (monotonic ?? takeNow())() },
    Date: { now: takeWallMs() },
  };
}

/** Exported for specs, which put fakes of their own here. */
export const real = /* @__PURE__ */ take();

type TimerCallback = () => void;

export const setTimeout = (run: TimerCallback, ms: number): NodeJS.Timeout => outside(() => real.setTimeout(run, ms));
export const clearTimeout = (timer: NodeJS.Timeout | undefined): void => real.clearTimeout(timer);
export const setInterval = (run: TimerCallback, ms: number): NodeJS.Timeout => outside(() => real.setInterval(run, ms));
export const clearInterval = (timer: NodeJS.Timeout | undefined): void => real.clearInterval(timer);
export const setImmediate = (run: TimerCallback): NodeJS.Immediate => real.setImmediate(run);
/**
 * Calls `run` in a moment, without keeping the process alive. An unref'd immediate would run only after the loop's next event,
 * which may take long.
 */
export const soon = (run: TimerCallback): NodeJS.Timeout => setTimeout(run, 1).unref();
export const queueMicrotask = (run: TimerCallback): void => real.queueMicrotask(run);
export const nextTick = (run: TimerCallback): void => real.nextTick(run);
/** As the global `performance`, with `now()` only. */
export const performance = { now: (): number => real.performance.now() };
/** As `Date.now()`. */
export const wallMs = (): number => real.Date.now();

/** Longest time that a timer can be set to, in milliseconds. Source: Node's `setTimeout`, which treats a longer time as 1 ms. */
export const longestTimerMs = 2 ** 31 - 1;
