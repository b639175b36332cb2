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

const waiting: Record<string, (() => void)[]> = { start: [], end: [] };

/** Resolves when two calls have come to this place. */
function bothAt(place: string): Promise<void> {
  return new Promise((resolve) => {
    const others = waiting[place] ?? [];
    waiting[place] = others.length === 0 ? [resolve] : [];
    for (const go of others) go();
    if (others.length > 0) resolve();
  });
}

// With `both`, both calls are on their way as long as the client is asked.
served.registerTool('asks', { inputSchema: z.object({ both: z.boolean() }) }, async ({ both }, extra) => {
  if (both) await bothAt('start');
  const { mcp } = await import(process.env.MCP_GENERATION === '1.x' ? './mcp-1.js' : './mcp-2.js');
  await (mcp as Mcp).sample(served, extra);
  if (both) await bothAt('end');
  return answer('asked');
});
served.registerTool('dies', {}, () => withSpan('half', async () => process.exit(3)));
await served.connect(transport);
