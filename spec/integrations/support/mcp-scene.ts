import OpenAI from 'openai';
import type { Options } from '../../../lib/config/options.js';
import { type MCPOptions, wrapMCPClient } from '../../../lib/integrations/mcp.js';
import { wrapOpenAI } from '../../../lib/wrappers/openai.js';
import { type Provider, startProvider } from '../../support/provider.js';
import { type Recorded, record, stopRecording } from '../../support/recorded.js';
import { openAI } from '../../wrappers/support/openai-wire.js';
import { needFrameworks } from './installed.js';
import { loadMcp, type Mcp, type McpClient, type McpServer, type Tool } from './mcp.js';
import { statusTree } from './status-tree.js';

/** What a tool answers. */
export const text = (said: string, isError = false) => ({
  content: [{ type: 'text', text: said }],
  ...(isError && { isError }),
});

/** Sets up a suite for one generation of MCP: call it in `describe`, use what it gives in specs. */
export function mcpScene(file: string) {
  let mcp: Mcp;
  let z: typeof import('zod');
  let provider: Provider;
  let recorded: Recorded;
  let open: { close(): Promise<void> }[] = [];

  before(async function () {
    needFrameworks(this);
    mcp = await loadMcp(file);
    z = await import('zod');
    provider = await startProvider(openAI);
  });
  after(() => provider?.[Symbol.asyncDispose]());
  beforeEach(() => {
    recorded = record();
  });
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
    await stopRecording();
  });

  return {
    get mcp() {
      return mcp;
    },
    get z() {
      return z;
    },
    get recorded() {
      return recorded;
    },
    record(options: Options): void {
      recorded = record(options);
    },
    closes(each: { close(): Promise<void> }): void {
      open.push(each);
    },
    tree: () => statusTree(recorded.traces),
    wrapped: (options?: MCPOptions) => wrapMCPClient(mcp.client(), options),
    /** Asks a wrapped client of a provider. */
    ask: () =>
      wrapOpenAI(new OpenAI({ apiKey: 'k', baseURL: `${provider.url}/v1`, maxRetries: 0 })).chat.completions.create({
        model: 'plain',
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    /** A server with the tools, and a client that is connected to it within this process. */
    async connected(
      tools: Record<string, Tool>,
      client: McpClient,
      server: McpServer = mcp.server(),
    ): Promise<McpClient> {
      for (const [name, tool] of Object.entries(tools)) {
        server.registerTool(name, { inputSchema: z.object({ n: z.number().optional() }) }, tool);
      }
      const [here, there] = mcp.pair();
      open.push(client, server);
      await server.connect(there);
      await client.connect(here);
      return client;
    },
  };
}
