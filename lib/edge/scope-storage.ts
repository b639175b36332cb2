import { queueMicrotask } from '../common/real-time.js';
import { emptyFrame, type Frame } from '../engine/frame.js';

/** The part of `AsyncLocalStorage` that `lib/engine/scope.ts` uses. */
interface Storage {
  getStore(): Frame | undefined;
  run<R>(frame: Frame, fn: (...args: unknown[]) => R, ...args: unknown[]): R;
  enterWith(frame: Frame): void;
}

type StorageClass = new () => Storage;
interface StorageGlobals {
  readonly AsyncLocalStorage?: StorageClass;
  readonly navigator?: { readonly userAgent?: string };
  readonly process?: { getBuiltinModule?(name: string): { readonly AsyncLocalStorage?: StorageClass } | undefined };
}

/**
 * The store of what is current on runtimes without Node.
 *
 * ```
 *   the runtime has AsyncLocalStorage     a callback's frame is current in it and in everything it starts
 *   it has none                           a callback's frame is current until its first `await`
 *   no enterWith (Cloudflare Workers)     a handle's frame is current until the next `await`, and only inside a callback
 * ```
 *
 * Invariant: a frame is current only in flows that were started inside of it, so that requests in one isolate never see each
 * other's traces. That is why, without `enterWith`, a handle that has no callback around it is not made current.
 */
export class ScopeStorage implements Storage {
  #storage: Storage | undefined;
  /** The current frame, if the runtime has no `AsyncLocalStorage`. */
  #frame: Frame | undefined;
  /** The frame of a handle, and the callback's frame around it. */
  #held: { readonly frame: Frame; readonly inside: Frame } | undefined;

  /** @param found - `AsyncLocalStorage` of the runtime; null where it has none */
  constructor(found: StorageClass | null | undefined = ofRuntime()) {
    if (found) this.#storage = new found();
    else if (found === undefined) void later()?.then((Found) => Found && this.#use(new Found()));
  }

  getStore(): Frame | undefined {
    const frame = this.#outer();
    const held = this.#held;
    return held !== undefined && held.inside === frame ? held.frame : frame;
  }

  run<R>(frame: Frame, fn: (...args: unknown[]) => R, ...args: unknown[]): R {
    const [held, before, storage] = [this.#held, this.#frame, this.#storage];
    this.#held = undefined;
    try {
      if (storage !== undefined) return storage.run(frame, fn, ...args);
      this.#frame = frame;
      return fn(...args);
    } finally {
      this.#frame = before;
      this.#held = held;
    }
  }

  /** @throws if a frame cannot be entered; then nothing has changed. `canEnter()` of `scope.ts` finds this out */
  enterWith(frame: Frame): void {
    if (this.#enteredIn(this.#storage, frame)) return;
    const inside = this.#outer();
    if (frame === emptyFrame || frame === inside) throw new Error('a frame cannot be made current here');
    if (inside === undefined) return;
    const held = { frame, inside };
    this.#held = held;
    queueMicrotask(() => {
      if (this.#held === held) this.#held = undefined;
    });
  }

  #enteredIn(storage: Storage | undefined, frame: Frame): boolean {
    try {
      storage?.enterWith(frame);
      return storage !== undefined;
    } catch {
      return false; // the runtime does not implement it
    }
  }

  #outer(): Frame | undefined {
    return this.#storage === undefined ? this.#frame : this.#storage.getStore();
  }

  #use(storage: Storage): void {
    this.#storage ??= storage;
  }
}

/**
 * The runtime's `AsyncLocalStorage`. Source: Next.js and Vercel put it on `globalThis`; Workers with `nodejs_compat` have
 * `process.getBuiltinModule`.
 */
function ofRuntime(): StorageClass | undefined {
  const { AsyncLocalStorage, process } = globalThis as StorageGlobals;
  try {
    return AsyncLocalStorage ?? process?.getBuiltinModule?.('node:async_hooks')?.AsyncLocalStorage;
  } catch {
    return undefined;
  }
}

/**
 * Workers with only `nodejs_als` have it as a module, which is loaded before the first request.
 * Source: Cloudflare's documentation, *Runtime APIs, AsyncLocalStorage* and *Web standards, navigator.userAgent*.
 */
function later(): Promise<StorageClass | undefined> | undefined {
  if ((globalThis as StorageGlobals).navigator?.userAgent !== 'Cloudflare-Workers') return undefined;
  return import('node:async_hooks').then(
    (module) => module.AsyncLocalStorage as unknown as StorageClass,
    () => undefined,
  );
}
