// The MCP server.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { withSpan } from 'pandaprobe-ts';
import { wrapMCPServer } from 'pandaprobe-ts/integrations/mcp';
import { z } from 'zod';
import { dieIf } from './die-if.js';

const server = wrapMCPServer(new McpServer({ name: 'weather', version: '1.0.0' }));
server.registerTool('forecast', { inputSchema: { city: z.string() } }, async ({ city }) => {
  const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
  dieIf('weather');
  return { content: [{ type: 'text', text: `${city}, at ${lat}°: 21 °C` }] };
});
await server.connect(new StdioServerTransport());
process.stdin.once('end', () => process.exit());
