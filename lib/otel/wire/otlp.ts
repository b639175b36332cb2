/*
 * Messages of OTLP in its JSON encoding: ids as hexadecimal digits, 64-bit numbers as decimal text. Source: OpenTelemetry
 * specification, opentelemetry-proto 1.x, *trace.proto*, *common.proto* and *trace_service.proto*.
 */

/** A value of an attribute: one of the fields, or none for null. */
export interface AnyValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string;
  /** NaN and infinities are texts, because JSON does not have them. */
  readonly doubleValue?: number | 'NaN' | 'Infinity' | '-Infinity';
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
  readonly kvlistValue?: { readonly values: readonly KeyValue[] };
  /** Base64. */
  readonly bytesValue?: string;
}

export interface KeyValue {
  readonly key: string;
  readonly value?: AnyValue;
}

export interface OtlpEvent {
  readonly timeUnixNano?: string;
  readonly name?: string;
  readonly attributes?: readonly KeyValue[];
}

export interface OtlpLink {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly traceState?: string;
  readonly attributes?: readonly KeyValue[];
  readonly flags?: number;
}

export interface OtlpStatus {
  readonly message?: string;
  /** 0 unset, 1 ok, 2 error. */
  readonly code?: number;
}

export interface OtlpSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState?: string;
  /** Absent in a root. */
  readonly parentSpanId?: string | undefined;
  readonly name: string;
  /** 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly droppedAttributesCount?: number;
  readonly events?: readonly OtlpEvent[] | undefined;
  readonly links?: readonly OtlpLink[];
  readonly status?: OtlpStatus | undefined;
  /**
   * The low eight bits are those of W3C Trace Context. Bit 256: it is known whether the parent is remote; bit 512: the parent is
   * remote.
   */
  readonly flags?: number;
}

export interface OtlpScope {
  readonly name?: string;
  readonly version?: string;
  readonly attributes?: readonly KeyValue[];
}

export interface ScopeSpans {
  readonly scope?: OtlpScope;
  readonly spans: readonly OtlpSpan[];
  readonly schemaUrl?: string;
}

export interface ResourceSpans {
  readonly resource?: { readonly attributes?: readonly KeyValue[] };
  readonly scopeSpans: readonly ScopeSpans[];
  readonly schemaUrl?: string;
}

/** The body of `POST /v1/traces`. */
export interface ExportRequest {
  readonly resourceSpans: readonly ResourceSpans[];
}

/** `flags` of a span: sampled, and whether its parent is remote is known. */
export const localParentFlags = 0x101;
export const remoteParentFlags = 0x301;
