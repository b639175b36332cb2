import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer as Server } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolResultSchema,
  CreateMessageRequestSchema,
  CreateMessageResultSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { Mcp, McpClient, McpServer, RequestOptions, ToolCall } from './mcp.js';

/** The second argument of `callTool` is a schema in this generation. */
class OlderClient extends Client {
  override callTool(params: ToolCall, options?: unknown): never {
    return super.callTool(params, CallToolResultSchema, options as RequestOptions) as never;
  }
}

type Extra = {
  sendRequest(request: object, schema: object): Promise<unknown>;
  sendNotification(notification: object): Promise<void>;
};

/** `@modelcontextprotocol/sdk`. */
export const mcp: Mcp = {
  client: (capabilities = {}) =>
    new OlderClient({ name: 'agent', version: '1.0.0' }, { capabilities }) as unknown as McpClient,
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
    const transports = new Map<string, StreamableHTTPServerTransport>();
    const server = createServer({ keepAliveTimeout: 60_000 }, async (request, response) => {
      const known = transports.get(String(request.headers['mcp-session-id']));
      if (known !== undefined) return known.handleRequest(request, response);
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => void transports.set(id, transport),
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
    (client as unknown as Client).setRequestHandler(CreateMessageRequestSchema, answer as never),
  sample: (_, extra) =>
    (extra as Extra).sendRequest({ method: 'sampling/createMessage', params: question }, CreateMessageResultSchema),
  progress: (extra, token) =>
    (extra as Extra).sendNotification({
      method: 'notifications/progress',
      params: { progressToken: token, progress: 1, total: 2 },
    }),
};

const question = { messages: [{ role: 'user', content: { type: 'text', text: 'Hi' } }], maxTokens: 10 };
