/*
 * The clients and frameworks whose calls this package records, with their versions. `pandaprobe-ts/auto` and the command `doctor`
 * read this table. A spec compares it with docs/wrappers.md and docs/integrations.md.
 */

/** One package of a provider or a framework. */
interface KnownPackage {
  /** The name that selects it in `PANDAPROBE_AUTO`. Several packages may share one. */
  readonly id: string;
  /** Its name in its own package.json. */
  readonly name: string;
  /** As the documentation writes them: `4 to 7`, `1 and 2`, `0.20`. */
  readonly versions: string;
  /** The entry of this package that records it, such as `pandaprobe-ts/wrappers/openai`. */
  readonly entry: string;
}

const wrapper = (id: string, name: string, versions: string, entry = id): KnownPackage => ({
  ...{ id, name, versions },
  entry: `wrappers/${entry}`,
});

const integration = (id: string, name: string, versions: string, entry = id): KnownPackage => ({
  ...{ id, name, versions },
  entry: `integrations/${entry}`,
});

export const knownPackages: readonly KnownPackage[] = [
  wrapper('openai', 'openai', '4 to 7'),
  wrapper('groq', 'groq-sdk', '0.2 to 1', 'openai'),
  wrapper('together', 'together-ai', '0.9 to 0.x', 'openai'),
  wrapper('cerebras', '@cerebras/cerebras_cloud_sdk', '1', 'openai'),
  wrapper('perplexity', '@perplexity-ai/perplexity_ai', '0.11 to 0.x', 'openai'),
  wrapper('anthropic', '@anthropic-ai/sdk', '0.20 to 1'),
  wrapper('gemini', '@google/genai', '0.2 to 3'),
  wrapper('mistral', '@mistralai/mistralai', '1 and 2'),
  wrapper('bedrock', '@aws-sdk/client-bedrock-runtime', '3'),
  integration('ai', 'ai', '7', 'vercel-ai'),
  integration('ai', 'ai', '5 and 6', 'vercel-ai'),
  integration('mcp', '@modelcontextprotocol/sdk', '1.x'),
  integration('mcp', '@modelcontextprotocol/client', '2.x'),
  integration('mcp', '@modelcontextprotocol/server', '2.x'),
  integration('openai-agents', '@openai/agents', '0.20'),
  integration('claude-agent-sdk', '@anthropic-ai/claude-agent-sdk', '0.3'),
  integration('google-adk', '@google/adk', '2'),
  integration('mastra', '@mastra/core', '1.71'),
  integration('mastra', '@mastra/observability', '1.17'),
  integration('strands', '@strands-agents/sdk', '1.19'),
  integration('langchain', '@langchain/core', '0.3 and 1.x'),
  integration('langchain', 'langchain', '1.x'),
  integration('langgraph', '@langchain/langgraph', '1.x'),
  integration('deepagents', 'deepagents', '1.x'),
];

/** Whether a version is among those, such as `6.49.0` among `4 to 7`. */
export function isAmong(version: string, versions: string): boolean {
  return versions.split(/ and |, /).some((part) => {
    const [first = '', last = first] = part.split(' to ');
    return compare(version, first) >= 0 && compare(version, last) <= 0;
  });
}

/** Compares only as many numbers as `limit` has: `6.49.0` equals `6`. */
function compare(version: string, limit: string): number {
  const own = numbers(version);
  for (const [at, number] of numbers(limit).entries()) {
    const difference = (own[at] ?? 0) - number;
    if (difference !== 0 || Number.isNaN(difference)) return Number.isNaN(difference) ? -1 : difference;
  }
  return 0;
}

function numbers(version: string): number[] {
  return version
    .replace(/\.x$|[-+].*$/g, '')
    .split('.')
    .map(Number);
}
