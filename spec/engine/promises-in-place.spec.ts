import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { follow } from '../../lib/engine/follow.js';
import { init, MemorySink, span, spanFunction, traceFunction, withSpan, withTrace } from '../../lib/index.js';
import { turns } from '../support/recording.js';
import { listener } from './listener.js';

/** What a program does with its rejections when nobody handles them. */
async function unhandledOf(run: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', (reason) => reasons.push(reason));
  await run();
  await turns(5);
  process.removeAllListeners('unhandledRejection');
  for (const one of before) process.on('unhandledRejection', one);
  return reasons;
}

class OwnPromise<T> extends Promise<T> {
  static made = 0;
  constructor(executor: ConstructorParameters<typeof Promise<T>>[0]) {
    super(executor);
    OwnPromise.made += 1;
  }
}
class OverridingPromise<T> extends Promise<T> {
  // biome-ignore lint/suspicious/noThenProperty: as clients have it that parse when they are asked
  override then: Promise<T>['then'] = (...args) => super.then(...args);
}

const error = new Error('404');
const settle = (fails: boolean) => (resolve: (value: string) => void, reject: (error: Error) => void) => {
  setImmediate(() => (fails ? reject(error) : resolve('value')));
};
const kinds: Record<string, (fails: boolean) => Promise<string>> = {
  'a plain promise': (fails) => new Promise(settle(fails)),
  'one with methods of its own': (fails) => {
    const promise = new Promise(settle(fails));
    return Object.assign(promise, { json: async () => promise });
  },
  'one that has settled': (fails) => (fails ? Promise.reject(error) : Promise.resolve('value')),
  'one of a subclass': (fails) => new OwnPromise(settle(fails)),
  'one of a subclass with a then of its own': (fails) => new OverridingPromise(settle(fails)),
  'one with a then of its own': (fails) => {
    const promise = new Promise(settle(fails));
    Object.defineProperty(promise, 'then', {
      value: (...args: Parameters<typeof promise.then>) => Promise.prototype.then.apply(promise, args),
      configurable: true,
    });
    return promise;
  },
  'one of another realm': (fails) => runInNewContext('new Promise(settle)', { settle: settle(fails) }),
};
/** How a caller can handle a rejection. */
const handlings: Record<string, (promise: Promise<string>) => Promise<unknown>> = {
  await: async (promise) => {
    try {
      await promise;
    } catch {}
  },
  'then()': (promise) => promise.then(undefined, () => {}),
  'catch()': (promise) => promise.catch(() => {}),
  'finally()': (promise) => promise.finally(() => {}).catch(() => {}),
  'Promise.all()': (promise) => Promise.all([promise]).catch(() => {}),
  'resolve()': (promise) => new Promise((resolve) => resolve(promise)).catch(() => {}),
  'the class’s then': (promise) => Promise.prototype.then.call(promise, undefined, () => {}),
};

/** Ways to have a call recorded that is no async function. */
const ways: Record<string, (make: () => Promise<string>) => Promise<string>> = {
  'withSpan()': (make) => withSpan('call', () => make()),
  'spanFunction()': (make) => spanFunction(() => make(), { name: 'call' })(),
  '@span': (make) => {
    class Agent {
      @span({ name: 'call' })
      call() {
        return make();
      }
    }
    return new Agent().call();
  },
  'two around each other': (make) => withSpan('outer', () => spanFunction(() => make(), { name: 'call' })()),
};

