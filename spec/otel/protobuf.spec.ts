import { expect } from 'chai';
import fc from 'fast-check';
import { decodeProtobuf } from '../../lib/otel/wire/decode-protobuf.js';
import type { AnyValue, ExportRequest, KeyValue, OtlpSpan } from '../../lib/otel/wire/otlp.js';
import { ProtobufSpans } from '../../lib/otel/writing/protobuf-spans.js';
import { encodeByProtobufjs, readByProtobufjs, withoutDefaults } from './otlp-proto.js';

const text = fc.string({ unit: 'grapheme', maxLength: 200 });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String);
const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => Buffer.from(array).toString('hex'));
const uint32 = fc.nat(0xffff_ffff);

const { value: anyValue } = fc.letrec<{ value: AnyValue; keyValue: KeyValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text.map((stringValue) => ({ stringValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    int64.map((intValue) => ({ intValue })),
    fc.double().map((doubleValue) => ({ doubleValue })),
    fc.uint8Array().map((bytes) => ({ bytesValue: Buffer.from(bytes).toString('base64') })),
    fc.constant({}),
    fc.array(tie('value'), { maxLength: 4 }).map((values) => ({ arrayValue: { values } })),
    fc.array(tie('keyValue'), { maxLength: 4 }).map((values) => ({ kvlistValue: { values } })),
  ),
  keyValue: fc.record({ key: text, value: tie('value') }),
}));
const attributes = fc.array(fc.record({ key: text, value: anyValue }), { maxLength: 5 });
const span: fc.Arbitrary<OtlpSpan> = fc.record(
  {
    ...{ traceId: hex(16), spanId: hex(8), parentSpanId: hex(8), traceState: text, name: text, kind: fc.nat(9) },
    ...{ startTimeUnixNano: nanos, endTimeUnixNano: nanos, attributes, droppedAttributesCount: uint32, flags: uint32 },
    events: fc.array(fc.record({ timeUnixNano: nanos, name: text, attributes }), { maxLength: 2 }),
    links: fc.array(fc.record({ traceId: hex(16), spanId: hex(8), traceState: text, attributes, flags: uint32 }), {
      maxLength: 2,
    }),
    status: fc.record({ message: text, code: fc.nat(2) }),
  },
  { requiredKeys: ['traceId', 'spanId', 'name', 'kind', 'startTimeUnixNano', 'endTimeUnixNano', 'attributes'] },
);
const scope = fc.record({ name: text, version: text, attributes });
const scopeSpans = fc.record({ scope, spans: fc.array(span, { maxLength: 3 }), schemaUrl: text });
const request: fc.Arbitrary<ExportRequest> = fc.record({
  resourceSpans: fc.array(
    fc.record({ resource: fc.record({ attributes }), scopeSpans: fc.array(scopeSpans, { maxLength: 2 }) }),
    { maxLength: 2 },
  ),
});

const longText = fc.oneof(
  text,
  fc.nat(40_000).map((length) => 'x'.repeat(length)),
  fc.nat(9000).map((length) => 'ü'.repeat(length)),
);
const attribute = fc.record({
  key: fc.oneof(text, fc.constant('k'.repeat(200))).filter((key) => key !== ''),
  value: fc.oneof(
    longText,
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.double(),
    fc.array(longText, { maxLength: 3 }),
  ) as fc.Arbitrary<Plain>,
});

