import { langChainPackages, load, model, type Peer, providerPackages, type Step, tokens } from './peer.js';

interface Client {
  awaitPendingTraceBatches(): Promise<void>;
}
interface Traceable {
  traceable(step: Step, options: Readonly<Record<string, unknown>>): Step;
}
interface LangSmith {
  readonly Client: new (options: { readonly apiUrl: string; readonly apiKey: string }) => Client;
}

type Wrap = (wrapped: object, options: { readonly client: Client }) => object;

let traceable: Traceable['traceable'];
let client: Client;

function record(name: string, step: Step): Step {
  const usage_metadata = {
    input_tokens: tokens.prompt,
    output_tokens: tokens.completion,
    total_tokens: tokens.prompt + tokens.completion,
  };
  return traceable(step, {
    name,
    client,
    run_type: 'llm',
    metadata: { ls_provider: 'openai', ls_model_name: model },
    processOutputs: ({ outputs }: { outputs: unknown }) => ({ content: outputs, usage_metadata }),
  });
}

/** LangSmith; its batches go as compressed multipart bodies, as to its own service. */
export const langsmith: Peer = {
  title: 'LangSmith',
  packages: ['langsmith@0.12.0', ...providerPackages, ...langChainPackages],
  entries: ['langsmith', 'langsmith/traceable'],
  async start({ sinkUrl, isOff }) {
    process.env.LANGSMITH_TRACING = isOff ? 'false' : 'true';
    process.env.LANGSMITH_API_KEY = 'lsv2_pt_bench';
    process.env.LANGSMITH_ENDPOINT = sinkUrl;
    ({ traceable } = await load<Traceable>('langsmith/traceable'));
    const { Client } = await load<LangSmith>('langsmith');
    client = new Client({ apiUrl: sinkUrl, apiKey: 'lsv2_pt_bench' });
  },
  record,
  flush: () => client.awaitPendingTraceBatches(),
  ways: { traceable: (name, _parent, body) => traceable(() => body(undefined), { name, client })('') },
  clients: {
    async openai(wrapped) {
      const { wrapOpenAI } = await load<{ wrapOpenAI: Wrap }>('langsmith/wrappers');
      return wrapOpenAI(wrapped, { client });
    },
    async anthropic(wrapped) {
      const { wrapAnthropic } = await load<{ wrapAnthropic: Wrap }>('langsmith/wrappers/anthropic');
      return wrapAnthropic(wrapped, { client });
    },
    async langchain(given) {
      const { LangChainTracer } = await load<{ LangChainTracer: new (options: object) => object }>(
        '@langchain/core/tracers/tracer_langchain',
      );
      process.env.LANGSMITH_TRACING = 'false'; // the calls beside it have no tracer
      return { ...given, callbacks: [new LangChainTracer({ client })] };
    },
  },
  wrappers: { traceable: record },
};
