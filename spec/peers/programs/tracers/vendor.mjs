// Its integrations and wrappers are copies of their own, which only the environment reaches.
import { flush, withSpan, withTrace } from 'pandaprobe';
import { LangChainCallbackHandler } from 'pandaprobe/integrations/langchain';
import { OpenAIAgentsAdapter } from 'pandaprobe/integrations/openai-agents';
import { pandaProbeMiddleware } from 'pandaprobe/integrations/vercel-ai';
import { wrapOpenAI } from 'pandaprobe/wrappers/openai';

export async function start(endpoint) {
  Object.assign(process.env, {
    PANDAPROBE_API_KEY: 'sk_pp_key',
    PANDAPROBE_PROJECT_NAME: 'peers',
    PANDAPROBE_ENDPOINT: endpoint,
  });
}
const middleware = ({ ai, model }) => ({ model: ai.wrapLanguageModel({ model, middleware: pandaProbeMiddleware() }) });
export const attach = {
  openai: ({ client }) => wrapOpenAI(client),
  'ai-sdk-6': middleware,
  'ai-sdk-7': middleware,
  langchain: () => [new LangChainCallbackHandler()],
  'openai-agents': ({ agents }) => agents.setTraceProcessors([new OpenAIAgentsAdapter().createTraceProcessor()]),
};
export const wrapClient = (client) => wrapOpenAI(client);
export const root = (name, body) => withTrace(name, {}, body);
export const step = (name, body) => withSpan(name, {}, body);
export const tool = (name, body) => withSpan(name, { kind: 'TOOL' }, body);
/** Its integrations send at the end of the process. */
export const finish = () => flush(10);
