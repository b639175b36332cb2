import { liftQueue, type NodeSdk, type Provider } from './otel.js';
import { load, model, type Peer, providerPackages, type Step, tokens } from './peer.js';

interface Observation {
  startObservation(name: string): Observation;
  end(): void;
}
interface Tracing {
  observe(step: Step, options: { readonly name: string; readonly asType: 'generation' }): Step;
  updateActiveObservation(attributes: object, options: { readonly asType: 'generation' }): void;
  startObservation(name: string): Observation;
  startActiveObservation<R>(name: string, body: (observation: Observation) => R): R;
}
interface LangfuseOtel {
  readonly LangfuseSpanProcessor: new (options: Readonly<Record<string, string>>) => unknown;
}

let tracing: Tracing;
let provider: Provider | undefined;

function record(name: string, step: Step): Step {
  return tracing.observe(
    async (input) => {
      const usageDetails = { input: tokens.prompt, output: tokens.completion };
      tracing.updateActiveObservation({ model, usageDetails }, { asType: 'generation' });
      return step(input);
    },
    { name, asType: 'generation' },
  );
}

/** Langfuse on its OpenTelemetry processor. Off means that no processor is registered. */
export const langfuse: Peer = {
  title: 'Langfuse',
  packages: [
    '@langfuse/tracing@5.11.1',
    '@langfuse/otel@5.11.1',
    '@langfuse/openai@5.11.1',
    '@opentelemetry/api@1.9.1',
    '@opentelemetry/exporter-trace-otlp-http@0.223.1',
    '@opentelemetry/sdk-trace-base@2.12.1',
    '@opentelemetry/sdk-trace-node@2.12.0',
    ...providerPackages,
  ],
  entries: ['@langfuse/tracing', '@langfuse/otel', '@opentelemetry/sdk-trace-node'],
  async start({ sinkUrl, isOff, isQueueLifted }) {
    tracing = await load<Tracing>('@langfuse/tracing');
    if (isOff) return;
    liftQueue(isQueueLifted);
    const { LangfuseSpanProcessor } = await load<LangfuseOtel>('@langfuse/otel');
    const { NodeTracerProvider } = await load<NodeSdk>('@opentelemetry/sdk-trace-node');
    const processor = new LangfuseSpanProcessor({ publicKey: 'pk-lf-x', secretKey: 'sk-lf-x', baseUrl: sinkUrl });
    provider = new NodeTracerProvider({ spanProcessors: [processor] });
    provider.register();
  },
  record,
  flush: async () => provider?.forceFlush(),
  ways: {
    observe: (name, _parent, body) => record(name, () => body(undefined))(''),
    startActiveObservation: (name, _parent, body) => tracing.startActiveObservation(name, body),
    async startObservation(name, parent, body) {
      const from = parent === undefined ? tracing : (parent as Observation); // opened here
      const observation = from.startObservation(name);
      try {
        return await body(observation);
      } finally {
        observation.end();
      }
    },
  },
  clients: {
    async openai(client) {
      const { observeOpenAI } = await load<{ observeOpenAI: (client: object) => object }>('@langfuse/openai');
      return observeOpenAI(client);
    },
  },
  wrappers: { observe: record },
};
