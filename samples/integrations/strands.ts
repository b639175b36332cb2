// Strands: a run is one tree, and what a tool does nests in it. With OPENAI_API_KEY it asks OpenAI, else a fake.
// The frameworks are installed by `npm run integrations`.
//
// weather-agent  42 tokens
// └─ guide AGENT
//    ├─ gpt-4.1-mini LLM gpt-4.1-mini  21 tokens
//    ├─ forecast TOOL
//    │  └─ geocode RETRIEVER
//    └─ gpt-4.1-mini LLM gpt-4.1-mini  21 tokens
import { Agent, tool } from '@strands-agents/sdk';
import { OpenAIModel } from '@strands-agents/sdk/models/openai';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { pandaProbePlugin } from 'pandaprobe-ts/integrations/strands';
import { z } from 'zod';
import { startModel } from './fake/models.js';

const isOnline = process.env.OPENAI_API_KEY !== undefined;
const client = isOnline ? {} : { apiKey: 'fake', clientConfig: { baseURL: await startModel() } };

const forecast = tool({
  name: 'forecast',
  description: 'The weather in a city',
  inputSchema: z.object({ city: z.string() }),
  callback: async ({ city }) => {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
    return `${city}, at ${lat}°: 21 °C`;
  },
});
const guide = new Agent({
  name: 'guide',
  systemPrompt: 'Answer in one line.',
  model: new OpenAIModel({ api: 'chat', modelId: 'gpt-4.1-mini', ...client }),
  tools: [forecast],
  printer: false,
  plugins: [pandaProbePlugin()],
});

await withTrace('weather-agent', async () => {
  console.log(String(await guide.invoke('How warm is it in Lisbon?')));
});
