/*
 * What this package starts keeps the async context in which it is started, with all that the program keeps there. A thread
 * that the first request has started would keep that request's data for ever, and `onError` would be called as if it were part of
 * that request. So threads and timers are started in the context in which the package was loaded:
 *
 *     package loads ──> noteOutside()                              usually at the start of the program, outside of any request
 *     a request     ──> records ──> outside(() => new Worker(…))   keeps nothing of the request
 */

type Run = <R>(fn: () => R) => R;

/** Shared by every copy of this package, and by its file for delivery, which is loaded when something is recorded. */
const key = Symbol.for('pandaprobe.outside.v1');
const shared = globalThis as { [key]?: Run | undefined };

/**
 * Notes an async context. The first copy of the package that loads does so.
 * @param run - runs a function in it; undefined on platforms without such a function
 */
export function noteOutside(run: Run | undefined): void {
  shared[key] ??= run;
}

/** Runs `fn` in the noted context; in the current one if none was noted. */
export function outside<R>(fn: () => R): R {
  const run = shared[key];
  return run === undefined ? fn() : run(fn);
}
