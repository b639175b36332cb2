import { PassThrough } from 'node:stream';
import vm from 'node:vm';
import { expect } from 'chai';
import { captureJson } from '../../lib/model/capture.js';

const roomy = { maxBytes: 1024 * 1024 };

function captured(value: unknown): unknown {
  return JSON.parse(captureJson(value, roomy));
}

function failing(message: string): () => never {
  return () => {
    throw new Error(message);
  };
}

class Tool {
  readonly name = 'search';
  readonly limit = 3;
  #secret = 'hidden';
  get length(): number {
    return this.#secret.length;
  }
}

class Money {
  calls = 0;
  toJSON(): unknown {
    this.calls += 1;
    return { cents: 5, at: new Date(0) };
  }
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

    it('P25 keeps what an Error says and leaves out what HTTP clients hang on it', () => {
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

    it('P25 stops at a depth of 100', () => {
      let value: unknown = 'bottom';
      for (let at = 0; at < 5000; at += 1) value = at % 2 === 0 ? [value] : { value };
      const text = captureJson(value, roomy);
      expect(text).to.include('"[Depth 100]"').and.not.include('bottom');
      JSON.parse(text);
    });

    it('P25 ends a toJSON that gives ever new objects', () => {
      const make = (): unknown => ({ toJSON: () => ({ next: make() }) });
      expect(captureJson(make(), roomy)).to.include('[Depth 100]');
      const ring = { toJSON: (): unknown => ({ ring }) };
      expect(captured(ring)).to.deep.equal({ ring: '[Circular]' });
    });
  });

  describe('P13 the caller’s data', () => {
    it('P13 reads every property once and calls toJSON once', () => {
      const reads = new Map<PropertyKey, number>();
      const counting = <T extends object>(target: T): T =>
        new Proxy(target, {
          get(from, key, self) {
            reads.set(key, (reads.get(key) ?? 0) + 1);
            return Reflect.get(from, key, self);
          },
        });
      const money = new Money();
      captureJson(counting({ a: 1, b: counting(['x']), toJSON: undefined, c: money }), roomy);
      captureJson(counting(new Tool()), roomy);
      for (const [key, count] of reads) {
        const isMetaRead = key === 'toJSON' || typeof key === 'symbol';
        expect(count, String(key)).to.equal(isMetaRead ? count : 1);
      }
      expect(money.calls).to.equal(1);
    });

    it('P13 reads an own toJSON getter once', () => {
      let reads = 0;
      const value = {
        get toJSON(): number {
          reads += 1;
          return reads;
        },
      };
      expect(captured(value)).to.deep.equal({ toJSON: 1 });
      expect(reads).to.equal(1);
    });

    it('P13 leaves frozen, sealed and plain data as it was', () => {
      const make = () => ({ list: [1, { a: new Date(5) }], map: new Map([['a', [1]]]), set: new Set([1]) });
      for (const seal of [Object.freeze, Object.seal, (value: object) => value]) {
        const value = make();
        seal(value);
        captureJson(value, { maxBytes: 256 });
        expect(value).to.deep.equal(make());
      }
    });

    it('P13 keeps what a value was at the call', () => {
      const messages = [{ role: 'user', content: 'one' }];
      const text = captureJson(messages, roomy);
      messages.push({ role: 'user', content: 'two' });
      expect(JSON.parse(text)).to.deep.equal([{ role: 'user', content: 'one' }]);
    });
  });

