import { type AddsTracer, addTracer } from './add-tracer.js';
import {
  beforeFirstCall,
  type Callee,
  type Replace,
  type WrapFunction,
  whenCalled,
  whenCreated,
  whenCreatedBy,
  whenLoaded,
} from './replacements.js';

/*
 * For each known package, the files and names to which this package attaches itself, and how. To support another package, add a
 * row.
 */

/** How to attach to one package, for some of its versions. */
export interface Attachment {
  /** The name that selects it in `PANDAPROBE_AUTO`. */
  readonly id: string;
  /** The name in its package.json. The folder may have another name. */
  readonly package: string;
  /** The versions as the table of known packages writes them: `4 to 7`. */
  readonly versions: string;
  /** How the paths of the files end. */
  readonly files: readonly string[];
  /** Names of classes or functions that these files declare; not every file has all of them. */
  readonly names: readonly string[];
  /** Whether these are export names, while the declarations have other names inside the file. */
  readonly areExported?: boolean;
  /** Makes the replacement for one of these classes or functions. */
  readonly replace: Replace;
}

/** The part of a Mastra object that takes exporters. */
interface Exports {
  registerExporter(exporter: object): void;
}

const mcp = 'integrations/mcp';
const ai = 'integrations/vercel-ai';

/** A client of another provider, made by the same generator as OpenAI's, with the same files and resources. */
const likeOpenAI = (id: string, name: string, versions: string, client: string): Attachment => ({
  ...{ id, package: name, versions },
  files: ['/client.js', '/client.mjs', '/index.js', '/index.mjs'],
  names: [client],
  replace: whenCreated('wrappers/openai', 'wrapOpenAI'),
});

export const attachments: readonly Attachment[] = [
  {
    ...{ id: 'openai', package: 'openai', versions: '4 to 7' },
    files: ['/client.js', '/client.mjs', '/index.js', '/index.mjs', '/bedrock.js', '/bedrock.mjs'],
    names: ['OpenAI', 'AzureOpenAI', 'BedrockOpenAI'],
    replace: whenCreated('wrappers/openai', 'wrapOpenAI'),
  },
  likeOpenAI('groq', 'groq-sdk', '0.2 to 1', 'Groq'),
  likeOpenAI('together', 'together-ai', '0.9 to 0.x', 'Together'),
  likeOpenAI('cerebras', '@cerebras/cerebras_cloud_sdk', '1', 'Cerebras'),
  likeOpenAI('perplexity', '@perplexity-ai/perplexity_ai', '0.11 to 0.x', 'Perplexity'),
  {
    ...{ id: 'anthropic', package: '@anthropic-ai/sdk', versions: '0.20 to 1' },
    files: ['/client.js', '/client.mjs', '/index.js', '/index.mjs'],
    names: ['Anthropic'],
    replace: whenCreated('wrappers/anthropic', 'wrapAnthropic'),
  },
  {
    ...{ id: 'gemini', package: '@google/genai', versions: '0.2 to 3' },
    files: ['/index.mjs', '/index.cjs', '/index.js'],
    names: ['GoogleGenAI'],
    replace: whenCreated('wrappers/gemini', 'wrapGemini'),
  },
  {
    ...{ id: 'mistral', package: '@mistralai/mistralai', versions: '1 and 2' },
    files: ['/sdk/sdk.js'],
    names: ['Mistral'],
    replace: whenCreated('wrappers/mistral', 'wrapMistral'),
  },
  {
    ...{ id: 'bedrock', package: '@aws-sdk/client-bedrock-runtime', versions: '3' },
    files: ['/dist-cjs/index.js', '/BedrockRuntimeClient.js', '/BedrockRuntime.js'],
    names: ['BedrockRuntimeClient', 'BedrockRuntime'],
    replace: whenCreated('wrappers/bedrock', 'wrapBedrock'),
  },
  {
    ...{ id: 'ai', package: 'ai', versions: '7' },
    files: ['/dist/index.js'],
    names: ['generateText'],
    replace: whenLoaded((load) => (load(ai).instrumentAISDK as () => void)()),
  },
  {
    ...{ id: 'ai', package: 'ai', versions: '5 and 6' },
    files: ['/dist/index.js', '/dist/index.mjs'],
    names: ['generateText', 'streamText', 'generateObject', 'streamObject', 'embed', 'embedMany', 'rerank'],
    replace: (value, load) => addTracer(value as Callee, () => (load(ai) as unknown as AddsTracer).pandaProbeTracer()),
  },
  {
    ...{ id: 'langchain', package: '@langchain/core', versions: '0.3 and 1.x' },
    files: ['/dist/callbacks/manager.js', '/dist/callbacks/manager.cjs'],
    names: ['CallbackManager'],
    replace: whenLoaded((load, CallbackManager) =>
      (load('integrations/langchain').instrumentLangChain as WrapFunction)({ CallbackManager }),
    ),
  },
  {
    ...{ id: 'openai-agents', package: '@openai/agents-core', versions: '0.20' },
    files: ['/tracing/provider.js', '/tracing/provider.mjs'],
    names: ['TraceProvider'],
    // Not earlier, because the framework resets its processors while it loads.
    replace: beforeFirstCall('createTrace', (load) => {
      const { OpenAIAgentsAdapter } = load('integrations/openai-agents') as {
        OpenAIAgentsAdapter: new () => { instrument(): Promise<boolean> };
      };
      void new OpenAIAgentsAdapter().instrument();
    }),
  },
  {
    ...{ id: 'claude-agent-sdk', package: '@anthropic-ai/claude-agent-sdk', versions: '0.3' },
    files: ['/sdk.mjs'],
    names: ['query', 'startup', 'prewarm'],
    areExported: true,
    replace: whenCalled((load, value, name) => {
      const { wrapClaudeAgentSDK } = load('integrations/claude-agent-sdk') as {
        wrapClaudeAgentSDK(sdk: object): Readonly<Record<string, unknown>>;
      };
      return wrapClaudeAgentSDK({ query: value, [name]: value })[name];
    }),
  },
  {
    ...{ id: 'mastra', package: '@mastra/observability', versions: '1.17' },
    files: ['/dist/index.js', '/dist/index.cjs'],
    names: ['DefaultObservabilityInstance'],
    replace: whenCreatedBy((load) => {
      const { PandaProbeExporter } = load('integrations/mastra') as { PandaProbeExporter: new () => object };
      return (instance) => (instance as Exports).registerExporter(new PandaProbeExporter());
    }),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/sdk', versions: '1.x' },
    files: ['/client/index.js'],
    names: ['Client'],
    replace: whenCreated(mcp, 'wrapMCPClient'),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/sdk', versions: '1.x' },
    files: ['/server/index.js'],
    names: ['Server'],
    replace: whenCreated(mcp, 'wrapMCPServer'),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/client', versions: '2.x' },
    files: ['.mjs', '.cjs'],
    names: ['Client'],
    replace: whenCreated(mcp, 'wrapMCPClient'),
  },
  {
    ...{ id: 'mcp', package: '@modelcontextprotocol/server', versions: '2.x' },
    files: ['.mjs', '.cjs'],
    names: ['Server'],
    replace: whenCreated(mcp, 'wrapMCPServer'),
  },
];
