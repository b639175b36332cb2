import { expect } from 'chai';
import fc from 'fast-check';
import sinon from 'sinon';
import { captureFolded, captureJson } from '../../lib/model/capture.js';
import { unfold } from '../../lib/model/unfold.js';
import { roomy } from './captured.js';

/** With a property that everything inherits no item is copied: all are walked. */
function walked(value: unknown, maxBytes: number): string {
  Object.defineProperty(Object.prototype, 'inherited', { value: 1, enumerable: true, configurable: true });
  try {
    return captureJson(value, { maxBytes });
  } finally {
    Reflect.deleteProperty(Object.prototype, 'inherited');
  }
}

const text = fc.string({
  unit: fc.constantFrom('\0', '\ud800', '\udfff', '😀', 'a', '"', '\\', '\\u0000', '\u001b', 'é', '漢', '\u2028'),
  maxLength: 12,
});
const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withSparseArray: true,
  withTypedArray: true,
  maxDepth: 3,
  maxKeys: 5,
  key: fc.oneof(text, fc.constantFrom('__proto__', 'toJSON', 'constructor', 'length', '…')),
});
const primitive = fc.oneof(
  text,
  fc.double(),
  fc.constantFrom(undefined, null, true, 7n, () => 1, Symbol('s'), 'x'.repeat(300)),
);
const row = fc.record({
  id: fc.nat(),
  name: text,
  at: fc.date({ noInvalidDate: false }),
  more: fc.oneof(primitive, anything),
});

/** Values that are written as they are read, and some that end that. */
const short = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\t', '\u007f', 'é', 'ÿ'), maxLength: 33 }),
  },
  { weight: 10, arbitrary: fc.oneof(fc.double(), fc.integer(), fc.boolean(), fc.constant(null)) },
  { weight: 1, arbitrary: primitive },
);
const name = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('id', 'name', '1', 'größe', '"', '__proto__') },
  { weight: 1, arbitrary: fc.constantFrom('漢', 'password', 'token', 'length', '\ud800') },
);
/** Rows of the same names, with another one here and there. */
const table = fc
  .uniqueArray(name, { maxLength: 5 })
  .chain((names) =>
    fc.array(
      fc.oneof(
        {
          weight: 30,
          arbitrary: fc.tuple(...names.map(() => short)).map((values) => names.map((key, at) => [key, values[at]])),
        },
        { weight: 1, arbitrary: fc.array(fc.tuple(name, fc.oneof(short, anything)), { maxLength: 4 }) },
      ),
      { minLength: 32, maxLength: 300 },
    ),
  )
  .map((rows) => rows.map((entries) => Object.fromEntries(entries) as object));

