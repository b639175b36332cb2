import type {
  AnyValue,
  ExportRequest,
  KeyValue,
  OtlpEvent,
  OtlpLink,
  OtlpScope,
  OtlpSpan,
  OtlpStatus,
  ResourceSpans,
  ScopeSpans,
} from './otlp.js';
import { bytesType, fixed32Type, fixed64Type, ProtobufReader, varintType } from './protobuf-reader.js';

/** A message while it is read. */
type Draft<T> = { -readonly [K in keyof T]: T[K] };
/** Reads the next field of a message into `into`. */
type WireField<T> = (into: Draft<T>, reader: ProtobufReader) => void;
/** The fields of a message that are read, by number times eight and wire type. A field of another type is skipped. */
type ProtobufFields<T> = ReadonlyMap<number, WireField<T>>;

/**
 * The body of `POST /v1/traces` in protobuf. Fields that are not known are skipped.
 *
 * @throws RangeError if the bytes are cut off, are not protobuf, or were made to use up memory or stack
 */
export function decodeProtobuf(bytes: Buffer): ExportRequest {
  const resourceSpans: ResourceSpans[] = [];
  const reader = new ProtobufReader(bytes);
  const fields = fieldsOf<object>([
    [key(1, bytesType), (_, from) => resourceSpans.push(from.message(readResourceSpans))],
  ]);
  read(reader, {}, fields);
  return { resourceSpans };
}

function fieldsOf<T>(fields: readonly (readonly [number, WireField<T>])[]): ProtobufFields<T> {
  return new Map(fields);
}

function key(number: number, type: number): number {
  return number * 8 + type;
}

function read<T>(reader: ProtobufReader, into: Draft<T>, fields: ProtobufFields<T>): Draft<T> {
  reader.fields((at) => {
    const field = fields.get(at);
    field?.(into, reader);
    return field !== undefined;
  });
  return into;
}

const anyValues = fieldsOf<{ value: AnyValue }>([
  [key(1, bytesType), (into, from) => (into.value = { stringValue: from.text() })],
  [key(2, varintType), (into, from) => (into.value = { boolValue: from.boolean() })],
  [key(3, varintType), (into, from) => (into.value = { intValue: from.int64() })],
  [key(4, fixed64Type), (into, from) => (into.value = { doubleValue: from.double() })],
  [key(5, bytesType), (into, from) => (into.value = { arrayValue: { values: from.message(readValues) } })],
  [key(6, bytesType), (into, from) => (into.value = { kvlistValue: { values: from.message(readKeyValues) } })],
  [key(7, bytesType), (into, from) => (into.value = { bytesValue: from.base64() })],
]);

function readAnyValue(reader: ProtobufReader): AnyValue {
  return read(reader, { value: {} }, anyValues).value;
}

const valueLists = fieldsOf<AnyValue[]>([[key(1, bytesType), (into, from) => into.push(from.message(readAnyValue))]]);

function readValues(reader: ProtobufReader): AnyValue[] {
  return read<AnyValue[]>(reader, [], valueLists);
}

const keyValueLists = fieldsOf<KeyValue[]>([
  [key(1, bytesType), (into, from) => into.push(from.message(readKeyValue))],
]);

function readKeyValues(reader: ProtobufReader): KeyValue[] {
  return read<KeyValue[]>(reader, [], keyValueLists);
}

const keyValues = fieldsOf<KeyValue>([
  [key(1, bytesType), (into, from) => (into.key = from.text())],
  [key(2, bytesType), (into, from) => (into.value = from.message(readAnyValue))],
]);

function readKeyValue(reader: ProtobufReader): KeyValue {
  return read(reader, { key: '', value: {} }, keyValues);
}

/** The field of a message that holds its attributes. */
function attributesAt<T extends { readonly attributes?: readonly KeyValue[] }>(number: number) {
  // The list is the draft's own.
  const field: WireField<T> = (into, from) => (into.attributes as KeyValue[]).push(from.message(readKeyValue));
  return [key(number, bytesType), field] as const;
}

