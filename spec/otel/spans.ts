import type { OtelSpan } from '../../lib/otel/otel-span.js';

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

/** A span of one second, as another library makes it. */
export function otelSpan(name: string, attributes: Record<string, unknown>, more: Partial<OtelSpan> = {}): OtelSpan {
  return {
    ...{ traceId, spanId: '00f067aa0ba902b7', parentId: undefined, isParentRemote: false, name, scope: '', attributes },
    ...{
      events: [],
      links: [],
      status: { code: 0, message: '' },
      startedAt: 1_700_000_000_000,
      endedAt: 1_700_000_001_000,
    },
    ...{ droppedAttributes: 0, resource: {}, ...more },
  };
}
