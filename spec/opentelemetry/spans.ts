import type { OTelReadableSpan, OTelSpanProcessor } from '../../lib/opentelemetry/types.js';

export const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
export const chat = { 'gen_ai.operation.name': 'chat' };
export const agent = { 'gen_ai.operation.name': 'invoke_agent' };

export interface FakeSpan extends OTelReadableSpan {
  attributes: Record<string, unknown>;
  status: { code: number; message: string };
}

export interface Given {
  readonly parent?: FakeSpan | string | undefined;
  readonly trace?: string;
  readonly remoteState?: string;
  readonly more?: { readonly droppedAttributesCount: number };
}

/** Makes spans in the form of version 2, each a millisecond after the other. */
export function spanMaker() {
  let made = 0;
  return (name: string, attributes: Record<string, unknown> = {}, given: Given = {}): FakeSpan => {
    made += 1;
    const { parent, trace = traceId, remoteState, more } = given;
    const own = { traceId: trace, spanId: made.toString(16).padStart(16, '0'), traceFlags: 1 };
    const parentId = typeof parent === 'string' ? parent : parent?.spanContext().spanId;
    const time = [1_700_000_000, made * 1_000_000] as const;
    const traceState = remoteState === undefined ? undefined : { serialize: () => remoteState };
    return {
      ...{ name, attributes: { ...attributes }, events: [], status: { code: 0, message: '' } },
      ...{ startTime: time, endTime: time, instrumentationScope: { name: 'test' } },
      parentSpanContext:
        parentId === undefined
          ? undefined
          : { traceId: trace, spanId: parentId, traceFlags: 1, isRemote: remoteState !== undefined, traceState },
      spanContext: () => own,
      ...more,
    };
  };
}

/** Starts spans one after the other. */
export function startAll(processor: OTelSpanProcessor, ...spans: readonly FakeSpan[]): void {
  for (const span of spans) processor.onStart(span, undefined);
}

export function endAll(processor: OTelSpanProcessor, ...spans: readonly FakeSpan[]): void {
  for (const span of spans) processor.onEnd(span);
}
