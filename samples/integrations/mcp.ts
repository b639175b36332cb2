// MCP: a wrapped client and a wrapped server, here in one process. Both ends of a tool call are in one trace, as they are
// when the server is another process. Needs no key; the frameworks are installed by `npm run integrations`.
//
// weather-agent
// └─ forecast TOOL
//    └─ forecast TOOL
//       └─ geocode RETRIEVER
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { withSpan, withTrace } from 'pandaprobe-ts';
import { wrapMCPClient, wrapMCPServer } from 'pandaprobe-ts/integrations/mcp';
import { z } from 'zod';

const server = wrapMCPServer(new McpServer({ name: 'weather', version: '1.0.0' }));
server.registerTool('forecast', { inputSchema: { city: z.string() } }, async ({ city }) => {
  const { lat } = await withSpan('geocode', { kind: 'RETRIEVER', input: city }, async () => ({ lat: 38.7 }));
  return { content: [{ type: 'text', text: `${city}, at ${lat}°: 21 °C` }] };
});

const client = wrapMCPClient(new Client({ name: 'agent', version: '1.0.0' }));
const [here, there] = InMemoryTransport.createLinkedPair();
await server.connect(there);
await client.connect(here);

await withTrace('weather-agent', async () => {
  const { content } = await client.callTool({ name: 'forecast', arguments: { city: 'Lisbon' } });
  console.log(JSON.stringify(content));
});
await client.close();
