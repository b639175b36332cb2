import type { Context, Tracer } from '@opentelemetry/api';
import { pandaProbeSpanProcessor } from '../../../lib/opentelemetry/opentelemetry.js';
import type { OpenTelemetryOptions } from '../../../lib/opentelemetry/span-processor.js';

/** A provider of OpenTelemetry with our processor. */
export interface Sdk {
  readonly tracer: (scope: string) => Tracer;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

type Limits = { readonly attributeCountLimit: number };

/** A provider of each version. Version 3 needs a newer Node, and an API of its own: it has a trial. */
export const sdks: Readonly<Record<string, (options?: OpenTelemetryOptions, limits?: Limits) => Promise<Sdk>>> = {
  async '1.30'(options, spanLimits) {
    const { BasicTracerProvider } = await import('otel-sdk-1');
    const provider = new BasicTracerProvider({ ...(spanLimits && { spanLimits }) });
    provider.addSpanProcessor(pandaProbeSpanProcessor(options));
    return sdk(provider);
  },
  async '2.12'(options, spanLimits) {
    const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
    const spanProcessors = [pandaProbeSpanProcessor(options)];
    return sdk(new BasicTracerProvider({ spanProcessors, ...(spanLimits && { spanLimits }) }));
  },
};

function sdk(provider: {
  getTracer(scope: string): Tracer;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}): Sdk {
  return {
    tracer: (scope) => provider.getTracer(scope),
    forceFlush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}

export interface Step {
  readonly context: Context;
  readonly traceId: string;
  readonly spanId: string;
  set(attributes: Record<string, string | number>): void;
  fail(message: string): void;
  end(): void;
}

/** Starts a span below `parent`, a context or another step. */
export async function starter(sdk: Sdk): Promise<Start> {
  const { trace, ROOT_CONTEXT } = await import('@opentelemetry/api');
  return (name, attributes = {}, parent = ROOT_CONTEXT, scope = 'test') => {
    const span = sdk.tracer(scope).startSpan(name, { attributes }, parent);
    return {
      context: trace.setSpan(parent, span),
      ...span.spanContext(),
      set: (more) => void span.setAttributes(more),
      fail: (message) => void span.setStatus({ code: 2, message }),
      end: () => span.end(),
    };
  };
}

export type Start = (
  name: string,
  attributes?: Record<string, string | number>,
  parent?: Context,
  scope?: string,
) => Step;

export const chat = { 'gen_ai.operation.name': 'chat' };
export const agent = { 'gen_ai.operation.name': 'invoke_agent' };
