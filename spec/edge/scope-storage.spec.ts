import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { ScopeStorage } from '../../lib/edge/scope-storage.js';
import { emptyFrame, type Frame } from '../../lib/engine/frame.js';

/** As in Cloudflare Workers: what a flow is inside of can be told, and cannot be changed. */
class WorkersStorage {
  readonly #storage = new AsyncLocalStorage<Frame>(); // not its parent: its `run` may call `enterWith`
  getStore(): Frame | undefined {
    return this.#storage.getStore();
  }
  run<R>(frame: Frame, fn: (...args: unknown[]) => R, ...args: unknown[]): R {
    return this.#storage.run(frame, fn, ...args);
  }
  enterWith(): void {
    throw new Error('asyncLocalStorage.enterWith() is not implemented');
  }
}

const frame = (): Frame => ({ ...emptyFrame });

describe('What is current on an edge runtime', () => {
  for (const [runtime, found, lasts] of [
    ['Node itself', AsyncLocalStorage<Frame>, true],
    ['a store that cannot be entered', WorkersStorage, true],
    ['no store', null, false],
  ] as const) {
    describe(`with ${runtime}`, () => {
      it('is the frame of a callback, and afterwards the frame before it', () => {
        const storage = new ScopeStorage(found);
        const [outer, inner] = [frame(), frame()];
        const seen = storage.run(outer, () => [
          storage.getStore(),
          storage.run(inner, () => storage.getStore()),
          storage.getStore(),
        ]);
        expect(seen.map((each) => [outer, inner].indexOf(each as Frame))).to.deep.equal([0, 1, 0]);
        expect(storage.getStore()).to.equal(undefined);
      });

      it('is the frame before again after a callback that throws', () => {
        const storage = new ScopeStorage(found);
        expect(() =>
          storage.run(frame(), () => {
            throw new Error('no');
          }),
        ).to.throw('no');
        expect(storage.getStore()).to.equal(undefined);
      });

      it(`${lasts ? 'lasts' : 'does not last'} over an await of a callback`, async () => {
        const storage = new ScopeStorage(found);
        const body = frame();
        const later = await storage.run(body, async () => {
          await null;
          return storage.getStore();
        });
        expect(later).to.equal(lasts ? body : undefined);
      });

      it('is never a frame that a concurrent request has opened', async () => {
        const storage = new ScopeStorage(found);
        const request = async (own: Frame, handle: Frame) => {
          const seen = new Set<Frame | undefined>();
          await storage.run(own, async () => {
            for (let turn = 0; turn < 5; turn += 1) {
              storage.enterWith(handle);
              seen.add(storage.getStore());
              await null;
              seen.add(storage.getStore());
            }
          });
          return [...seen].filter((each) => each !== own && each !== handle && each !== undefined);
        };
        const all = await Promise.all(Array.from({ length: 8 }, () => request(frame(), frame())));
        expect(all.flat()).to.deep.equal([]);
      });
    });
  }

  describe('with a store that cannot be entered', () => {
    it('is the frame of a handle until the next await of the callback around it', async () => {
      const storage = new ScopeStorage(WorkersStorage);
      const [body, handle] = [frame(), frame()];
      const seen = await storage.run(body, async () => {
        storage.enterWith(handle);
        const inside = storage.run(frame(), () => storage.getStore());
        const now = storage.getStore();
        await null;
        return [inside === handle, now === handle, storage.getStore() === body];
      });
      expect(seen).to.deep.equal([false, true, true]);
    });

    it('is not the frame of a handle in a callback that runs in the frame in which the handle was opened', () => {
      const storage = new ScopeStorage(WorkersStorage);
      const [body, handle] = [frame(), frame()];
      const seen = storage.run(body, () => {
        storage.enterWith(handle);
        return [storage.run(body, () => storage.getStore()), storage.getStore()];
      });
      expect(seen.map((each) => [body, handle].indexOf(each as Frame))).to.deep.equal([0, 1]);
    });

    it('is never the frame of a handle without a callback around it, because the next request would be below it', () => {
      const storage = new ScopeStorage(WorkersStorage);
      storage.enterWith(frame());
      expect(storage.getStore()).to.equal(undefined);
    });

    it('throws when the current frame is entered, so that canEnter() is false', () => {
      const storage = new ScopeStorage(WorkersStorage);
      expect(() => storage.enterWith(emptyFrame)).to.throw('cannot be made current');
      const body = frame();
      storage.run(body, () => expect(() => storage.enterWith(body)).to.throw('cannot be made current'));
    });
  });

  describe('in the store of the runtime', () => {
    const { getBuiltinModule } = process;
    const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
    afterEach(() => {
      Object.assign(process, { getBuiltinModule });
      Reflect.deleteProperty(globalThis, 'AsyncLocalStorage');
      Reflect.deleteProperty(globalThis, 'navigator');
      if (own !== undefined) Object.defineProperty(globalThis, 'navigator', own);
    });
    const lastsOverAwait = (storage: ScopeStorage) => {
      const body = frame();
      return storage.run(body, async () => {
        await null;
        return storage.getStore() === body;
      });
    };

    it('is kept by the global class of Next.js and Vercel, also if there is a module', () => {
      let made = 0;
      class Counting extends WorkersStorage {
        constructor() {
          super();
          made += 1;
        }
      }
      Object.assign(globalThis, { AsyncLocalStorage: Counting });
      new ScopeStorage();
      expect(made).to.equal(1);
    });

    it('is kept by the module that Workers load, from a moment after the start', async () => {
      Object.assign(process, { getBuiltinModule: () => undefined });
      const navigator = { configurable: true, value: { userAgent: 'Cloudflare-Workers' } };
      Object.defineProperty(globalThis, 'navigator', navigator);
      const storage = new ScopeStorage();
      expect(await lastsOverAwait(storage)).to.equal(false);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await lastsOverAwait(storage)).to.equal(true);
    });

    it('is that of callbacks alone on any other runtime without a store', async () => {
      Object.assign(process, { getBuiltinModule: () => undefined });
      Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { userAgent: 'Other' } });
      const storage = new ScopeStorage();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await lastsOverAwait(storage)).to.equal(false);
    });
  });
});