describe('Promises that are followed in place (P12)', () => {
  let memory: MemorySink;
  beforeEach(() => {
    memory = new MemorySink();
    init({ sinks: [memory] });
  });
  /** Calls in a trace that ends when the promise has settled. */
  const called = async (way: string, make: () => Promise<string>, use: (promise: Promise<string>) => unknown) => {
    await withTrace('t', async () => {
      use((ways[way] as (typeof ways)[string])(make));
      await turns(3);
    });
    return memory.traces.at(-1)?.spans.find(({ name }) => name === 'call');
  };

  for (const way of Object.keys(ways)) {
    for (const [kind, make] of Object.entries(kinds)) {
      it(`gives back ${kind} from ${way} by identity, with its value, its class and its name`, async () => {
        const promise = make(false);
        const name = promise.constructor.name;
        let got: unknown;
        const span = await called(
          way,
          () => promise,
          async (given) => {
            expect(given).to.equal(promise);
            expect(Object.keys(given)).to.deep.equal(Object.keys(promise));
            expect(given.constructor.name).to.equal(name);
            got = await given;
          },
        );
        expect(got).to.equal('value');
        expect(span).to.include({ status: 'OK' });
        expect(span?.metadata).to.deep.equal({});
      });

      it(`reports ${kind} from ${way} as unhandled once if nobody handles it`, async () => {
        expect(
          await unhandledOf(() =>
            called(
              way,
              () => make(true),
              () => {},
            ),
          ),
        ).to.deep.equal([error]);
      });

      for (const [handling, handle] of Object.entries(handlings)) {
        // One that works only when its own `then` is called is heard only there.
        if (kind === 'one of a subclass with a then of its own' && handling === 'the class’s then') continue;
        it(`leaves ${kind} from ${way} handled by ${handling}`, async () => {
          let span: Awaited<ReturnType<typeof called>>;
          const reasons = await unhandledOf(async () => {
            span = await called(way, () => make(true), handle);
          });
          expect(reasons).to.deep.equal([]);
          expect(span).to.include({ status: 'ERROR', error: '404' });
        });
      }
    }

    it(`leaves a rejection from ${way} handled that is handled by a method of the promise's own`, async () => {
      const make = () => {
        const promise = Promise.reject(error);
        return Object.assign(promise, { json: async () => (await promise) as string });
      };
      let span: Awaited<ReturnType<typeof called>>;
      const reasons = await unhandledOf(async () => {
        span = await called(way, make, (given) => (given as ReturnType<typeof make>).json().catch(() => {}));
      });
      expect(reasons).to.deep.equal([]);
      expect(span).to.include({ status: 'ERROR', error: '404' });
    });
  }

  it('returns the same promise of a cache to each caller', async () => {
    const cached = Promise.resolve('value');
    const get = traceFunction(() => cached, { name: 'get' });
    expect(get()).to.equal(cached);
    expect(get()).to.equal(cached);
    expect(await get()).to.equal('value');
    expect(memory.traces.map(({ output }) => output)).to.deep.equal(['value', 'value', 'value']);
  });

  describe('a rejection that the function has handled itself', () => {
    const handled: Record<string, () => Promise<unknown>> = {
      'by catch()': () => {
        const promise = new Promise(settle(true));
        promise.catch(() => {});
        return promise;
      },
      'by then()': () => {
        const promise = Promise.reject(error);
        promise.then(undefined, () => {});
        return promise;
      },
      'by allSettled()': () => {
        const promise = new Promise(settle(true));
        void Promise.allSettled([promise]);
        return promise;
      },
    };
    for (const [how, fn] of Object.entries(handled)) {
      it(`stays handled if nobody awaits it: ${how}`, async () => {
        const inner = spanFunction(fn, { name: 'call' });
        const callers = [() => withSpan('call', fn), inner, () => withSpan('outer', () => inner())];
        for (const caller of callers) {
          const reasons = await unhandledOf(async () => {
            await withTrace('t', async () => {
              void caller();
              await turns(3);
            });
          });
          expect(reasons).to.deep.equal([]);
          const span = memory.traces.at(-1)?.spans.find(({ name }) => name === 'call');
          expect(span).to.include({ status: 'ERROR', error: '404' });
        }
      });
    }

    it('stays handled if an outer traced function has handled it', async () => {
      const inner = spanFunction(() => new Promise(settle(true)));
      const handle = (promise: Promise<unknown>) => promise.catch(() => {});
      const outer = spanFunction(() => {
        const promise = inner();
        void handle(promise);
        return promise;
      });
      const reasons = await unhandledOf(() =>
        withTrace('t', async () => {
          void outer();
          await turns(3);
        }),
      );
      expect(reasons).to.deep.equal([]);
    });
  });

  it('allows an unhandled rejection to be handled later', async () => {
    const handled: unknown[] = [];
    const note = () => handled.push('later');
    process.on('rejectionHandled', note);
    const promise = Promise.reject(error);
    expect(await unhandledOf(() => void follow(() => promise, listener()))).to.deep.equal([error]);
    promise.catch(() => {});
    await turns();
    process.off('rejectionHandled', note);
    expect(handled).to.deep.equal(['later']);
  });

  it('creates no promise of a program’s class', async () => {
    const promise = new OwnPromise<string>(settle(false));
    const before = OwnPromise.made;
    const observer = listener();
    expect(follow(() => promise, observer)).to.equal(promise);
    await turns(2);
    expect(observer.told).to.deep.equal(['returned value']);
    expect(OwnPromise.made).to.equal(before);
  });

  it('leaves a frozen promise as it is, and counts its call as over', async () => {
    const observer = listener();
    const frozen = Object.freeze(Promise.reject(error));
    const reasons = await unhandledOf(() => {
      expect(follow(() => frozen, observer)).to.equal(frozen);
      expect(observer.told).to.have.length(1);
      frozen.catch(() => {});
    });
    expect(reasons).to.deep.equal([]);
    expect(await unhandledOf(() => void follow(() => Object.freeze(Promise.reject(error)), listener()))).to.deep.equal([
      error,
    ]);
  });

  it('does not change how a proxy of a promise behaves', async () => {
    const bound = (promise: Promise<string>) =>
      new Proxy(promise, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    const observer = listener();
    const proxy = bound(Promise.resolve('value'));
    expect(follow(() => proxy, observer)).to.equal(proxy);
    expect(await proxy).to.equal('value');
    expect(observer.told).to.deep.equal(['returned value']);
    const failing = bound(Promise.reject(error));
    expect(
      await unhandledOf(() => (follow(() => failing, listener()) as Promise<string>).catch(() => {})),
    ).to.deep.equal([]);
  });
});
