// OpenAI Agents: a run is one tree, and what a tool does nests in it. With OPENAI_API_KEY it asks OpenAI, else a fake.
// The frameworks are installed by `npm run integrations`.
//
// weather-agent  42 tokens
// └─ Agent workflow CHAIN
//    └─ guide AGENT
//       ├─ model-2026 LLM model-2026  21 tokens
//       ├─ forecast TOOL
//       │  └─ geocode RETRIEVER
//       └─ model-2026 LLM model-2026  21 tokens
import { Agent, OpenAIProvider, Runner, setTraceProcessors, tool } from '@openai/agents';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { OpenAIAgentsAdapter } from 'pandaprobe-ts/integrations/openai-agents';
import { z } from 'zod';
import { startModel } from './fake/models.js';

const isOnline = process.env.OPENAI_API_KEY !== undefined;
if (!isOnline) setTraceProcessors([]); // OpenAI's own exporter has nobody to send to

await new OpenAIAgentsAdapter().instrument();

const forecast = tool({
  name: 'forecast',
  description: 'The weather in a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
    return `${city}, at ${lat}°: 21 °C`;
  },
});
const guide = new Agent({
  name: 'guide',
  instructions: 'Answer in one line.',
  model: 'gpt-4.1-mini',
  tools: [forecast],
});
const provider = isOnline ? {} : { apiKey: 'fake', baseURL: await startModel(), useResponses: false };
const runner = new Runner({ modelProvider: new OpenAIProvider(provider) });

await withTrace('weather-agent', async () => {
  const { finalOutput } = await runner.run(guide, 'How warm is it in Lisbon?');
  console.log(finalOutput);
});