  describe('cutting', () => {
    it('cuts a string at a character and says its size', () => {
      const text = captureJson('😀'.repeat(1000), { maxBytes: 400 });
      expect(Buffer.byteLength(text)).to.be.within(300, 400);
      expect(JSON.parse(text)).to.match(/^😀+… \[cut: 4000 bytes\]$/u);
    });

    it('names the size of a string of 20 MiB', () => {
      const text = captureJson('x'.repeat(20_971_520), roomy);
      expect(text.length).to.be.within(1_000_000, 1_048_576);
      expect(text.slice(-30)).to.match(/x… \[cut: 20971520 bytes\]"$/);
    });

    it('keeps what follows a large string', () => {
      const value = { content: '漢"\n'.repeat(100_000), role: 'user' };
      const result = JSON.parse(captureJson(value, { maxBytes: 10_000 })) as Record<string, string>;
      expect(result.role).to.equal('user');
      expect(result.content).to.match(/… \[cut: 500000 bytes\]$/);
    });

    it('cuts an array with the true size of the whole', () => {
      const value = { list: Array.from({ length: 5000 }, (_, at) => at), after: true };
      const text = captureJson(value, { maxBytes: 1000 });
      expect(Buffer.byteLength(text)).to.be.within(900, 1000);
      const { list } = JSON.parse(text) as { list: unknown[] };
      expect(list.slice(0, 3)).to.deep.equal([0, 1, 2]);
      expect(list.at(-1)).to.equal(`[cut: ${JSON.stringify(value).length} bytes]`);
    });

    it('cuts an object with a last property that says so', () => {
      const value = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, `válue ${at}`]));
      const result = JSON.parse(captureJson(value, { maxBytes: 600 })) as Record<string, string>;
      expect(Object.keys(result).at(-1)).to.equal('…');
      expect(result['…']).to.equal(`[cut: ${Buffer.byteLength(JSON.stringify(value))} bytes]`);
    });

    it('counts what a cut string lost', () => {
      const value = ['é'.repeat(50_000), Array.from({ length: 1000 }, () => 'filler')];
      const text = captureJson(value, { maxBytes: 2000 });
      expect(text).to.include(`[cut: ${Buffer.byteLength(JSON.stringify(value))} bytes]`);
    });

    it('leaves a value that fits exactly as it is', () => {
      const value = { a: 'é'.repeat(500), b: [1, 2, 3] };
      const bytes = Buffer.byteLength(JSON.stringify(value));
      expect(captureJson(value, { maxBytes: bytes + 64 })).to.equal(JSON.stringify(value));
    });

    it('ends soon for a sparse array of a billion holes', () => {
      expect(captureJson(new Array(1e9), { maxBytes: 1000 })).to.match(/null,"\[cut: more than \d+ bytes\]"\]$/);
    });

    it('ends soon for references shared so often that the text would not end', () => {
      let value: unknown = 'leaf';
      for (let at = 0; at < 90; at += 1) value = [value, value];
      const text = captureJson(value, { maxBytes: 1000 });
      expect(text).to.include('cut: more than');
      JSON.parse(text);
    });

    it('cuts a key that does not fit with its value', () => {
      const text = captureJson({ a: 1, ['k'.repeat(5000)]: { b: 2 } }, { maxBytes: 300 });
      expect(text).to.match(/^\{"a":1,"…":"\[cut: \d+ bytes\]"\}$/);
    });

    it('takes limits under 256 bytes, and none at all, as 256', () => {
      for (const maxBytes of [0, -1, Number.NaN, 10, 256]) {
        const text = captureJson({ list: ['x'.repeat(1000), 'y'.repeat(1000)] }, { maxBytes });
        expect(Buffer.byteLength(text)).to.be.at.most(256);
        JSON.parse(text);
      }
      expect(captureJson([1], { maxBytes: Number.POSITIVE_INFINITY })).to.equal('[1]');
    });
  });

  it('gives a note when the caller’s stack is used up', () => {
    const results: string[] = [];
    const dive = (): void => {
      try {
        dive();
      } catch {
        if (results.length < 5) results.push(captureJson({ a: [{ b: 'c' }] }, roomy));
        throw new Error('up');
      }
    };
    expect(dive).to.throw();
    for (const text of results) JSON.parse(text);
  });

  it('may be called again from a getter', () => {
    const value = {
      get inner(): string {
        return captureJson({ deep: [1] }, roomy);
      },
    };
    expect(captured(value)).to.deep.equal({ inner: '{"deep":[1]}' });
  });
});
