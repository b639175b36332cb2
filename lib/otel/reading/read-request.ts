import type { OtelEvent, OtelLink, OtelSpan } from '../otel-span.js';
import { type Attributes, attributesOf, isObject, listOf } from '../wire/any-value.js';
import { entryOf } from './parsed.js';

/** The content of a request. */
export interface ReadRequest {
  readonly spans: readonly OtelSpan[];
  /** Number of spans with invalid ids or times. */
  readonly rejected: number;
  /** Whether it has no `resourceSpans` but other fields, for example protobuf's own name of it, `resource_spans`. */
  readonly isOther: boolean;
}

const traceIdForm = /^(?!0+$)[0-9a-f]{32}$/;
const spanIdForm = /^(?!0+$)[0-9a-f]{16}$/;

/** Flags of a span whose parent is known to be remote. Source: OpenTelemetry specification, trace.proto, *SpanFlags*. */
const remoteFlags = 0x300;

/**
 * Reads the spans of a request, from decoded protobuf or any JSON value. Ids may be in upper case, and numbers may be texts,
 * because senders write both.
 * @throws TypeError or RangeError if it is not a request, or is nested so deeply that the stack is used up
 */
export function readRequest(request: unknown): ReadRequest {
  if (!isObject(request)) throw new TypeError('an object with resourceSpans was expected');
  const spans: OtelSpan[] = [];
  let rejected = 0;
  for (const ofResource of listOf(request.resourceSpans)) {
    if (!isObject(ofResource)) throw new TypeError('resourceSpans holds something else than objects');
    const resource = ownerAttributes(ofResource.resource);
    for (const ofScope of listOf(ofResource.scopeSpans ?? ofResource.instrumentationLibrarySpans)) {
      if (!isObject(ofScope)) throw new TypeError('scopeSpans holds something else than objects');
      const scope = ofScope.scope ?? ofScope.instrumentationLibrary;
      const scopeName = isObject(scope) ? textOf(scope.name) : '';
      for (const each of listOf(ofScope.spans)) {
        const span = isObject(each) ? readSpan(each, scopeName, resource) : undefined;
        if (span === undefined) rejected += 1;
        else spans.push(span);
      }
    }
  }
  return { spans, rejected, isOther: request.resourceSpans === undefined && Object.keys(request).length > 0 };
}

function readSpan(span: Attributes, scope: string, resource: Attributes): OtelSpan | undefined {
  const traceId = textOf(span.traceId).toLowerCase();
  const spanId = textOf(span.spanId).toLowerCase();
  const startedAt = millis(span.startTimeUnixNano);
  // Protobuf has 0 for a start that is absent.
  if (!traceIdForm.test(traceId) || !spanIdForm.test(spanId) || !startedAt) return undefined;
  const parentId = textOf(span.parentSpanId).toLowerCase();
  const flags = Number(span.flags ?? 0);
  return {
    ...{ traceId, spanId, parentId: spanIdForm.test(parentId) && parentId !== spanId ? parentId : undefined },
    isParentRemote: (flags & remoteFlags) === remoteFlags,
    ...{ name: textOf(span.name), scope, startedAt, endedAt: millis(span.endTimeUnixNano) || undefined, resource },
    attributes: withService(attributesOf(span.attributes), resource),
    events: listOf(span.events).flatMap((event) => readEvent(event) ?? []),
    links: listOf(span.links).flatMap((link) => readLink(link) ?? []),
    status: readStatus(span.status),
    droppedAttributes: Number(span.droppedAttributesCount) || 0,
  };
}

/** The attributes with the service's name: a trace may have spans of several services. */
function withService(attributes: Attributes, { 'service.name': service }: Attributes): Attributes {
  if (service === undefined || attributes['service.name'] !== undefined) return attributes;
  return Object.assign(Object.create(null), attributes, { 'service.name': service });
}

function readEvent(event: unknown): OtelEvent | undefined {
  if (!isObject(event)) return undefined;
  return { name: textOf(event.name), at: millis(event.timeUnixNano) ?? 0, attributes: attributesOf(event.attributes) };
}

function readLink(link: unknown): OtelLink | undefined {
  if (!isObject(link)) return undefined;
  const traceId = textOf(link.traceId).toLowerCase();
  const spanId = textOf(link.spanId).toLowerCase();
  if (!traceIdForm.test(traceId) || !spanIdForm.test(spanId)) return undefined;
  return { traceId, spanId, attributes: attributesOf(link.attributes) };
}

/** The JSON encoding has numbers for enums, but some senders write their names. */
const codes: Readonly<Record<string, number>> = { STATUS_CODE_OK: 1, STATUS_CODE_ERROR: 2 };

function readStatus(status: unknown): OtelSpan['status'] {
  if (!isObject(status)) return { code: 0, message: '' };
  const { code } = status;
  return {
    code: typeof code === 'string' ? (entryOf(codes, code) ?? (Number(code) || 0)) : Number(code ?? 0),
    message: textOf(status.message),
  };
}

function ownerAttributes(owner: unknown): Attributes {
  return attributesOf(isObject(owner) ? owner.attributes : undefined);
}

/** Nanoseconds as text or number, in milliseconds down to the microsecond; undefined if it is not valid. */
function millis(nanos: unknown): number | undefined {
  const text = typeof nanos === 'number' ? String(Math.trunc(nanos)) : (nanos ?? '0');
  if (typeof text !== 'string') return undefined;
  if (/^\d{1,20}$/.test(text)) return Number(BigInt(text) / 1000n) / 1000;
  const number = Number(text);
  return Number.isFinite(number) && number >= 0 ? Math.floor(number / 1000) / 1000 : undefined;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
