import fc from 'fast-check';

/** Text of any UTF-16 units: lone surrogates and null characters among them. */
const units = fc
  .oneof(
    { weight: 4, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
    fc.integer({ min: 0, max: 0x1f }),
    fc.integer({ min: 0xd7f0, max: 0xe010 }),
    fc.integer({ min: 0, max: 0xffff }),
  )
  .map((unit) => String.fromCharCode(unit));
export const hostileText = fc.oneof(
  fc.string({ unit: units, maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.constantFrom(
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\udfff\ud800',
    'a\u0000b\ud83dc',
    '__proto__',
    'constructor',
    'toJSON',
    'toString',
    '\\u0000',
    '"}]',
    'é'.repeat(600),
    '😀'.repeat(513),
    `${'x'.repeat(511)}😀`,
    '\ud83d'.repeat(300),
    `data:image/png;base64,${'A'.repeat(3000)}`,
    'x'.repeat(5000),
    '\ufeff\u2028\u2029',
  ),
);

/** Numbers that JSON, or the backend, has no place for. */
export const hostileNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(
    ...[0, -0, 1, -1, 1.5, 2 ** 31 - 1, 2 ** 31, 2 ** 53, 1e21, 1e308, 5e-324],
    ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ),
);

const fault = () => {
  throw new Error('hostile \u0000\ud800');
};

class Point {
  #hidden = 1;
  constructor(
    readonly x: unknown,
    readonly y: unknown,
  ) {}
  get sum(): number {
    return this.#hidden;
  }
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

function rejected(): Promise<never> {
  const promise = Promise.reject(new Error('hostile'));
  promise.catch(() => {});
  return promise;
}

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let i = 0; i < depth; i += 1) value = i % 2 === 0 ? [value] : { in: value };
  return value;
}

const thenable = (then: (resolve: (value: unknown) => void) => void): object =>
  Object.defineProperty({}, 'then', { enumerable: true, value: then });

/** Values nobody should pass, each made anew. */
const traps: readonly ((inner: unknown) => unknown)[] = [
  (inner) => {
    const cycle: Record<string, unknown> = { inner };
    cycle.self = cycle;
    cycle.list = [cycle, new Map([['self', cycle]])];
    return cycle;
  },
  (inner) => new Proxy({ inner }, {}),
  (inner) => new Proxy([inner], {}),
  () =>
    new Proxy({}, { get: fault, has: fault, ownKeys: fault, getPrototypeOf: fault, getOwnPropertyDescriptor: fault }),
  () => new Proxy({}, { ownKeys: () => ['a', 'b'], getOwnPropertyDescriptor: fault }),
  () => new Proxy(() => {}, { get: fault, apply: fault }),
  () => new Proxy({}, { get: (_, key) => (key === 'length' ? 1e9 : undefined) }),
  () => revoked({}),
  () => revoked([]),
  (inner) => Object.defineProperty({ inner }, 'trap', { enumerable: true, get: fault }),
  () => ({ toJSON: fault }),
  (inner) => ({ toJSON: () => inner }),
  () => ({ toString: fault, valueOf: fault, [Symbol.toPrimitive]: fault }),
  () => thenable(fault),
  (inner) => thenable((resolve) => resolve(inner)),
  (inner) => Object.assign(Object.create(null), { inner }),
  () => Object.create(null),
  (inner) => Object.freeze({ inner: Object.freeze([inner]) }),
  (inner) =>
    new Map<unknown, unknown>([
      [inner, inner],
      ['\u0000', 1],
    ]),
  (inner) => new Set([inner]),
  (inner) => new Point(inner, 1),
  (inner) => new Error('\u0000\ud800', { cause: inner }),
  (inner) => new AggregateError([inner], 'many'),
  () => Object.defineProperty(new Error('x'), 'message', { get: fault }),
  (inner) => ({ name: inner, message: inner, stack: inner, code: inner }),
  () => [1n, 2n ** 64n, -0, Number.NaN, Symbol('\ud800'), Symbol.iterator, () => {}, undefined],
  () => new Array(3),
  () => Object.assign([1], { extra: 1 }),
  () => ({ length: 3, 0: 'a' }),
  () => [new Date(0), new Date(Number.NaN), new Date(8.64e15)],
  () => [
    new Uint8Array(5),
    new BigInt64Array(2),
    Buffer.from('x'),
    new DataView(new ArrayBuffer(3)),
    new ArrayBuffer(9),
  ],
  () => [Object(1n), Object('x\u0000'), Object(Symbol('s')), Object(Number.NaN), Object(false)],
  () => [/\u0000/g, new URL('https://host/%00'), new URLSearchParams('a=\u0000'), new Headers({ a: 'b' })],
  () => [new WeakMap(), new WeakSet(), new WeakRef({}), rejected(), globalThis.performance],
  () =>
    (function* () {
      yield 1;
    })(),
  () => new ReadableStream(),
  () => ({ ['k'.repeat(4000)]: 1, '\ud800': 2, '\u0000': 3, ['__proto__']: 4 }),
  () => Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`key ${i}`, i])),
  () => nested(120),
  () => nested(20_000),
  () => 'long \u0000\ud800 '.repeat(30_000),
  () => new Array(5000).fill('item'),
  (inner) => ({ role: inner, content: inner, messages: [{ role: 'user', content: inner }] }),
  () => globalThis,
  () => process,
  () => Point,
  () => function* generator() {},
];

/** One of the traps, to be made when it is used: what generates and shows the values must not touch it. */
class Trap {
  constructor(
    readonly at: number,
    readonly inner: unknown,
  ) {}
}

const trapIndex = fc.nat(traps.length - 1);

/** Every trap once, each made anew at every call. */
export const everyTrap: readonly (() => unknown)[] = traps.map((make) => () => make('inner'));

/** Anything at all; traps are still to be made. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { maxDepth: 3 },
  fc.anything({
    withBigInt: true,
    withBoxedValues: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withObjectString: true,
    withSet: true,
    withSparseArray: true,
    withTypedArray: true,
    key: hostileText,
    maxDepth: 3,
  }),
  hostileText,
  hostileNumber,
  fc.tuple(trapIndex, hostileText).map(([at, inner]) => new Trap(at, inner)),
  fc.tuple(trapIndex, trapIndex).map(([at, inner]) => new Trap(at, new Trap(inner, 'x'))),
);

/** `values` with every trap in it made: in arrays and plain objects, too. */
export function makeTraps<T>(values: T): T {
  return made(values) as T; // the same shape, with traps, which stand for values of any type, made
}

function made(value: unknown): unknown {
  if (value instanceof Trap) return traps[value.at]?.(made(value.inner));
  if (!holdsTrap(value)) return value;
  if (Array.isArray(value)) return value.map(made);
  return Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, made(item)]));
}

function holdsTrap(value: unknown): boolean {
  if (value instanceof Trap) return true;
  if (Array.isArray(value)) return value.some(holdsTrap);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
  return Object.values(value).some(holdsTrap);
}
