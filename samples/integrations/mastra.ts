// Mastra: a run is one tree, and what a tool does nests in it. With OPENAI_API_KEY it asks OpenAI, else a fake.
// The frameworks are installed by `npm run integrations`.
//
// weather-agent  42 tokens
// └─ guide AGENT
//    ├─ gpt-4.1-mini LLM model-2026  21 tokens
//    ├─ forecast TOOL
//    │  └─ geocode RETRIEVER
//    └─ gpt-4.1-mini LLM model-2026  21 tokens
import { Mastra } from '@mastra/core';
import { Agent } from '@mastra/core/agent';
import { createTool } from '@mastra/core/tools';
import { Observability } from '@mastra/observability';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { PandaProbeExporter } from 'pandaprobe-ts/integrations/mastra';
import { z } from 'zod';
import { startModel } from './fake/models.js';

const isOnline = process.env.OPENAI_API_KEY !== undefined;
const model = { id: 'openai/gpt-4.1-mini' as const, ...(isOnline ? {} : { apiKey: 'fake', url: await startModel() }) };

const forecast = createTool({
  id: 'forecast',
  description: 'The weather in a city',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
    return { text: `${city}, at ${lat}°: 21 °C` };
  },
});
const guide = new Agent({
  id: 'guide',
  name: 'guide',
  instructions: 'Answer in one line.',
  model,
  tools: { forecast },
});
const exporters = [new PandaProbeExporter()];
const mastra = new Mastra({
  agents: { guide },
  logger: false,
  observability: new Observability({ configs: { default: { serviceName: 'weather', exporters } } }),
});

await withTrace('weather-agent', async () => {
  const { text } = await mastra.getAgent('guide').generate('How warm is it in Lisbon?');
  console.log(text);
});
