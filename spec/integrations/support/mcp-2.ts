import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, InMemoryTransport, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer as Server } from '@modelcontextprotocol/server';
import type { Mcp, McpClient, McpServer } from './mcp.js';

type Extra = {
  mcpReq: { send(request: object): Promise<unknown>; notify(notification: object): Promise<void> };
};

/** `@modelcontextprotocol/client`, `/server` and `/node`. */
export const mcp: Mcp = {
  client: (capabilities = {}) =>
    new Client({ name: 'agent', version: '1.0.0' }, { capabilities }) as unknown as McpClient,
  server: (name = 'tools') =>
    new Server(
      { name, version: '1.0.0' },
      { capabilities: { tools: {}, resources: {}, prompts: {} } },
    ) as unknown as McpServer,
  pair: () => InMemoryTransport.createLinkedPair(),
  stdio: (program, env) =>
    new StdioClientTransport({ command: process.execPath, args: ['--import=tsx', program], env, stderr: 'inherit' }),
  http: (url) => new StreamableHTTPClientTransport(new URL(url)),
  async listen(make) {
    const transports = new Map<string, NodeStreamableHTTPServerTransport>();
    const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
      const known = transports.get(String(request.headers['mcp-session-id']));
      if (known !== undefined) return known.handleRequest(request, response);
      const transport = new NodeStreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id: string) => void transports.set(id, transport),
      });
      await make().connect(transport);
      return transport.handleRequest(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/mcp`,
      async close() {
        for (const transport of transports.values()) await transport.close();
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  },
  onSampling: (client, answer) =>
    (client as unknown as Client).setRequestHandler('sampling/createMessage', answer as never),
  sample: (_, extra) =>
    (extra as Extra).mcpReq.send({
      method: 'sampling/createMessage',
      params: { messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 10 },
    }),
  progress: (extra, token) =>
    (extra as Extra).mcpReq.notify({
      method: 'notifications/progress',
      params: { progressToken: token, progress: 1, total: 2 },
    }),
};
