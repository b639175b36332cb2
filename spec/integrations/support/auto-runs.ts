import { join } from 'node:path';
import { root } from '../../support/user-project.js';
import type { ModelReply, ModelRequest } from './fake-models.js';

/** What stands in for the program of the Claude Agent SDK. */
export const cli = join(root, 'spec/integrations/support/claude-cli.mjs');

/** Each run of `auto-program`, by its arguments, with its tree. */
export const runs: readonly (readonly [run: string, tree: string])[] = [
  ['ai=ai=@ai-sdk/openai', 'ai.generateText(ai.generateText(gpt-x, w, gpt-x))'],
  ['ai=ai-6=ai-sdk-openai-3', 'ai.generateText(ai.generateText(gpt-x, w, gpt-x))'],
  ['ai=ai-5=ai-sdk-openai-2', 'ai.generateText(ai.generateText(gpt-x, w, gpt-x))'],
  ['langchain', 'weather(weather(ChatOpenAI, w, ChatOpenAI))'],
  ['agents', 'OpenAIAgentsSDK(Agent workflow(weather(gpt-x-2026, w, gpt-x-2026)))'],
  [`claude=${cli}`, 'ClaudeAgentSDK(ClaudeAgentSDK(ClaudeAgentSDK(claude-llm, w, w, claude-llm)))'],
  ['mastra', 'weather(weather(gpt-x, w, gpt-x))'],
  [mcp('@modelcontextprotocol/sdk', '/client/index.js', '/server/mcp.js', '/inMemory.js'), 'w(w(w))'],
  [`mcp=@modelcontextprotocol/client=@modelcontextprotocol/server=@modelcontextprotocol/client`, 'w(w(w))'],
];
/** The model asks for the tool once. */
export function answer({ messages = [] }: ModelRequest): ModelReply {
  const isAnswered = messages.some(({ role }) => role === 'tool');
  return isAnswered ? { text: 'It is 21' } : { tools: [{ id: 't1', name: 'w', args: { city: 'Oslo' } }] };
}

function mcp(name: string, ...paths: string[]): string {
  return ['mcp', ...paths.map((path) => name + path)].join('=');
}
