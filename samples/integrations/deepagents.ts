// DeepAgents: an agent that keeps a file system, plans and hands tasks on to sub-agents. What its tools do nests in them. With
// OPENAI_API_KEY it asks OpenAI, else a fake; the frameworks are installed by `npm run integrations`.
//
// DeepAgents  42 tokens
// └─ DeepAgents AGENT
//    ├─ ChatOpenAI LLM model-2026  21 tokens
//    ├─ forecast TOOL
//    │  └─ geocode RETRIEVER
//    └─ ChatOpenAI LLM model-2026  21 tokens
import { ChatOpenAI } from '@langchain/openai';
import { createDeepAgent } from 'deepagents';
import { tool } from 'langchain';
import { withSpan } from 'pandaprobe-ts';
import { DeepAgentsCallbackHandler } from 'pandaprobe-ts/integrations/deepagents';
import { z } from 'zod';
import { startModel } from './fake/models.js';

const isOnline = process.env.OPENAI_API_KEY !== undefined;
const fake = isOnline ? {} : { apiKey: 'fake', configuration: { baseURL: await startModel('forecast') } };
const model = new ChatOpenAI({ model: 'gpt-5.4-mini', ...fake });

const forecast = tool(
  async ({ city }) => {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
    return `${city}, at ${lat}°: 21 °C`;
  },
  { name: 'forecast', description: 'The weather in a city', schema: z.object({ city: z.string() }) },
);

const agent = createDeepAgent({ model, tools: [forecast] }).withConfig({
  callbacks: [new DeepAgentsCallbackHandler()],
});
const { messages } = await agent.invoke({ messages: [{ role: 'user', content: 'How warm is it in Lisbon?' }] });
console.log(messages.at(-1)?.text);
