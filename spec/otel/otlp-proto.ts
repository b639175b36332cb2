import protobuf from 'protobufjs';
import type { ExportRequest } from '../../lib/otel/wire/otlp.js';

/** Messages of OTLP, as far as they are read. Source: OpenTelemetry specification, opentelemetry-proto 1.x, *common.proto*, *trace.proto*. */
const source = `
syntax = "proto3";
message AnyValue {
  oneof value {
    string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
  }
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped = 4; }
message Resource { repeated KeyValue attributes = 1; uint32 dropped = 2; }
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped = 4; }
message Link {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4; fixed32 flags = 6;
}
message Status { string message = 2; int32 code = 3; }
message Span {
  bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
  fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  uint32 dropped_attributes_count = 10; repeated Event events = 11; uint32 dropped_events_count = 12;
  repeated Link links = 13; Status status = 15; fixed32 flags = 16;
}
message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
message ExportRequest { repeated ResourceSpans resource_spans = 1; string of_a_later_version = 900; }
`;

/** The request as protobufjs reads and writes it. */
const exportRequest = protobuf.parse(source).root.lookupType('ExportRequest');

/** The body of `POST /v1/traces` in protobuf. */
export function encodeByProtobufjs(request: ExportRequest & { readonly ofALaterVersion?: string }): Buffer {
  return Buffer.from(exportRequest.encode(exportRequest.fromObject(withIdsAsBytes(request))).finish());
}

function withIdsAsBytes(value: unknown, key = ''): object {
  if (typeof value === 'string' && /Id$/.test(key)) return Buffer.from(value, 'hex');
  if (Array.isArray(value)) return value.map((each) => withIdsAsBytes(each));
  if (typeof value !== 'object' || value === null) return value as never; // leaves go as they are
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withIdsAsBytes(each, name)]));
}

/** What stands in bytes, without what is empty or has its default, in the form of OTLP's JSON encoding. */
export function readByProtobufjs(bytes: Uint8Array): unknown {
  return withoutDefaults(
    exportRequest.toObject(exportRequest.decode(bytes), { longs: String, bytes: Buffer, oneofs: false }),
  );
}

const idFields = new Set(['traceId', 'spanId', 'parentSpanId']);

/** Without empty lists and texts, zeroes and missing values. A value of an attribute has none: it is one of several. */
export function withoutDefaults(value: unknown, key = ''): unknown {
  if (Buffer.isBuffer(value)) return value.toString(idFields.has(key) ? 'hex' : 'base64');
  if (Array.isArray(value)) return value.map((each) => withoutDefaults(each));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, withoutDefaults(each, name)] as const);
  return Object.fromEntries(entries.filter(([name, each]) => name.endsWith('Value') || !isDefault(each)));
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === '' || value === 0 || value === '0' || value === undefined;
}
