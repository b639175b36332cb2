import { Client } from 'langsmith';
import { traceable } from 'langsmith/traceable';
import { wrapOpenAI } from 'langsmith/wrappers';

let client;

export async function start(endpoint) {
  Object.assign(process.env, {
    LANGSMITH_TRACING: 'true',
    LANGSMITH_API_KEY: 'lsv2_pt_peers',
    LANGSMITH_ENDPOINT: endpoint,
  });
  client = new Client({ apiUrl: endpoint, apiKey: 'lsv2_pt_peers' });
}
export const attach = {
  openai: (given) => wrapOpenAI(given.client, { client }),
  async 'ai-sdk-6'({ ai }) {
    const { wrapAISDK } = await import('langsmith/experimental/vercel');
    return { sdk: wrapAISDK(ai, { client }) };
  },
  async 'ai-sdk-7'({ ai }) {
    const { LangSmithTelemetry } = await import('langsmith/experimental/vercel');
    ai.registerTelemetry(LangSmithTelemetry({ client }));
  },
  async langchain() {
    const { LangChainTracer } = await import('@langchain/core/tracers/tracer_langchain');
    return [new LangChainTracer({ client })];
  },
  async 'openai-agents'({ agents }) {
    const { OpenAIAgentsTracingProcessor } = await import('langsmith/wrappers/openai_agents');
    agents.setTraceProcessors([new OpenAIAgentsTracingProcessor({ client })]);
  },
};
export const wrapClient = (wrapped) => wrapOpenAI(wrapped, { client });
export const root = (name, body) => traceable(() => body(), { name, client })();
export const step = (name, body) => traceable(() => body(), { name, client })();
export const tool = (name, body) => traceable(() => body(), { name, client, run_type: 'tool' })();
export const finish = () => client.awaitPendingTraceBatches();
