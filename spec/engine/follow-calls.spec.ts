import { expect } from 'chai';
import { follow } from '../../lib/engine/follow.js';
import { listener } from './listener.js';
import { unhandledOf } from './unhandled.js';

const failure = (give: unknown) => () => {
  throw give;
};

describe('follow()', () => {
  describe('P12 of a synchronous call', () => {
    const shared = { an: 'object' };
    for (const value of [
      1,
      'text',
      undefined,
      null,
      shared,
      [1, 2],
      new Map(),
      Symbol.iterator,
      () => 1,
      'a'[Symbol.iterator](),
    ]) {
      it(`returns ${Object.prototype.toString.call(value)} by identity`, () => {
        const observer = listener();
        expect(follow(() => value, observer)).to.equal(value);
        expect(observer.told).to.have.length(1);
        expect(observer.told[0]).to.match(/^returned/);
      });
    }

    it('returns a proxy that throws on every access', () => {
      const fail = () => {
        throw new Error('hostile');
      };
      const traps = { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail };
      const hostile = new Proxy({}, traps);
      const ends: unknown[] = [];
      const observer = { ...listener(), returned: (value: unknown) => void ends.push(value) };
      expect(
        Object.is(
          follow(() => hostile, observer),
          hostile,
        ),
      ).to.equal(true);
      expect(ends).to.have.length(1);
    });

    const thrown = [
      new Error('e'),
      Object.freeze(new Error('frozen')),
      'text',
      undefined,
      null,
      new AggregateError([], 'agg'),
    ];
    for (const error of thrown) {
      it(`rethrows ${String(error)} by identity`, () => {
        const observer = listener();
        let caught: unknown = 'nothing';
        try {
          follow(failure(error), observer);
        } catch (given) {
          caught = given;
        }
        expect(caught).to.equal(error);
        expect(observer.told).to.deep.equal([`threw ${String(error)}`]);
      });

      it(`rejects with ${String(error)} by identity`, async () => {
        const observer = listener();
        let caught: unknown = 'nothing';
        await follow(async () => failure(error)(), observer).catch((given: unknown) => {
          caught = given;
        });
        expect(caught).to.equal(error);
        expect(observer.told).to.deep.equal([`threw ${String(error)}`]);
      });
    }
  });

  describe('P12 of a promise', () => {
    it('returns a promise of the same class and value, with its own properties', async () => {
      const observer = listener();
      const promise = Object.assign(Promise.resolve(7), { requestId: 'r1' });
      const result = follow(() => promise, observer);
      expect(result).to.be.instanceOf(Promise);
      expect(result.requestId).to.equal('r1');
      expect(await result).to.equal(7);
      expect(observer.told).to.deep.equal(['returned 7']);
    });

    it('is over when the promise settles, not before', async () => {
      const observer = listener();
      let settle: (value: string) => void = () => {};
      const result = follow(
        () =>
          new Promise<string>((resolve) => {
            settle = resolve;
          }),
        observer,
      );
      await Promise.resolve();
      expect(observer.told).to.deep.equal([]);
      settle('now');
      await result;
      expect(observer.told).to.deep.equal(['returned now']);
    });

    it('leaves a forgotten rejection unhandled, once', async () => {
      const error = new Error('forgotten');
      expect(await unhandledOf(() => follow(async () => failure(error)(), listener()))).to.deep.equal([error]);
    });

    it('leaves a handled rejection handled', async () => {
      const start = () => follow(async () => failure(new Error('handled'))(), listener()).catch(() => {});
      expect(await unhandledOf(start)).to.deep.equal([]);
    });

    it('returns a promise of another class by identity, and follows its then', async () => {
      class ApiPromise<T> extends Promise<T> {
        withResponse() {
          return 'response';
        }
      }
      const observer = listener();
      const promise = ApiPromise.resolve(3) as ApiPromise<number>;
      const result = follow(() => promise, observer);
      expect(result).to.equal(promise);
      expect(result.withResponse()).to.equal('response');
      expect(observer.told).to.deep.equal([]);
      expect(await result).to.equal(3);
      expect(observer.told).to.deep.equal(['returned 3']);
    });

    it('does not start a lazy thenable, and sees its end once', async () => {
      const observer = listener();
      let starts = 0;
      const query = {
        // biome-ignore lint/suspicious/noThenProperty: a query builder, as database clients have them
        then(onValue: (rows: number) => unknown) {
          starts += 1;
          return Promise.resolve(onValue(5));
        },
      };
      const result = follow(() => query, observer);
      expect(result).to.equal(query);
      expect(starts).to.equal(0);
      expect(await result).to.equal(5);
      await result;
      expect(starts).to.equal(2);
      expect(observer.told).to.deep.equal(['returned 5']);
    });

    it('returns a frozen thenable, and counts it as over', () => {
      const observer = listener();
      // biome-ignore lint/suspicious/noThenProperty: frozen, so it cannot be followed
      const frozen = Object.freeze({ then() {} });
      expect(follow(() => frozen, observer)).to.equal(frozen);
      expect(observer.told).to.have.length(1);
    });
  });
});
