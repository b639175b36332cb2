// The Vercel AI SDK 7: one line records every call. An agent asks for a forecast, and answers in a stream. With OPENAI_API_KEY
// it asks OpenAI, else a fake; the frameworks are installed by `npm run integrations`.
//
// weather-agent  42 tokens
// └─ weather-agent AGENT
//    ├─ gpt-5.4-mini LLM model-2026  21 tokens
//    ├─ forecast TOOL
//    │  └─ geocode RETRIEVER
//    └─ gpt-5.4-mini LLM model-2026  21 tokens
import { createOpenAI } from '@ai-sdk/openai';
import { stepCountIs, streamText, tool } from 'ai';
import { withSpan } from 'pandaprobe-ts';
import { instrumentAISDK } from 'pandaprobe-ts/integrations/vercel-ai';
import { z } from 'zod';
import { startModel } from './fake/models.js';

instrumentAISDK();

const isOnline = process.env.OPENAI_API_KEY !== undefined;
const openai = createOpenAI(isOnline ? {} : { apiKey: 'fake', baseURL: await startModel() });

const forecast = tool({
  description: 'The weather in a city',
  inputSchema: z.object({ city: z.string() }),
  async execute({ city }) {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
    return `${city}, at ${lat}°: 21 °C`;
  },
});

const { textStream } = streamText({
  model: openai.chat('gpt-5.4-mini'),
  prompt: 'How warm is it in Lisbon?',
  tools: { forecast },
  stopWhen: stepCountIs(5),
  telemetry: { functionId: 'weather-agent' },
});
for await (const piece of textStream) process.stdout.write(piece);
process.stdout.write('\n');
