import { runInThisContext } from 'node:vm';
import { expect } from 'chai';
import { readParamNames } from '../../lib/instrument/param-names.js';

/** A function from source text, as a compiler may have left it. */
const from = (source: string) => runInThisContext(`(${source})`) as (...args: never[]) => unknown;
const method = (source: string, key = 'm') =>
  (from(`{ ${source} }`) as unknown as Record<string, (...args: never[]) => unknown>)[key]!;

describe('readParamNames()', () => {
  const cases: readonly [string, (...args: never[]) => unknown, readonly (string | undefined)[], string?][] = [
    ['a method', method('m(a, b) {}'), ['a', 'b']],
    ['no parameters', method('m() {}'), []],
    ['an async method', method('async m(query) {}'), ['query']],
    ['a generator', method('*m(n) {}'), ['n']],
    ['an async generator', method('async *m(n, k) {}'), ['n', 'k']],
    ['a computed name with brackets and calls', method("['m'.concat('(x', ')')](real) {}", 'm(x)'), ['real']],
    ['a quoted name', method("'m'(a) {}"), ['a']],
    [
      'defaults with commas, calls, strings and templates',
      method("m(a = f(1, 2), b = ')', c = `x, }`, d = [1, 2]) {}"),
      ['a', 'b', 'c', 'd'],
    ],
    ['defaults that are functions', method('m(a = (x, y) => x, b = function (z) { return z; }) {}'), ['a', 'b']],
    ['comments', method('m(/* first, */ a, // second (\n b) {}'), ['a', 'b']],
    ['a rest parameter', method('m(a, ...rest) {}'), ['a'], 'rest'],
    ['a rest parameter that is destructured', method('m(a, ...[b, c]) {}'), ['a', undefined]],
    ['destructuring', method('m({ a, b }, [c], d) {}'), [undefined, undefined, 'd']],
    ['a trailing comma', method('m(a, b,) {}'), ['a', 'b']],
    ['an arrow', from('(a, b) => a'), ['a', 'b']],
    ['an arrow without parentheses', from('async a => a'), ['a']],
    ['names beyond ASCII, and spaces', method('m(\u00a0ünï\u3000, \u{20bb7}, ..._$9) {}'), ['ünï', '\u{20bb7}'], '_$9'],
    ['a function', from('function f(a, $b, _c, ünï) {}'), ['a', '$b', '_c', 'ünï']],
  ];
  for (const [what, fn, names, rest] of cases) {
    it(`reads ${what}`, () => {
      expect(readParamNames(fn)).to.deep.equal({ names, rest });
    });
  }

  it('gives undefined for native and bound functions, and where no list is found', () => {
    expect(readParamNames(Math.max)).to.equal(undefined);
    expect(readParamNames(from('(a) => a').bind(null))).to.equal(undefined);
    expect(readParamNames(from('async/* */a => a'))).to.equal(undefined);
  });
});
