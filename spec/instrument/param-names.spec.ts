import { runInThisContext } from 'node:vm';
import { expect } from 'chai';
import { transformSync } from 'esbuild';
import { type Pattern, readParamNames } from '../../lib/instrument/param-names.js';

/** A function from source text, as a compiler may have left it. */
const from = (source: string) => runInThisContext(`(${source})`) as (...args: never[]) => unknown;
const method = (source: string, key = 'm') =>
  (from(`{ ${source} }`) as unknown as Record<string, (...args: never[]) => unknown>)[key]!;

const properties = (names: readonly string[], rest?: string): Pattern => ({ isArray: false, names, rest });
const items = (names: readonly (string | undefined)[], rest?: string): Pattern => ({ isArray: true, names, rest });

const written = 'globalThis.m = async ({ question, k = 5 }, [a, b], c = /[)]/) => [question, k, a, b, c]';
const minified = transformSync(written, { minify: true }).code.replace('globalThis.m=', '').replace(/;\s*$/, '');

const shortened = /\[(\w),(\w)\],(\w)=/.exec(minified)?.slice(1) ?? [];

describe('readParamNames()', () => {
  const cases: readonly [string, (...args: never[]) => unknown, readonly (string | Pattern | undefined)[], string?][] =
    [
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
      ['a rest parameter that is destructured', method('m(a, ...[b, c]) {}'), ['a']],
      ['destructuring', method('m({ a, b }, [c], d) {}'), [properties(['a', 'b']), items(['c']), 'd']],
      [
        'default values in a pattern',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source
        from('({ question, k = 5, s = "},", t = `)}${"`"}` }) => k'),
        [properties(['question', 'k', 's', 't'])],
      ],
      [
        'a default value of a pattern',
        from('async ({ q, k = [1, { a: 2 }] } = {}, [a] = [], b = {}) => q'),
        [properties(['q', 'k']), items(['a']), 'b'],
      ],
      [
        'new names in a pattern',
        from('({ question: q, k: e = 5, deep: { x: [y] }, list: [z] = [] }) => q'),
        [properties(['question', 'k', 'deep', 'list'])],
      ],
      [
        'what is left of a pattern',
        from('({ a, ...rest }, [b, , c, ...others]) => a'),
        [properties(['a'], 'rest'), items(['b', undefined, 'c'], 'others')],
      ],
      [
        'regular expressions with brackets, quotes and slashes',
        from('({ sep = /[,})/\'"]/g, q = 4 / 2 / 1, r = /\\(/ }, s = /`/, t) => q'),
        [properties(['sep', 'q', 'r']), 's', 't'],
      ],
      [
        'a regular expression behind a keyword',
        from('(a = function () { return /[)}]/ }, { b = typeof /\\(/ }) => a'),
        ['a', properties(['b'])],
      ],
      [
        'templates in templates',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source
        from('(a = `${`}${")"}`}`, { b = `${{ c: `)` }.c}` }) => a'),
        ['a', properties(['b'])],
      ],
      [
        'comments in patterns',
        from('({ a, // }, x\n b /* , c } */ = /* ] */ 5, /* d */ }) => a'),
        [properties(['a', 'b'])],
      ],
      ['a comment between a name and its value', from('(a/* = ( */= 1, b) => a'), ['a', 'b']],
      [
        'code that istanbul has instrumented',
        from('function f({ q, k = (cov_1().b[0][0]++, 5) }, o = (cov_1().b[1][0]++, {}), n) { cov_1().f[0]++; }'),
        [properties(['q', 'k']), 'o', 'n'],
      ],
      [
        'functions of class fields',
        new (from('class { run = async ({ q }, n) => q }') as unknown as new () => { run: () => unknown })().run,
        [properties(['q']), 'n'],
      ],
      ['asynchronous and generator methods', method('async *m({ q }, [a]) {}'), [properties(['q']), items(['a'])]],
      [
        'a setter',
        Object.getOwnPropertyDescriptor(from('{ set x({ a }) {} }'), 'x')?.set as () => unknown,
        [properties(['a'])],
      ],
      ['a computed name with an expression', method("[/[(]/.source + 'm']({ a }) {}", '[(]m'), [properties(['a'])]],
      ['text about native code', from('(a) => "[native code]"'), ['a']],
      ['minified code', from(minified), [properties(['question', 'k']), items(shortened.slice(0, 2)), shortened[2]]],
      [
        'escaped quotes',
        from("(a = '\\'),', b = \"\\\\\", c = `\\`),`, { d = '\\'},' }) => a"),
        ['a', 'b', 'c', properties(['d'])],
      ],
      [
        'dollars and braces that are only text',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source
        from("(a = '${', b = `$`, c = `{`, { d = '${', e = `$` }) => a"),
        ['a', 'b', 'c', properties(['d', 'e'])],
      ],
      [
        'divisions by what is in brackets',
        from('(a = 4 /(2), { b = 4 /[2] }, c = 1 /2 / 3) => a'),
        ['a', properties(['b']), 'c'],
      ],
      ['a trailing comma', method('m(a, b,) {}'), ['a', 'b']],
      ['an arrow', from('(a, b) => a'), ['a', 'b']],
      ['an arrow without parentheses', from('async a => a'), ['a']],
      [
        'names beyond ASCII, and spaces',
        method('m(\u00a0ünï\u3000, \u{20bb7}, ..._$9) {}'),
        ['ünï', '\u{20bb7}'],
        '_$9',
      ],
      ['a function', from('function f(a, $b, _c, ünï) {}'), ['a', '$b', '_c', 'ünï']],
    ];
  for (const [what, fn, names, rest] of cases) {
    it(`reads ${what}`, () => {
      expect(readParamNames(fn)).to.deep.equal({ names, rest });
    });
  }

  it('returns undefined for native and bound functions, and if no list is found', () => {
    expect(readParamNames(Math.max)).to.equal(undefined);
    expect(readParamNames(from('(a) => a').bind(null))).to.equal(undefined);
    expect(readParamNames(from('async/* */a => a'))).to.equal(undefined);
    expect(readParamNames(from('async/* */a => a(b)'))).to.equal(undefined);
    expect(readParamNames(from('({ a }) => a').bind(null))).to.equal(undefined);
    expect(readParamNames(new Proxy(from('({ a }) => a'), {}))).to.equal(undefined);
  });

  it("returns undefined if the source does not match the function's length", () => {
    const wrapper = from('(a, b) => a');
    Object.defineProperty(wrapper, 'length', { value: 3 });
    expect(readParamNames(wrapper)).to.equal(undefined);
  });

  it('names no parameter whose pattern has a part without a name', () => {
    for (const pattern of ['{ [`a`]: b }', '[{ a }]', '{}', '[[a]]', "{ 'a-b': c }", '{ "\\u0061": c }']) {
      expect(readParamNames(from(`(x, ${pattern}) => x`))?.names, pattern).to.deep.equal(['x', undefined]);
    }
  });
});
