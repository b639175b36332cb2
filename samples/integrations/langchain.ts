// LangChain: one line records every run. An agent asks for a forecast, and what its tool does nests in it. With OPENAI_API_KEY
// it asks OpenAI, else a fake; the frameworks are installed by `npm run integrations`.
//
// weather-agent  42 tokens
// └─ weather-agent AGENT
//    ├─ ChatOpenAI LLM model-2026  21 tokens
//    ├─ forecast TOOL
//    │  └─ geocode RETRIEVER
//    └─ ChatOpenAI LLM model-2026  21 tokens
import * as manager from '@langchain/core/callbacks/manager';
import { ChatOpenAI } from '@langchain/openai';
import { createAgent, tool } from 'langchain';
import { withSpan } from 'pandaprobe-ts';
import { instrumentLangChain } from 'pandaprobe-ts/integrations/langchain';
import { z } from 'zod';
import { startModel } from './fake/models.js';

instrumentLangChain(manager);

const isOnline = process.env.OPENAI_API_KEY !== undefined;
const fake = isOnline ? {} : { apiKey: 'fake', configuration: { baseURL: await startModel() } };
const model = new ChatOpenAI({ model: 'gpt-5.4-mini', ...fake });

const forecast = tool(
  async ({ city }) => {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
    return `${city}, at ${lat}°: 21 °C`;
  },
  { name: 'forecast', description: 'The weather in a city', schema: z.object({ city: z.string() }) },
);

const agent = createAgent({ model, tools: [forecast], name: 'weather-agent' });
const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'How warm is it in Lisbon?' }] });
console.log(messages.at(-1)?.text);
