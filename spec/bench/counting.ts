import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import sinon from 'sinon';
import { real } from '../../lib/common/real-time.js';

/** How often a program did each expensive operation. */
export interface Counts {
  /** Context switches: `AsyncLocalStorage.run`. */
  readonly run: number;
  readonly enterWith: number;
  readonly getStore: number;
  readonly stringify: number;
  readonly parse: number;
  /** Ids drawn; 1,024 are drawn at a time. */
  readonly ids: number;
  /** Readings of the monotonic clock; the wall clock is read once in a millisecond at most. */
  readonly clock: number;
  readonly promises: number;
}

/** Counts from here on, in the whole process. @returns functions for the counts so far, and to stop */
export function startCounting(): { counts(): Counts; stop(): void } {
  const sandbox = sinon.createSandbox();
  const context = countContext(sandbox);
  const stringify = sandbox.spy(JSON, 'stringify');
  const parse = sandbox.spy(JSON, 'parse');
  const random = sandbox.spy(process.getBuiltinModule('node:crypto'), 'randomFillSync');
  const monotonic = sandbox.spy(real.performance, 'now');
  let promises = 0;
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') promises += 1;
    },
  }).enable();
  return {
    counts: () => ({
      ...context,
      stringify: stringify.callCount,
      parse: parse.callCount,
      ids: random.args.reduce((sum, [bytes]) => sum + bytes.byteLength / 16, 0),
      clock: monotonic.callCount,
      promises,
    }),
    stop() {
      hook.disable();
      sandbox.restore();
    },
  };
}

/** Newer versions of Node implement `run` with `getStore` and `enterWith`; these inner calls do not count. */
function countContext(sandbox: sinon.SinonSandbox): { run: number; enterWith: number; getStore: number } {
  const counts = { run: 0, enterWith: 0, getStore: 0 };
  const { prototype } = AsyncLocalStorage<unknown>;
  const { run, enterWith, getStore } = prototype;
  let isInside = false;
  sandbox.replace(prototype, 'run', function counted<
    R,
    A extends unknown[],
  >(this: AsyncLocalStorage<unknown>, store: unknown, fn: (...args: A) => R, ...args: A): R {
    counts.run += 1;
    isInside = true;
    const body = (): R => {
      isInside = false;
      try {
        return fn(...args);
      } finally {
        isInside = true;
      }
    };
    try {
      return run.call(this, store, body) as R; // what the body gives
    } finally {
      isInside = false;
    }
  });
  sandbox.replace(prototype, 'enterWith', function counted(this: AsyncLocalStorage<unknown>, store) {
    if (!isInside) counts.enterWith += 1;
    enterWith.call(this, store);
  });
  sandbox.replace(prototype, 'getStore', function counted(this: AsyncLocalStorage<unknown>) {
    if (!isInside) counts.getStore += 1;
    return getStore.call(this);
  });
  return counts;
}

/** Wraps `value` so that every read of a property, at any depth, adds its key to `reads`. */
export function watchReads<T extends object>(value: T, reads: string[]): T {
  return new Proxy(value, {
    get(target, key, receiver) {
      const held: unknown = Reflect.get(target, key, receiver);
      reads.push(String(key));
      return typeof held === 'object' && held !== null ? watchReads(held, reads) : held;
    },
  });
}
