import { z } from 'zod';
import { abortAt, clientOf, question, read, weather } from './scene.mjs';

const packages = {
  'ai-sdk-6': async () => [await import('ai-6'), await import('ai-sdk-openai-3')],
  'ai-sdk-7': async () => [await import('ai'), await import('@ai-sdk/openai')],
};

export function programs({ attach, tracer, framework, models }) {
  globalThis.AI_SDK_LOG_WARNINGS = false;
  const prepared = async (client) => {
    const [ai, { createOpenAI }] = await packages[framework]();
    const model = createOpenAI({ apiKey: 'k', baseURL: models }).chat('gpt-x');
    const { sdk = ai, ...given } = (await attach({ ai, model })) ?? {};
    const answer = weather(tracer, client);
    const tools = {
      w: ai.tool({
        description: 'Weather',
        inputSchema: z.object({ city: z.string() }),
        execute: async ({ city }) => answer(city),
      }),
    };
    const call = { model, prompt: question, tools, stopWhen: ai.stepCountIs(5), maxRetries: 0, ...given };
    return { sdk, call: { ...call, onError: () => {} } };
  };
  return {
    async tools() {
      const { sdk, call } = await prepared();
      await sdk.generateText(call);
    },
    async stream() {
      const { sdk, call } = await prepared();
      await read(sdk.streamText(call).textStream);
    },
    async nested() {
      const { sdk, call } = await prepared(await tracer.wrapClient(clientOf(models)));
      await tracer.root('mine', () => sdk.generateText(call));
    },
    async break() {
      const { sdk, call } = await prepared();
      await read(sdk.streamText(call).textStream, () => false);
    },
    async abort() {
      const { sdk, call } = await prepared();
      const { signal, on } = abortAt('Hello');
      await read(sdk.streamText({ ...call, abortSignal: signal }).textStream, on);
    },
    async error() {
      const { sdk, call } = await prepared();
      await sdk.generateText(call);
    },
  };
}
