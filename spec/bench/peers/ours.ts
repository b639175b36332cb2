import { langChainPackages, load, model, type Peer, providerPackages, type Step, sdkPackages, tokens } from './peer.js';

interface Handle {
  setInput(value: unknown): this;
  setOutput(value: unknown): this;
  setMetadata(metadata: Readonly<Record<string, unknown>>): this;
  setTokenUsage?(usage: { promptTokens: number; completionTokens: number }): this;
  span(name: string): Handle;
  end(): void;
}
type Body = (handle: Handle) => Promise<string>;

/** What this package and the vendor's have in common, by design. */
export interface TracingApi {
  init(options: Readonly<Record<string, unknown>>): unknown;
  flush(timeout: unknown): Promise<unknown>;
  getCurrentTrace(): unknown;
  withTrace(name: string, options: Readonly<Record<string, unknown>>, body: Body): Promise<string>;
  withSpan(name: string, options: Readonly<Record<string, unknown>>, body: Body): Promise<string>;
}
interface OurApi extends TracingApi {
  startTrace(name: string): Handle;
  traceFunction(step: Step, options: { readonly name: string }): Step;
  spanFunction(step: Step, options: { readonly name: string }): Step;
}

interface OtlpEntry {
  readonly OtlpSink: new (options: object) => object;
}

/** The first step of a turn is a trace, what nests in it are spans. */
export function recordBody(api: () => TracingApi): (name: string, step: Step) => Step {
  return (name, step) => (input) => {
    const { getCurrentTrace, withTrace, withSpan } = api();
    const body: Body = async (handle) => {
      if (handle.setTokenUsage !== undefined) {
        handle.setInput(input);
        handle.setTokenUsage({ promptTokens: tokens.prompt, completionTokens: tokens.completion });
      }
      const output = await step(input);
      handle.setOutput(output);
      return output;
    };
    return getCurrentTrace() ? withSpan(name, { kind: 'LLM', model }, body) : withTrace(name, { input }, body);
  };
}

let api: OurApi;
const record = recordBody(() => api);

export const ours: Peer = {
  title: '**pandaprobe-ts**',
  packages: [...providerPackages, ...sdkPackages, ...langChainPackages],
  entries: ['pandaprobe-ts'],
  async start({ sinkUrl, isOff, isQueueLifted, otlp }) {
    api = await load<OurApi>('pandaprobe-ts');
    const queue = isQueueLifted ? { maxQueueSize: 1_000_000, maxQueueBytes: 2 ** 30 } : {};
    if (otlp !== undefined) {
      const { OtlpSink } = await load<OtlpEntry>('pandaprobe-ts/otlp');
      api.init({ sinks: [new OtlpSink({ endpoint: `${sinkUrl}/v1/traces`, ...otlp, ...queue })] });
      return;
    }
    api.init({ apiKey: 'sk_pp_bench', projectName: 'bench', endpoint: sinkUrl, enabled: !isOff, ...queue });
  },
  record,
  flush: () => api.flush({ timeoutMs: 60_000 }),
  ways: {
    body: (name, _parent, body) =>
      api.getCurrentTrace() ? api.withSpan(name, {}, body) : api.withTrace(name, {}, body),
    decorated: (name, _parent, body) => {
      const decorate = api.getCurrentTrace() ? api.spanFunction : api.traceFunction;
      return decorate(async () => body(undefined), { name })('');
    },
    async handle(name, parent, body) {
      const handle = parent === undefined ? api.startTrace(name) : (parent as Handle).span(name); // opened here
      try {
        return await body(handle);
      } finally {
        handle.end();
      }
    },
  },
  async annotate(entries) {
    const t = api.startTrace('root');
    const s = t.span('leaf');
    for (let at = 0; at < entries; at += 1) s.setMetadata({ [`entry ${at}`]: at });
    s.end();
    t.end();
    return 'done';
  },
  clients: {
    async openai(client) {
      const { wrapOpenAI } = await load<{ wrapOpenAI: (client: object) => object }>('pandaprobe-ts/wrappers/openai');
      return wrapOpenAI(client);
    },
    async anthropic(client) {
      const { wrapAnthropic } = await load<{ wrapAnthropic: (client: object) => object }>(
        'pandaprobe-ts/wrappers/anthropic',
      );
      return wrapAnthropic(client);
    },
    async langchain(client) {
      const { LangChainCallbackHandler } = await load<{ LangChainCallbackHandler: new () => object }>(
        'pandaprobe-ts/integrations/langchain',
      );
      return { ...client, callbacks: [new LangChainCallbackHandler()] };
    },
    async 'ai-sdk'(client) {
      const { pandaProbeTelemetry } = await load<{ pandaProbeTelemetry: () => object }>(
        'pandaprobe-ts/integrations/vercel-ai',
      );
      return { ...client, telemetry: { integrations: [pandaProbeTelemetry()] } };
    },
  },
  wrappers: {
    traceFunction: (name, step) => api.traceFunction(step, { name }),
    spanFunction: (name, step) => api.spanFunction(step, { name }),
    withTrace: record,
  },
};
