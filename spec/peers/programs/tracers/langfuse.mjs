import { CallbackHandler } from '@langfuse/langchain';
import { observeOpenAI } from '@langfuse/openai';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { startActiveObservation } from '@langfuse/tracing';
import { LangfuseVercelAiSdkIntegration } from '@langfuse/vercel-ai-sdk';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

let provider;

export async function start(baseUrl) {
  const processor = new LangfuseSpanProcessor({ publicKey: 'pk-lf-x', secretKey: 'sk-lf-x', baseUrl });
  provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
}
/** It has nothing for the OpenAI Agents SDK. */
export const attach = {
  openai: ({ client }) => observeOpenAI(client),
  'ai-sdk-6': () => ({ experimental_telemetry: { isEnabled: true } }),
  'ai-sdk-7': ({ ai }) => ai.registerTelemetry(new LangfuseVercelAiSdkIntegration()),
  langchain: () => [new CallbackHandler()],
};
export const wrapClient = (client) => observeOpenAI(client);
export const root = (name, body) => startActiveObservation(name, body);
export const step = (name, body) => startActiveObservation(name, body);
export const tool = (name, body) => startActiveObservation(name, body, { asType: 'tool' });
export const finish = () => provider.shutdown();
