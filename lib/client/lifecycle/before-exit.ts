import type { EventEmitter } from 'node:events';
import { nextTick, queueMicrotask } from '../../common/real-time.js';

/*
 * What follows the event 'beforeExit':
 *
 *   loop runs empty ──> 'beforeExit' ──> others have set the loop going ──> comes again, as without us
 *                                    └─> only we have ──> comes again, for us alone ──> …
 *                                    └─> nobody has ──> 'exit'
 */

/** A listener of 'beforeExit', and a function that ends the work it has started. */
interface BeforeExit {
  listener(): void;
  stop(): void;
}

/**
 * A listener of 'beforeExit' that may start work. Node then emits the event again; only this listener sees the second one. It must be
 * the first listener, to see what the others have started.
 * @param work - starts what there is to do; false if there is nothing
 */
export function quietBeforeExit(work: () => boolean): BeforeExit {
  let restore = () => {};
  const listener = () => {
    const before = activeResources();
    afterAll(() => {
      const isOurs = activeResources() <= before;
      if (work() && isOurs) restore = interceptNext(listener);
    });
  };
  return { listener, stop: () => restore() };
}

/** Calls `then` after all listeners and the microtasks and ticks that they have queued. */
function afterAll(then: () => void): void {
  nextTick(() => queueMicrotask(() => nextTick(then)));
}

/**
 * The number of active resources. Those that existed when the loop ran empty do not keep it running; only additional ones do.
 * Output in progress does not count.
 */
function activeResources(): number {
  const names: readonly string[] = process.getActiveResourcesInfo?.() ?? [];
  return names.filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap').length;
}

/** Sends the next 'beforeExit' only to `listener`. @returns a function that stops it */
function interceptNext(listener: () => void): () => void {
  const target: EventEmitter = process;
  const { emit } = target;
  const isOwn = Object.hasOwn(target, 'emit');
  let isOver = false;
  const intercept = function (this: EventEmitter, event: string | symbol, ...args: unknown[]): boolean {
    if (isOver || event !== 'beforeExit') return Reflect.apply(emit, this, [event, ...args]);
    restore();
    listener();
    return true;
  };
  const restore = () => {
    isOver = true;
    if (target.emit !== intercept) return; // somebody has wrapped it meanwhile, so it stays
    if (isOwn) target.emit = emit;
    else Reflect.deleteProperty(target, 'emit');
  };
  target.emit = intercept;
  return restore;
}
