import { init, shutdown, withSpan, withTrace } from 'pandaprobe-ts';
import { LangChainCallbackHandler } from 'pandaprobe-ts/integrations/langchain';
import { OpenAIAgentsAdapter } from 'pandaprobe-ts/integrations/openai-agents';
import { instrumentAISDK, pandaProbeTracer } from 'pandaprobe-ts/integrations/vercel-ai';
import { wrapOpenAI } from 'pandaprobe-ts/wrappers/openai';

export async function start(endpoint) {
  init({ apiKey: 'sk_pp_key', projectName: 'peers', endpoint });
}
export const attach = {
  openai: ({ client }) => wrapOpenAI(client),
  'ai-sdk-6': () => ({ experimental_telemetry: { isEnabled: true, tracer: pandaProbeTracer() } }),
  'ai-sdk-7': () => void instrumentAISDK(),
  langchain: () => [new LangChainCallbackHandler()],
  'openai-agents': () => new OpenAIAgentsAdapter().instrument(),
};
export const wrapClient = (client) => wrapOpenAI(client);
export const root = (name, body) => withTrace(name, body);
export const step = (name, body) => withSpan(name, body);
export const tool = (name, body) => withSpan(name, { kind: 'TOOL' }, body);
export const finish = () => shutdown();
