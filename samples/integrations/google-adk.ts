// Google ADK: a run is one tree, and what a tool does nests in it. With GOOGLE_API_KEY it asks Gemini, else a fake.
// The frameworks are installed by `npm run integrations`.
//
// weather-agent  42 tokens
// └─ weather CHAIN
//    └─ guide AGENT
//       ├─ gemini-2.5-flash LLM gemini-2.5-flash  21 tokens
//       ├─ forecast TOOL
//       │  └─ geocode RETRIEVER
//       └─ gemini-2.5-flash LLM gemini-2.5-flash  21 tokens
import * as adk from '@google/adk';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { GoogleADKAdapter } from 'pandaprobe-ts/integrations/google-adk';
import { z } from 'zod';
import { startGemini } from './fake/gemini.js';

if (process.env.GOOGLE_API_KEY === undefined) {
  process.env.GOOGLE_GEMINI_BASE_URL = await startGemini();
  process.env.GOOGLE_API_KEY = 'fake';
}
adk.setLogLevel(adk.LogLevel.ERROR);

new GoogleADKAdapter().instrument(adk);

const forecast = new adk.FunctionTool({
  name: 'forecast',
  description: 'The weather in a city',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
    return `${city}, at ${lat}°: 21 °C`;
  },
});
const agent = new adk.LlmAgent({
  name: 'guide',
  instruction: 'Answer in one line.',
  model: 'gemini-2.5-flash',
  tools: [forecast],
});
const runner = new adk.InMemoryRunner({ agent, appName: 'weather' });

await withTrace('weather-agent', async () => {
  const newMessage = { role: 'user', parts: [{ text: 'How warm is it in Lisbon?' }] };
  for await (const { content } of runner.runEphemeral({ userId: 'u-1', newMessage })) {
    for (const { text } of content?.parts ?? []) if (text !== undefined) console.log(text);
  }
});