describe('OTLP in protobuf', () => {
  it('reads what protobufjs writes, with fields of a later version', () => {
    fc.assert(
      fc.property(request, (given) => {
        const bytes = encodeByProtobufjs({ ...given, ofALaterVersion: 'skipped' });
        expect(withoutDefaults(decodeProtobuf(bytes))).to.deep.equal(withoutDefaults(given));
      }),
      { numRuns: 80 },
    );
  });

  it('writes attributes of every type and length as protobufjs reads them', () => {
    fc.assert(
      fc.property(fc.array(attribute, { maxLength: 8 }), fc.nat(64), (given, bytes) => {
        const writer = new ProtobufSpans(bytes);
        writer.begin({
          ...{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentSpanId: undefined, name: 's', kind: 1 },
          ...{ startedAt: 1_700_000_000_000_001, endedAt: Number.MAX_SAFE_INTEGER },
        });
        for (const { key, value } of given) {
          if (typeof value === 'string') writer.text(key, value);
          else if (typeof value === 'boolean') writer.boolean(key, value);
          else if (typeof value !== 'number') writer.texts(key, value);
          else if (Number.isSafeInteger(value) && !Object.is(value, -0)) writer.integer(key, value);
          else writer.double(key, value);
        }
        writer.end({ code: 2, message: 'é', exception: 'TypeError', at: 5, flags: 0x101 });
        const read = readByProtobufjs(requestWith(writer.slice(0, 1)));
        expect(read).to.deep.equal(
          withoutDefaults({
            resourceSpans: [
              {
                scopeSpans: [
                  {
                    spans: [
                      {
                        ...{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 's', kind: 1, flags: 0x101 },
                        ...{ startTimeUnixNano: '1700000000000001000', endTimeUnixNano: '9007199254740991000' },
                        attributes: given.map(({ key, value }) => ({ key, value: asAnyValue(value) })),
                        status: { code: 2, message: 'é' },
                        events: [
                          {
                            ...{ timeUnixNano: '5000', name: 'exception' },
                            attributes: [
                              { key: 'exception.type', value: { stringValue: 'TypeError' } },
                              { key: 'exception.message', value: { stringValue: 'é' } },
                            ],
                          },
                        ],
                      },
                    ],
                  },
                ],
              },
            ],
          }),
        );
      }),
      { numRuns: 300 },
    );
  });

  it('ends with or without a RangeError on every cut and on random bytes', () => {
    const [given] = fc.sample(
      request.filter(({ resourceSpans }) => resourceSpans.length > 0),
      { numRuns: 1, seed: 7 },
    );
    const bytes = encodeByProtobufjs(given as ExportRequest);
    for (let end = 0; end < bytes.length; end += 1) survives(bytes.subarray(0, end));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (junk) => survives(Buffer.from(junk))));
    expect(() => decodeProtobuf(bytes.subarray(0, bytes.length - 1))).to.throw(RangeError);
  });

  it('refuses values nested a hundred deep and more, before the stack is used up', () => {
    let nested: Buffer = Buffer.alloc(0);
    for (let depth = 0; depth < 500; depth += 1) nested = field(5, field(1, nested)); // a list in a list
    const attribute = field(9, field(2, nested));
    expect(() => decodeProtobuf(field(1, field(2, field(2, attribute))))).to.throw(RangeError, 'nested too deeply');
  });

  it('refuses more messages than memory may hold: a message of two bytes takes two hundred to read', () => {
    const spans = Buffer.alloc(900_000, Buffer.from([0x12, 0]));
    expect(() => decodeProtobuf(field(1, field(2, spans)))).to.throw(RangeError, 'messages');
  });
});

function survives(bytes: Buffer): void {
  try {
    decodeProtobuf(bytes);
  } catch (error) {
    expect(error).to.be.instanceOf(RangeError);
  }
}

/** A field that holds bytes. */
function field(number: number, bytes: Buffer): Buffer {
  const length: number[] = [];
  let left = bytes.length;
  for (; left > 127; left >>>= 7) length.push((left & 127) | 128);
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length, left]), bytes]);
}

/** A request with these spans, each with its field's key and length before it. */
function requestWith(spans: Buffer): Buffer {
  return field(1, field(2, spans));
}

type Plain = string | boolean | number | readonly string[];

function asAnyValue(value: Plain): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } };
  const isInteger = Number.isSafeInteger(value) && !Object.is(value, -0);
  return isInteger ? { intValue: String(value) } : { doubleValue: value };
}
