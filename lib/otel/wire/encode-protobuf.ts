import type { AnyValue, KeyValue, OtlpEvent, OtlpLink, OtlpSpan, ResourceSpans, ScopeSpans } from './otlp.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** A request whose spans may be encoded already. */
export interface PartlyEncoded {
  readonly resourceSpans: readonly (Omit<ResourceSpans, 'scopeSpans'> & {
    readonly scopeSpans: readonly PartlyScoped[];
  })[];
}

interface PartlyScoped extends Omit<ScopeSpans, 'spans'> {
  readonly spans: readonly (OtlpSpan | Buffer)[];
}

/** The body of `POST /v1/traces` in protobuf. Fields with their default are left out, as protobuf does it. */
export function encodeProtobuf(request: PartlyEncoded): Buffer {
  const writer = new ProtobufWriter();
  for (const { resource, scopeSpans, schemaUrl } of request.resourceSpans) {
    writer.message(1, () => {
      if (resource !== undefined) writer.message(1, () => attributes(writer, 1, resource.attributes));
      for (const each of scopeSpans) writer.message(2, () => scope(writer, each));
      text(writer, 3, schemaUrl);
    });
  }
  return writer.finish();
}

/** One span for `encodeProtobuf`: of many, only the bytes are kept until the last one is there. */
export function encodeSpan(given: OtlpSpan, writer: ProtobufWriter): Buffer {
  span(writer, given);
  return writer.take();
}

function scope(writer: ProtobufWriter, given: PartlyScoped): void {
  const { scope: of, spans, schemaUrl } = given;
  if (of !== undefined) {
    writer.message(1, () => {
      text(writer, 1, of.name);
      text(writer, 2, of.version);
      attributes(writer, 3, of.attributes);
    });
  }
  for (const each of spans) {
    if (Buffer.isBuffer(each)) writer.written(2, each);
    else writer.message(2, () => span(writer, each));
  }
  text(writer, 3, schemaUrl);
}

function span(writer: ProtobufWriter, given: OtlpSpan): void {
  writer.bytes(1, given.traceId, 'hex');
  writer.bytes(2, given.spanId, 'hex');
  text(writer, 3, given.traceState);
  if (given.parentSpanId) writer.bytes(4, given.parentSpanId, 'hex');
  text(writer, 5, given.name);
  if (given.kind) writer.uint32(6, given.kind);
  time(writer, 7, given.startTimeUnixNano);
  time(writer, 8, given.endTimeUnixNano);
  attributes(writer, 9, given.attributes);
  if (given.droppedAttributesCount) writer.uint32(10, given.droppedAttributesCount);
  for (const each of given.events ?? []) writer.message(11, () => event(writer, each));
  for (const each of given.links ?? []) writer.message(13, () => link(writer, each));
  const { status } = given;
  if (status !== undefined) {
    writer.message(15, () => {
      text(writer, 2, status.message);
      if (status.code) writer.uint32(3, status.code);
    });
  }
  if (given.flags) writer.fixed32(16, given.flags);
}

function event(writer: ProtobufWriter, given: OtlpEvent): void {
  time(writer, 1, given.timeUnixNano);
  text(writer, 2, given.name);
  attributes(writer, 3, given.attributes);
}

function link(writer: ProtobufWriter, given: OtlpLink): void {
  if (given.traceId) writer.bytes(1, given.traceId, 'hex');
  if (given.spanId) writer.bytes(2, given.spanId, 'hex');
  text(writer, 3, given.traceState);
  attributes(writer, 4, given.attributes);
  if (given.flags) writer.fixed32(6, given.flags);
}

function attributes(writer: ProtobufWriter, field: number, list: readonly KeyValue[] | undefined): void {
  for (const each of list ?? []) {
    if (each.key !== '' && each.value?.stringValue !== undefined) writer.pair(field, each.key, each.value.stringValue);
    else writer.message(field, () => keyValue(writer, each));
  }
}

function keyValue(writer: ProtobufWriter, { key, value }: KeyValue): void {
  text(writer, 1, key);
  if (value !== undefined) writer.message(2, () => anyValue(writer, value));
}

/** A value is one of several: it is written also where it is the default of its type. */
function anyValue(writer: ProtobufWriter, value: AnyValue): void {
  const { arrayValue, kvlistValue } = value;
  if (value.stringValue !== undefined) writer.text(1, value.stringValue);
  else if (value.boolValue !== undefined) writer.uint32(2, value.boolValue ? 1 : 0);
  else if (value.intValue !== undefined) writer.int64(3, value.intValue);
  else if (value.doubleValue !== undefined) writer.double(4, Number(value.doubleValue));
  else if (arrayValue !== undefined) {
    writer.message(5, () => {
      for (const each of arrayValue.values) writer.message(1, () => anyValue(writer, each));
    });
  } else if (kvlistValue !== undefined) writer.message(6, () => attributes(writer, 1, kvlistValue.values));
  else if (value.bytesValue !== undefined) writer.bytes(7, value.bytesValue, 'base64');
}

function text(writer: ProtobufWriter, field: number, value: string | undefined): void {
  if (value) writer.text(field, value);
}

function time(writer: ProtobufWriter, field: number, nanos: string | undefined): void {
  if (nanos !== undefined && nanos !== '0') writer.fixed64(field, nanos);
}
