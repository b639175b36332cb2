import { PassThrough } from 'node:stream';
import vm from 'node:vm';
import { expect } from 'chai';
import { captureJson } from '../../lib/model/capture.js';
import { captured, Money, roomy, Tool } from './captured.js';

function failing(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

class Chat {
  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    yield 'chunk';
  }
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const cycle: Record<string, unknown> = { name: 'ring' };
cycle.self = cycle;
const shared = { a: 1 };

describe('captureJson', () => {
  describe('P25 golden values', () => {
    const sparse: unknown[] = [1];
    sparse[3] = 4;
    const golden: readonly (readonly [string, unknown, string])[] = [
      ['a string with quotes and lines', 'a "b"\n\\', '"a \\"b\\"\\n\\\\"'],
      ['a null character', 'a\0b', '"ab"'],
      ['lone surrogates', '\ud800a\udc00b😀\ud83d', '"ab😀"'],
      ['text that only looks like an escape', '\\u0000 \\ud800 \u0001', '"\\\\u0000 \\\\ud800 \\u0001"'],
      ['a key with a null character and a lone surrogate', { 'k\0\udc00': 1 }, '{"k":1}'],
      ['a large data URL', `data:image/png;base64,${'A'.repeat(4096)}`, '"data:image/png;base64,[3072 bytes]"'],
      ['a data URL of 1 KiB', `data:a/b;base64,${'A'.repeat(1024)}`, `"data:a/b;base64,${'A'.repeat(1024)}"`],
      ['numbers', [0, -0, 1.5, 1e21, NaN, Infinity, -Infinity], '[0,0,1.5,1e+21,"NaN","Infinity","-Infinity"]'],
      ['booleans and null', [true, false, null], '[true,false,null]'],
      ['a bigint', 2n ** 64n, '"18446744073709551616"'],
      ['undefined at the top', undefined, 'null'],
      ['undefined inside', { a: undefined, b: [undefined] }, '{"b":[null]}'],
      ['functions', [failing, () => 1, class Agent {}], '["[Function failing]","[Function]","[Function Agent]"]'],
      ['symbols', [Symbol('id'), Symbol()], '["[Symbol id]","[Symbol]"]'],
      [
        'boxed primitives',
        [Object(1), Object('a'), Object(true), Object(3n), Object(Symbol('s'))],
        '[1,"a",true,"3","[Symbol s]"]',
      ],
      ['dates', [new Date(0), new Date(NaN)], '["1970-01-01T00:00:00.000Z","Invalid Date"]'],
      ['a RegExp', /a+/gi, '"/a+/gi"'],
      ['a URL', new URL('https://a.b/c?d=e'), '"https://a.b/c?d=e"'],
      ['search parameters', new URLSearchParams({ a: '1', b: '2' }), '"a=1&b=2"'],
      [
        'a Map with string keys',
        new Map<string, unknown>([
          ['a', 1],
          ['__proto__', new Set([2])],
        ]),
        '{"a":1,"__proto__":[2]}',
      ],
      [
        'a Map with other keys',
        new Map<unknown, unknown>([
          [1, 'a'],
          ['b', {}],
        ]),
        '[[1,"a"],["b",{}]]',
      ],
      ['a Set', new Set([1, 'a', [2]]), '[1,"a",[2]]'],
      ['a Buffer', Buffer.from('secret bytes'), '{"type":"Buffer","bytes":12}'],
      [
        'typed arrays',
        [new Uint8Array(5), new Float64Array(2), new DataView(new ArrayBuffer(3))],
        '[{"type":"Uint8Array","bytes":5},{"type":"Float64Array","bytes":16},{"type":"DataView","bytes":3}]',
      ],
      [
        'array buffers',
        [new ArrayBuffer(7), new SharedArrayBuffer(9)],
        '[{"type":"ArrayBuffer","bytes":7},{"type":"SharedArrayBuffer","bytes":9}]',
      ],
      ['a Blob', new Blob(['four']), '{"type":"Blob","bytes":4}'],
      [
        'closed objects',
        [Promise.resolve(1), new WeakMap(), new WeakSet(), new WeakRef(shared)],
        '["[Promise]","[WeakMap]","[WeakSet]","[WeakRef]"]',
      ],
      [
        'generators',
        [(function* () {})(), (async function* () {})(), [].values()],
        '["[object Generator]","[object AsyncGenerator]","[object Array Iterator]"]',
      ],
      [
        'streams',
        [new ReadableStream(), new Chat(), new WritableStream(), new PassThrough()],
        '["[object ReadableStream]","[object Chat]","[object WritableStream]","[object PassThrough]"]',
      ],
      ['a web object without own properties', new Headers({ authorization: 'key' }), '"[object Headers]"'],
      ['a class instance', new Tool(), '{"name":"search","limit":3}'],
      ['an object with toJSON', new Money(), '{"cents":5,"at":"1970-01-01T00:00:00.000Z"}'],
      ['toJSON that throws', { a: { toJSON: failing('no') } }, '{"a":"[Throws: no]"}'],
      ['a toJSON that is no function', { toJSON: 1 }, '{"toJSON":1}'],
      ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
      ['a key named __proto__', JSON.parse('{"__proto__":{"a":1}}'), '{"__proto__":{"a":1}}'],
      ['symbol keys', { [Symbol('hidden')]: 1, a: 2 }, '{"a":2}'],
      [
        'a getter that throws',
        {
          get a() {
            return failing('gone')();
          },
          b: 1,
        },
        '{"a":"[Throws: gone]","b":1}',
      ],
      ['a revoked Proxy', { a: revoked.proxy }, '{"a":"[Unreadable]"}'],
      [
        'a Proxy that throws at everything',
        new Proxy({}, { getPrototypeOf: failing('x'), ownKeys: failing('x'), get: failing('x') }),
        '"[Unreadable]"',
      ],
      ['a Proxy that cannot be listed', new Proxy({}, { ownKeys: failing('x') }), '"[Unreadable]"'],
      ['a cycle', cycle, '{"name":"ring","self":"[Circular]"}'],
      ['a shared reference', [shared, shared], '[{"a":1},{"a":1}]'],
      ['a sparse array', sparse, '[1,null,null,4]'],
      [
        'objects of another realm',
        vm.runInNewContext('({ d: new Date(0), m: new Map([["a", 1]]), p: { q: [1] } })'),
        '{"d":"1970-01-01T00:00:00.000Z","m":{"a":1},"p":{"q":[1]}}',
      ],
    ];
    for (const [what, value, json] of golden) {
      it(`P25 gives ${what} its documented form`, () => {
        expect(captureJson(value, roomy)).to.equal(json);
      });
    }

    it('P25 keeps the text of an Error, and leaves out the properties that HTTP clients add to it', () => {
      const error = Object.assign(new TypeError('outer', { cause: new Error('inner') }), {
        code: 'E1',
        status: 500,
        config: { headers: { authorization: 'key' } },
        request: {},
        response: {},
        headers: { authorization: 'key' },
        toJSON: failing('never called'),
      });
      const result = captured(error) as Record<string, unknown>;
      expect(Object.keys(result)).to.deep.equal(['name', 'message', 'stack', 'code', 'cause', 'status']);
      expect(result).to.include({ name: 'TypeError', message: 'outer', code: 'E1', status: 500 });
      expect(result.stack).to.be.a('string').with.length.at.most(4000);
      expect(result.cause).to.include({ name: 'Error', message: 'inner' });
      expect(captured(new AggregateError([1, new Error('b')], 'both'))).to.have.nested.property(
        'errors[1].message',
        'b',
      );
    });

    it('P25 ends an error whose cause is itself', () => {
      const error = new Error('loop');
      error.cause = error;
      expect(captured(error)).to.have.property('cause', '[Circular]');
    });

    it('P25 names the first 100 functions that are properties, and leaves out the others', () => {
      const calls = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`call${at}`, failing]));
      const client = { options: 1, a: calls, b: { ...calls, last: 2 }, c: { calls }, list: [failing] };
      const json = captureJson(client, roomy);
      expect(json.match(/"call\d+":"\[Function/g)).to.have.length(100);
      expect(JSON.parse(json)).to.deep.include({ options: 1, c: { calls: {} }, list: ['[Function failing]'] });
      expect(JSON.parse(json).b)
        .to.deep.include({ call39: '[Function failing]', last: 2 })
        .and.not.have.property('call40');
      expect(captured({ failing })).to.deep.equal({ failing: '[Function failing]' });
    });

    it('P25 stops at a depth of 100', () => {
      let value: unknown = 'bottom';
      for (let at = 0; at < 5000; at += 1) value = at % 2 === 0 ? [value] : { value };
      const text = captureJson(value, roomy);
      expect(text).to.include('"[Depth 100]"').and.not.include('bottom');
      JSON.parse(text);
    });

    it('P25 ends a toJSON that always returns new objects', () => {
      const make = (): unknown => ({ toJSON: () => ({ next: make() }) });
      expect(captureJson(make(), roomy)).to.include('[Depth 100]');
      const ring = { toJSON: (): unknown => ({ ring }) };
      expect(captured(ring)).to.deep.equal({ ring: '[Circular]' });
    });
  });
});
