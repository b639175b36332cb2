import type { OtelSpan } from '../otel/otel-span.js';
import { propagatedTo } from './langfuse-context.js';
import type { OTelReadableSpan, OTelTime } from './types.js';

/** The parent of a span. */
export interface Origin {
  /** Undefined in a root. */
  readonly parentId: string | undefined;
  /** The `tracestate` of a parent in another process; undefined for a parent in this process. */
  readonly remoteState: string | undefined;
}

/** Source: `@opentelemetry/api` 1, *createContextKey*: the key of the active span in a context. */
const activeSpanKey = Symbol.for('OpenTelemetry Context Key SPAN');

/** @param parentContext - in version 1, only this tells whether the parent is remote */
export function originOf(span: OTelReadableSpan, parentContext?: unknown): Origin {
  const { parentSpanContext: parent = parentIn(parentContext), parentSpanId } = span;
  const parentId = span.parentSpanContext?.spanId ?? parentSpanId;
  if (typeof parentId !== 'string' || parentId === '') return { parentId: undefined, remoteState: undefined };
  const isRemote = parent?.spanId === parentId && parent.isRemote === true;
  return { parentId, remoteState: isRemote ? (parent.traceState?.serialize() ?? '') : undefined };
}

/** Whether the active span of a context was not sampled. */
export function isLeftOutAbove(context: unknown): boolean {
  const { traceId = '', traceFlags = 1 } = parentIn(context) ?? {};
  return /[1-9a-f]/.test(traceId) && (traceFlags & 1) === 0;
}

function parentIn(context: unknown): OTelReadableSpan['parentSpanContext'] {
  const held = context as { getValue?: (key: symbol) => Partial<OTelReadableSpan> | undefined } | undefined;
  return held?.getValue?.(activeSpanKey)?.spanContext?.();
}

/** A copy of a span's present content, because an open span may still change. */
export function readSpan(span: OTelReadableSpan, hasEnded: boolean): OtelSpan {
  const { traceId, spanId } = span.spanContext();
  const { resource, status, droppedAttributesCount } = span;
  return {
    ...{ traceId, spanId, parentId: undefined, isParentRemote: false, name: span.name },
    scope: (span.instrumentationScope ?? span.instrumentationLibrary)?.name ?? '',
    attributes: copied({ ...propagatedTo(span), ...span.attributes }),
    events: span.events.map(({ name, time, attributes = {} }) => ({ name, at: millis(time), attributes })),
    links: (span.links ?? []).map(({ context, attributes = {} }) => {
      return { traceId: context.traceId, spanId: context.spanId, attributes };
    }),
    status: { code: status.code, message: status.message ?? '' },
    startedAt: millis(span.startTime),
    endedAt: hasEnded ? millis(span.endTime) : undefined,
    droppedAttributes: droppedAttributesCount ?? 0,
    // A resource that is still being detected must not be read.
    resource: resource === undefined || resource.asyncAttributesPending === true ? {} : resource.attributes,
  };
}

function copied(attributes: OTelReadableSpan['attributes']): OtelSpan['attributes'] {
  const all: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(attributes)) all[name] = Array.isArray(value) ? [...value] : value;
  return all;
}

/** In milliseconds, down to the microsecond. */
function millis([seconds, nanoseconds]: OTelTime): number {
  return seconds * 1000 + Math.floor(nanoseconds / 1000) / 1000;
}
