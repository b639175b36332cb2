import { load, model, type Opened, type Peer, type Step, sdkPackages, tokens } from './peer.js';

interface Span {
  isRecording(): boolean;
  setAttribute(key: string, value: string | number): void;
  end(): void;
}
interface Tracer {
  startActiveSpan<R>(name: string, body: (span: Span) => R): R;
  startSpan(name: string, options: object, context: unknown): Span;
}
interface Api {
  readonly ROOT_CONTEXT: unknown;
  readonly trace: { getTracer(name: string): Tracer; setSpan(context: unknown, span: Opened): unknown };
}
export interface Provider {
  register(): void;
  forceFlush(): Promise<void>;
}
export interface NodeSdk {
  readonly NodeTracerProvider: new (options: { readonly spanProcessors: readonly unknown[] }) => Provider;
  readonly BatchSpanProcessor: new (exporter: unknown) => unknown;
}
interface Exporter {
  readonly OTLPTraceExporter: new (options: { readonly url: string; readonly compression: string }) => unknown;
}

/** The batch processor's own variable; Langfuse's processor is built on it, too. */
export function liftQueue(isQueueLifted: boolean): void {
  if (isQueueLifted) process.env.OTEL_BSP_MAX_QUEUE_SIZE = String(2 ** 20);
}

let api: Api;
let tracer: Tracer;
let provider: Provider | undefined;
/** Over OTLP both peers say the same in the same form: that of the GenAI conventions, with what these require. */
let isConventional = false;

/** Messages as the conventions want them. @param input - of this form are all inputs of the measured program */
function conventionMessages(input: unknown): string {
  const { messages } = input as { readonly messages: readonly { readonly role: string; readonly content: string }[] };
  return JSON.stringify(messages.map(({ role, content }) => ({ role, parts: [{ type: 'text', content }] })));
}

function record(name: string, step: Step): Step {
  return (input) =>
    tracer.startActiveSpan(name, async (span) => {
      try {
        if (span.isRecording()) {
          span.setAttribute('gen_ai.request.model', model);
          span.setAttribute('gen_ai.usage.input_tokens', tokens.prompt);
          span.setAttribute('gen_ai.usage.output_tokens', tokens.completion);
          if (isConventional) span.setAttribute('gen_ai.operation.name', 'chat');
          span.setAttribute(
            'gen_ai.input.messages',
            isConventional ? conventionMessages(input) : JSON.stringify(input),
          );
        }
        const output = await step(input);
        if (span.isRecording()) span.setAttribute('gen_ai.output.messages', output);
        return output;
      } finally {
        span.end();
      }
    });
}

/** OpenTelemetry: batch processor, OTLP over HTTP as JSON. Off means that no provider is registered. */
export const otel: Peer = {
  title: 'OpenTelemetry',
  packages: [
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/context-async-hooks@2.12.0',
    '@opentelemetry/exporter-trace-otlp-http@0.223.1',
    '@opentelemetry/exporter-trace-otlp-proto@0.223.1',
    '@opentelemetry/resources@2.12.1',
    '@opentelemetry/sdk-trace-base@2.12.1',
    '@opentelemetry/sdk-trace-node@2.12.0',
    '@ai-sdk/otel@1.0.173',
    ...sdkPackages,
  ],
  entries: ['@opentelemetry/api', '@opentelemetry/sdk-trace-node', '@opentelemetry/exporter-trace-otlp-http'],
  async start({ sinkUrl, isOff, isQueueLifted, otlp }) {
    api = await load<Api>('@opentelemetry/api');
    isConventional = otlp !== undefined;
    if (!isOff) {
      liftQueue(isQueueLifted);
      const { NodeTracerProvider, BatchSpanProcessor } = await load<NodeSdk>('@opentelemetry/sdk-trace-node');
      const kind = otlp?.protocol === 'http/protobuf' ? 'proto' : 'http';
      const { OTLPTraceExporter } = await load<Exporter>(`@opentelemetry/exporter-trace-otlp-${kind}`);
      const url = `${sinkUrl}/v1/traces`;
      const exporter = new OTLPTraceExporter({ url, compression: otlp?.compression ?? 'none' });
      provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
      provider.register();
    }
    tracer = api.trace.getTracer('bench');
  },
  record,
  flush: async () => provider?.forceFlush(),
  ways: {
    startActiveSpan: (name, _parent, body) => record(name, () => body(undefined))(''),
    async startSpan(name, parent, body) {
      const context = parent === undefined ? api.ROOT_CONTEXT : api.trace.setSpan(api.ROOT_CONTEXT, parent);
      const span = tracer.startSpan(name, {}, context);
      try {
        return await body(span);
      } finally {
        span.end();
      }
    },
  },
  clients: {
    async 'ai-sdk'(client) {
      const { OpenTelemetry } = await load<{ OpenTelemetry: new () => object }>('@ai-sdk/otel');
      return { ...client, telemetry: { integrations: [new OpenTelemetry()] } };
    },
  },
  wrappers: { startActiveSpan: record },
};