const events = fieldsOf<OtlpEvent>([
  [key(1, fixed64Type), (into, from) => (into.timeUnixNano = from.fixed64())],
  [key(2, bytesType), (into, from) => (into.name = from.text())],
  attributesAt(3),
]);

const links = fieldsOf<OtlpLink>([
  [key(1, bytesType), (into, from) => (into.traceId = from.hex())],
  [key(2, bytesType), (into, from) => (into.spanId = from.hex())],
  [key(3, bytesType), (into, from) => (into.traceState = from.text())],
  attributesAt(4),
  [key(6, fixed32Type), (into, from) => (into.flags = from.fixed32())],
]);

const statuses = fieldsOf<OtlpStatus>([
  [key(2, bytesType), (into, from) => (into.message = from.text())],
  [key(3, varintType), (into, from) => (into.code = from.int32())],
]);

interface DecodedSpan extends Omit<OtlpSpan, 'events' | 'links'> {
  readonly events: OtlpEvent[];
  readonly links: OtlpLink[];
}

const spans = fieldsOf<DecodedSpan>([
  [key(1, bytesType), (into, from) => (into.traceId = from.hex())],
  [key(2, bytesType), (into, from) => (into.spanId = from.hex())],
  [key(3, bytesType), (into, from) => (into.traceState = from.text())],
  [key(4, bytesType), (into, from) => (into.parentSpanId = from.hex())],
  [key(5, bytesType), (into, from) => (into.name = from.text())],
  [key(6, varintType), (into, from) => (into.kind = from.int32())],
  [key(7, fixed64Type), (into, from) => (into.startTimeUnixNano = from.fixed64())],
  [key(8, fixed64Type), (into, from) => (into.endTimeUnixNano = from.fixed64())],
  attributesAt(9),
  [key(10, varintType), (into, from) => (into.droppedAttributesCount = from.uint32())],
  [key(11, bytesType), (into, from) => into.events.push(from.message((e) => read(e, { attributes: [] }, events)))],
  [key(13, bytesType), (into, from) => into.links.push(from.message((l) => read(l, { attributes: [] }, links)))],
  [key(15, bytesType), (into, from) => (into.status = from.message((s) => read(s, {}, statuses)))],
  [key(16, fixed32Type), (into, from) => (into.flags = from.fixed32())],
]);

function readSpan(reader: ProtobufReader): OtlpSpan {
  const times = { startTimeUnixNano: '0', endTimeUnixNano: '0' };
  const lists = { attributes: [], events: [], links: [] };
  return read(reader, { traceId: '', spanId: '', name: '', kind: 0, ...times, ...lists }, spans);
}

const scopes = fieldsOf<OtlpScope>([
  [key(1, bytesType), (into, from) => (into.name = from.text())],
  [key(2, bytesType), (into, from) => (into.version = from.text())],
  attributesAt(3),
]);

const scopeSpans = fieldsOf<ScopeSpans>([
  [key(1, bytesType), (into, from) => (into.scope = from.message((s) => read(s, { attributes: [] }, scopes)))],
  [key(2, bytesType), (into, from) => (into.spans as OtlpSpan[]).push(from.message(readSpan))], // the draft's own
  [key(3, bytesType), (into, from) => (into.schemaUrl = from.text())],
]);

const resources = fieldsOf<{ readonly attributes?: readonly KeyValue[] }>([attributesAt(1)]);

const resourceFields = fieldsOf<ResourceSpans>([
  [key(1, bytesType), (into, from) => (into.resource = from.message((r) => read(r, { attributes: [] }, resources)))],
  [key(2, bytesType), (into, from) => (into.scopeSpans as ScopeSpans[]).push(from.message(readScopeSpans))], // likewise
  [key(3, bytesType), (into, from) => (into.schemaUrl = from.text())],
]);

function readScopeSpans(reader: ProtobufReader): ScopeSpans {
  return read<ScopeSpans>(reader, { spans: [] }, scopeSpans);
}

function readResourceSpans(reader: ProtobufReader): ResourceSpans {
  return read<ResourceSpans>(reader, { scopeSpans: [] }, resourceFields);
}
