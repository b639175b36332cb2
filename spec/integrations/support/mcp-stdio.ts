// A wrapped MCP server on stdin and stdout, of the generation that the first argument names.
import { withSpan } from '../../../lib/index.js';
import { wrapMCPServer } from '../../../lib/integrations/mcp.js';
import type { McpServer } from './mcp.js';

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
const wrapped = wrapMCPServer(server as unknown as McpServer); // of either generation
wrapped.registerTool('w', { inputSchema: z.object({ n: z.number() }) }, async ({ n }) => {
  await withSpan(`lookup ${n}`, { kind: 'RETRIEVER' }, async () => {});
  return { content: [{ type: 'text', text: `${n}` }] };
});
await wrapped.connect(transport);
