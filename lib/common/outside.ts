import type { AsyncResource } from 'node:async_hooks';

/*
 * Threads and timers keep the async context in which they are started, with everything that the program has stored there. A thread
 * that this package started during the first request would keep that request's data for ever, and `onError` would be called as if it
 * were part of that request. So threads and timers are started in the context in which the package was loaded:
 *
 *     package loads ──> noteOutside()                              usually at the start of the program, outside of any request
 *     a request     ──> records ──> outside(() => new Worker(…))   keeps nothing of the request
 */

type Resource = Pick<AsyncResource, 'runInAsyncScope'>;

/** Shared by all copies of this package, and by its second file (see `client/loading/`), which is loaded when something is recorded. */
const key = Symbol.for('pandaprobe.outside.v1');
const shared = globalThis as { [key]?: Resource };

/**
 * Notes the current async context, unless another copy of the package has noted one.
 * @param Base - Node's class; undefined on other platforms
 */
export function noteOutside(Base: typeof AsyncResource | undefined): void {
  if (Base === undefined) return;
  // Tools that look for open handles, such as Jest, ask each resource whether it keeps the process alive.
  shared[key] ??= new (class extends Base {
    hasRef() {
      return false;
    }
  })('pandaprobe');
}

/** Runs `fn` in the noted context; in the current one if none was noted. */
export function outside<R>(fn: () => R): R {
  const resource = shared[key];
  return resource === undefined ? fn() : resource.runInAsyncScope(fn);
}
