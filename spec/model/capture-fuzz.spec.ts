import { expect } from 'chai';
import fc from 'fast-check';
import { reservedBytes } from '../../lib/model/bounded-json.js';
import { captureJson } from '../../lib/model/capture.js';

/** Of these no name of a credential can be made, `jwt`, whose value would be masked. */
const stringUnit = fc.constantFrom(...'aeé "\\漢😀0\n');

const oddText = fc
  .array(
    fc.constantFrom(
      '\0',
      '\ud800',
      '\udfff',
      '😀',
      'a',
      '"',
      '\\',
      '\\u0000',
      '\n',
      'é',
      '漢',
      '\u2028',
      '\u0001',
      'data:;base64,',
    ),
  )
  .map((parts) => parts.join(''));

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withNullPrototype: true,
  withObjectString: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
  maxDepth: 5,
  maxKeys: 8,
  key: fc.oneof(fc.string(), oddText, fc.constantFrom('__proto__', 'toJSON', 'constructor', 'length', '…')),
});

function throwing(): never {
  throw new Error('a \0 trap \ud800');
}

function wrap(value: unknown, how: number): unknown {
  switch (how) {
    case 0:
      return { inner: value, 'odd\0\ud800key': 'odd \udc00 \0' };
    case 1:
      return Object.assign(new Error('odd \0', { cause: value }), { extra: value });
    case 2:
      return typeof value === 'object' && value !== null ? new Proxy(value, {}) : new Array(3).fill(value, 2);
    case 3:
      return new Proxy({ value }, { get: throwing });
    case 4:
      return {
        value,
        get broken() {
          return throwing();
        },
        toJSON: () => [value, value],
      };
    case 5: {
      const ring: unknown[] = [value];
      ring.push(ring, new Map<unknown, unknown>([[ring, value]]));
      return ring;
    }
    default:
      return value;
  }
}

const lone = /\p{Surrogate}/u;

function check(text: string, maxBytes: number): void {
  expect(Buffer.byteLength(text)).to.be.at.most(Math.max(256, maxBytes));
  const seen = (value: unknown): void => {
    if (typeof value === 'string') {
      if (value.includes('\0') || lone.test(value)) throw new Error(`a bad character in ${text}`);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        seen(key);
        seen(item);
      }
    }
  };
  seen(JSON.parse(text));
}

describe('captureJson under fire', () => {
  it('P26 returns valid, clean JSON within its limit for 10,000 arbitrary values', () => {
    fc.assert(
      fc.property(
        fc.oneof(anything, oddText),
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 3000 }),
        (value, how, maxBytes) => {
          check(captureJson(wrap(value, how), { maxBytes }), maxBytes);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('returns the text of JSON.stringify for plain data', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, stringUnit }), (value) => {
        expect(captureJson(value, { maxBytes: 1e6 })).to.equal(JSON.stringify(value));
      }),
      { numRuns: 2000 },
    );
  });

  it('notes the true size whenever it cuts a container', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue({ maxDepth: 3, stringUnit }), { minLength: 30, maxLength: 60 }), (value) => {
        const native = JSON.stringify(value);
        const text = captureJson(value, { maxBytes: 300 });
        const isCut = Buffer.byteLength(native) > 300 - reservedBytes;
        if (isCut) expect(text).to.match(/\[cut: \d+ bytes\]/);
        const size = /\[cut: (\d+) bytes\]"[}\]]*$/.exec(text)?.[1];
        if (isCut && size !== undefined && !text.includes('… [cut')) {
          expect(Number(size)).to.equal(Buffer.byteLength(native));
        }
      }),
      { numRuns: 500 },
    );
  });
});
