// Claude Agent SDK: a turn of a query is one tree, and what a tool of this process does nests in it. With ANTHROPIC_API_KEY it
// asks Claude, else a fake.
// The frameworks are installed by `npm run integrations`.
//
// weather-agent  42 tokens  $0.0003
// └─ ClaudeAgentSDK CHAIN
//    └─ ClaudeAgentSDK AGENT claude-2026  $0.0003
//       ├─ claude-llm LLM claude-2026  21 tokens
//       ├─ mcp__weather__forecast TOOL
//       │  └─ geocode RETRIEVER
//       └─ claude-llm LLM claude-2026  21 tokens
import { fileURLToPath } from 'node:url';
import * as sdk from '@anthropic-ai/claude-agent-sdk';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { wrapClaudeAgentSDK } from 'pandaprobe-ts/integrations/claude-agent-sdk';
import { z } from 'zod';

const isOnline = process.env.ANTHROPIC_API_KEY !== undefined;
const program = isOnline
  ? {}
  : { pathToClaudeCodeExecutable: fileURLToPath(new URL('./fake/claude.mjs', import.meta.url)) };

const { createSdkMcpServer, query, tool } = wrapClaudeAgentSDK(sdk);

const forecast = tool('forecast', 'The weather in a city', { city: z.string() }, async ({ city }) => {
  const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
  return { content: [{ type: 'text', text: `${city}, at ${lat}°: 21 °C` }] };
});
const weather = createSdkMcpServer({ name: 'weather', version: '1.0.0', tools: [forecast] });

await withTrace('weather-agent', async () => {
  const options = { ...program, mcpServers: { weather }, allowedTools: ['mcp__weather__forecast'] };
  for await (const message of query({ prompt: 'How warm is it in Lisbon?', options })) {
    if (message.type === 'result' && message.subtype === 'success') console.log(message.result);
  }
});