describe('captureJson of long lists', () => {
  it('P25 writes rows of short values in the same form as a walk', () => {
    fc.assert(
      fc.property(
        table,
        fc.oneof(fc.constant(roomy.maxBytes), fc.integer({ min: 256, max: 20_000 })),
        (rows, maxBytes) => {
          const json = captureJson(rows, { maxBytes });
          expect(json).to.equal(walked(rows, maxBytes));
          expect(unfold(captureFolded(rows, { maxBytes }))).to.equal(json);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('P25 writes rows that fill the buffer many times in the form of a walk', () => {
    const wide = Array.from({ length: 300 }, (_, at) =>
      Object.fromEntries(
        Array.from({ length: 64 }, (_, column) => [`${'"'.repeat(99)}${column}`, `${'"'.repeat(30)}${at}`]),
      ),
    );
    for (const rows of [wide, wide.map((row) => ({ ...row, more: 1 })), wide.map(() => ({}))]) {
      const maxBytes = 20_000_000;
      expect(captureJson(rows, { maxBytes })).to.equal(JSON.stringify(rows)).and.to.equal(walked(rows, maxBytes));
    }
  });

  it('P25 writes numbers, and anything among them, in the form of a walk', () => {
    const numbers = fc.array(
      fc.oneof(
        { weight: 200, arbitrary: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()) },
        { weight: 1, arbitrary: fc.oneof(fc.double(), primitive, anything) },
      ),
      { minLength: 16, maxLength: 400 },
    );
    fc.assert(
      fc.property(numbers, fc.integer({ min: 256, max: 8000 }), (list, maxBytes) => {
        for (const value of [list, { list, after: 'x' }, [list, list]])
          expect(captureJson(value, { maxBytes })).to.equal(walked(value, maxBytes));
      }),
    );
    for (const at of [4095, 4096, 4097, 8192, 9999]) {
      for (const odd of [Number.NaN, -0, undefined, 'text', { a: 1 }, [1]]) {
        const list: unknown[] = Array.from({ length: 10_000 }, (_, index) => index / 7);
        list[at] = odd;
        for (const maxBytes of [90_000, 1_000_000])
          expect(captureJson(list, { maxBytes })).to.equal(walked(list, maxBytes));
      }
    }
  });

  it('P25 reads each item of a list of numbers once', () => {
    let reads = 0;
    const list = Array.from({ length: 5000 }, (_, at) => at);
    const count = () => {
      reads += 1;
      return 0.5;
    };
    const getters = [7, 4096, 4999];
    for (const at of getters) Object.defineProperty(list, at, { get: count, enumerable: true });
    const expected = Array.from({ length: 5000 }, (_, at) => (getters.includes(at) ? 0.5 : at));
    expect(captureJson(list, roomy)).to.equal(JSON.stringify(expected));
    expect(reads).to.equal(3);
    const seen: PropertyKey[] = [];
    const watched = new Proxy([1, 2, ...Array.from({ length: 20 }, () => 3)], {
      get(target, key) {
        seen.push(key);
        return Reflect.get(target, key);
      },
    });
    captureJson(watched, roomy);
    expect(seen.filter((key) => key === '0')).to.have.length(1);
  });

  it('P25 does not mistake a time or large number under the name of a credential for one', () => {
    const rows = (make: (at: number) => unknown) => Array.from({ length: 40 }, (_, at) => ({ token: make(at) }));
    const times = rows((at) => new Date(at));
    expect(captureJson(times, roomy)).to.equal(JSON.stringify(times));
    expect(
      captureJson(
        rows(() => 10n ** 20n),
        roomy,
      ),
    ).to.equal(JSON.stringify(rows(() => `1${'0'.repeat(20)}`)));
  });

  it('P29 writes rows of short values without copies of them for JSON.stringify', () => {
    const rows = Array.from({ length: 1000 }, (_, at) => ({ id: at, name: `row ${at}`, price: at / 7, ok: true }));
    const expected = JSON.stringify(rows);
    const stringify = sinon.spy(JSON, 'stringify');
    try {
      expect(captureJson(rows, roomy)).to.equal(expected);
      expect(stringify.callCount).to.equal(0);
    } finally {
      stringify.restore();
    }
  });

  it('P25 reads no getter twice if an item turns out not to be a row', () => {
    for (const odd of [{ at: 1 }, 'x'.repeat(99), '漢', undefined, 7n]) {
      const reads: string[] = [];
      const note = <T>(name: string, value: T): T => {
        reads.push(name);
        return value;
      };
      const list: object[] = Array.from({ length: 60 }, (_, at) => ({ a: at, b: 'b', c: 'c' }));
      const make = () => ({
        get a() {
          return note('a', 1);
        },
        b: odd,
        get c() {
          return note('c', 3);
        },
      });
      list[40] = make();
      const json = captureJson(list, roomy);
      expect(reads.splice(0)).to.deep.equal(['a', 'c']);
      expect(json).to.include(`,${captureJson(make(), roomy)},`);
    }
  });

  it('P25 writes plain rows, and anything among them, in the form of a walk', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 4, arbitrary: row }, anything, primitive), { minLength: 16, maxLength: 60 }),
        fc.oneof(fc.constant(roomy.maxBytes), fc.integer({ min: 256, max: 6000 })),
        (list, maxBytes) => {
          const json = captureJson(list, { maxBytes });
          expect(json).to.equal(walked(list, maxBytes));
          expect(unfold(captureFolded(list, { maxBytes }))).to.equal(json);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('P25 reads every getter once, in every kind of item, with the result that it has alone', () => {
    const kinds = ['data', 'getter', 'throws', 'toJSON', 'hidden toJSON', 'proxy'] as const;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...kinds), { minLength: 16, maxLength: 60 }),
        fc.boolean(),
        (list, isNested) => {
          const reads: number[] = [];
          const make = (kind: (typeof kinds)[number], at: number): unknown => {
            const read = (): unknown => {
              reads[at] = (reads[at] ?? 0) + 1;
              if (kind === 'throws') throw new Error('gone');
              return kind === 'getter' ? at : { at };
            };
            const item: object = { id: at, name: 'n' };
            if (kind === 'proxy') {
              return new Proxy(item, {
                get: (from, key) => (key === 'name' ? read() : Reflect.get(from, key)),
              });
            }
            if (kind === 'getter' || kind === 'throws')
              Object.defineProperty(item, 'name', { get: read, enumerable: true });
            if (kind === 'toJSON') Object.assign(item, { toJSON: read });
            if (kind === 'hidden toJSON') Object.defineProperty(item, 'toJSON', { value: read });
            return isNested ? { item } : item;
          };
          const json = captureJson(list.map(make), roomy);
          list.forEach((kind, at) => {
            expect(reads[at], kind).to.equal(kind === 'data' ? undefined : 1);
          });
          expect(json).to.equal(`[${list.map((kind, at) => captureJson(make(kind, at), roomy)).join(',')}]`);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('P25 reads no getter twice if a later one throws, in an item with the same names', () => {
    let reads = 0;
    const list: object[] = Array.from({ length: 40 }, () => ({ a: 1, b: 2, c: 3 }));
    list[30] = {
      a: 1,
      get b(): number {
        reads += 1;
        return 2;
      },
      get c(): number {
        throw new Error('gone');
      },
    };
    const { 30: item } = JSON.parse(captureJson(list, roomy)) as Record<number, unknown>;
    expect(reads).to.equal(1);
    expect(item).to.deep.equal({ a: 1, b: '[Throws: gone]', c: '[Throws: gone]' });
  });

  it('P25 writes a Proxy among rows, whichever of its traps fails, in the form of a walk', () => {
    const fail = (): never => {
      throw new Error('gone');
    };
    const row = () => ({ id: 1, name: 'n' });
    const traps: readonly ProxyHandler<object>[] = [
      { getPrototypeOf: fail },
      { has: fail },
      { ownKeys: fail },
      { getOwnPropertyDescriptor: fail },
      { get: fail },
    ];
    for (const handler of traps) {
      for (const target of [row(), [row()], new Date(0)]) {
        for (const place of [0, 20]) {
          const list: unknown[] = Array.from({ length: 40 }, row);
          list[place] = new Proxy<object>(target, handler);
          list[place + 1] = { id: 1, name: new Proxy<object>(target, handler) };
          expect(captureJson(list, roomy), JSON.stringify([Object.keys(handler), place])).to.equal(
            walked(list, roomy.maxBytes),
          );
        }
      }
    }
  });

  it('P25 reads of a failing Proxy nothing that it hides', () => {
    const list: object[] = Array.from({ length: 40 }, () => ({ id: 1, key: 'k' }));
    list[30] = new Proxy(
      { id: 1, key: 'hidden' },
      {
        get(from, key) {
          if (key === 'key') throw new Error('not shown');
          return Reflect.get(from, key);
        },
      },
    );
    const json = captureJson(list, roomy);
    expect(json).to.include('not shown').and.not.include('hidden');
  });

  it('P32 does not list the bytes of an array with a hidden prototype among rows', () => {
    const bytes = Object.setPrototypeOf(new Uint8Array(50_000_000), Object.prototype);
    const list: unknown[] = Array.from({ length: 40 }, (_, at) => (at === 20 ? bytes : { at }));
    expect(JSON.parse(captureJson(list, roomy))[20]).to.deep.equal({ type: 'Uint8Array' });
  });

  it('P25 finds cycles through items, lists and objects that only the walk enters', () => {
    const list: unknown[] = Array.from({ length: 20 }, (_, at) => ({ at }));
    const self: Record<string, unknown> = { deep: { list: [list] } };
    self.self = self;
    self.map = new Map<string, unknown>([['back', self]]);
    list[5] = self;
    expect(JSON.parse(captureJson({ list }, roomy)).list[5]).to.deep.equal({
      deep: { list: ['[Circular]'] },
      self: '[Circular]',
      map: { back: '[Circular]' },
    });
  });

  it('P13 changes no item', () => {
    const make = () =>
      Array.from({ length: 50 }, (_, at) => ({ at, when: new Date(at), bad: NaN, deep: [{ at, big: 5n }] }));
    for (const seal of [Object.freeze, (value: object) => value]) {
      const list = make();
      list.forEach(seal);
      captureJson(list, { maxBytes: 256 });
      captureJson(list, roomy);
      expect(list).to.deep.equal(make());
    }
  });

  it('P32 reads of a list no more than a batch beyond what is kept or counted', () => {
    for (const length of [20_000, 200_000]) {
      let reads = 0;
      const list = Array.from({ length }, (_, at) => ({ at, text: 'x'.repeat(200) }));
      const watched = new Proxy(list, {
        get(from, key, self) {
          reads += 1;
          return Reflect.get(from, key, self);
        },
      });
      captureJson(watched, { maxBytes: 20_000 });
      expect(reads).to.be.lessThan(2500); // 250 KB are counted
    }
  });

  it('P32 ends quickly for a sparse array of four billion holes, alone and in an item', () => {
    const sparse: unknown[] = [];
    sparse[4e9 - 1] = 1;
    for (const value of [sparse, Array.from({ length: 20 }, () => ({ sparse }))]) {
      expect(captureJson(value, { maxBytes: 2000 })).to.include('[cut: more than');
    }
  });

  it('P32 leaves an item to the walk whose parts are shared without end', () => {
    let value: unknown = 'leaf';
    for (let level = 0; level < 40; level += 1) value = Array.from({ length: 20 }, () => value);
    const json = captureJson(value, { maxBytes: 5000 });
    expect(json).to.include('[cut: more than');
    JSON.parse(json);
  });
});
