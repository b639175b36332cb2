import { types as nodeTypes } from 'node:util';
import vm from 'node:vm';
import { expect } from 'chai';
import { types, util } from '../../lib/edge/builtins.js';

/** One value of every kind that is told apart, of this realm and of another, and what only looks like one. */
const sources: readonly string[] = [
  ...[
    'new Date(0)',
    '/x/',
    'new Map([[1, 2]])',
    'new Set([1])',
    'new WeakMap()',
    'new WeakSet()',
    '[1]',
    '({})',
    'null',
  ],
  ...['new ArrayBuffer(2)', 'new SharedArrayBuffer(2)', 'new Uint8Array(1)', 'new Error("x")', 'new TypeError("x")'],
  ...['Object(1)', 'Object("s")', 'Object(true)', 'Object(Symbol("x"))', 'Object(1n)', '1', '"s"', 'undefined'],
  ...['(function* () {})()', '(async function* () {})()', 'async () => {}', '() => {}', 'Promise.resolve(1)'],
  ...['Object.create(Date.prototype)', 'Object.create(Map.prototype)', 'Object.create(Number.prototype)'],
  ...[
    '({ [Symbol.toStringTag]: "Date" })',
    '({ [Symbol.toStringTag]: "Map" })',
    '({ [Symbol.toStringTag]: "Symbol" })',
  ],
  'Object.defineProperty({}, Symbol.toStringTag, { get() { throw new Error("no") } })',
];

describe('The built-ins of edge runtimes', () => {
  for (const [realm, run] of [
    ['this', (source: string) => vm.runInThisContext(`(${source})`)],
    ['another', (source: string) => vm.runInNewContext(`(${source})`)],
  ] as const) {
    it(`tell values of ${realm} realm apart as Node does`, () => {
      for (const source of sources) {
        const value: unknown = run(source);
        for (const [name, is] of Object.entries(types)) {
          const wanted = nodeTypes[name as keyof typeof types](value);
          expect(is(value), `${name}(${source})`).to.equal(wanted);
        }
      }
    });
  }

  it('compare JSON values', () => {
    const { isDeepStrictEqual } = util();
    expect(isDeepStrictEqual({ a: [1, { b: null }], c: 'x' }, { c: 'x', a: [1, { b: null }] })).to.equal(true);
    for (const other of [{ a: [1] }, { a: { 0: 1, 1: 2 } }, { a: [1, 2], b: 1 }, { b: [1, 2] }, null, 'a']) {
      expect(isDeepStrictEqual({ a: [1, 2] }, other), JSON.stringify(other)).to.equal(false);
    }
  });
});
