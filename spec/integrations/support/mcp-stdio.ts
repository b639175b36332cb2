// An MCP server on stdin and stdout, of the generation in MCP_GENERATION; wrapped unless MCP_BARE is set.
import { withSpan } from '../../../lib/index.js';
import { wrapMCPServer } from '../../../lib/integrations/mcp.js';
import type { Mcp, McpServer } from './mcp.js';

const info = { name: 'child', version: '1.0.0' };
const [server, transport] =
  process.env.MCP_GENERATION === '1.x'
    ? await Promise.all([
        import('@modelcontextprotocol/sdk/server/mcp.js').then(({ McpServer: Server }) => new Server(info)),
        import('@modelcontextprotocol/sdk/server/stdio.js').then((stdio) => new stdio.StdioServerTransport()),
      ])
    : await Promise.all([
        import('@modelcontextprotocol/server').then(({ McpServer: Server }) => new Server(info)),
        import('@modelcontextprotocol/server/stdio').then((stdio) => new stdio.StdioServerTransport()),
      ]);

const { z } = await import('zod');
const given = server as unknown as McpServer; // of either generation
const served = process.env.MCP_BARE === undefined ? wrapMCPServer(given) : given;
const answer = (said: string) => ({ content: [{ type: 'text', text: said }] });

served.registerTool('w', { inputSchema: z.object({ n: z.number() }) }, async ({ n }) => {
  await withSpan(`lookup ${n}`, { kind: 'RETRIEVER' }, async () => {});
  return answer(`${n}`);
});

// Both wait until both are asked, so that both calls are on their way when the client is asked.
let waiting: (() => void)[] = [];
served.registerTool('asks', { inputSchema: z.object({ both: z.boolean() }) }, async ({ both }, extra) => {
  const isReady = new Promise<void>((resolve) => waiting.push(resolve));
  if (!both || waiting.length === 2) {
    for (const go of waiting) go();
    waiting = [];
  }
  await isReady;
  const { mcp } = await import(process.env.MCP_GENERATION === '1.x' ? './mcp-1.js' : './mcp-2.js');
  await (mcp as Mcp).sample(served, extra);
  return answer('asked');
});
served.registerTool('dies', {}, () => withSpan('half', async () => process.exit(3)));
await served.connect(transport);
