// Compiled, not run: what is wrapped keeps its type, in both generations of MCP, and what is handed over fits the framework.
import { Client } from '@modelcontextprotocol/client';
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js';
import { Server as OlderLowLevelServer } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer as OlderServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { McpServer, type Server } from '@modelcontextprotocol/server';
import * as agents from '@openai/agents';
import { type MCPOptions, unwrap, wrapMCPClient, wrapMCPServer } from '../../lib/integrations/mcp.js';
import { OpenAIAgentsAdapter } from '../../lib/integrations/openai-agents.js';

const info = { name: 'a', version: '1.0.0' };
const options: MCPOptions = { sessionId: 's', captureInput: false, resources: true };

export const client: Client = wrapMCPClient(new Client(info), options);
export const olderClient: OlderClient = unwrap(wrapMCPClient(new OlderClient(info)));
export const server: McpServer = wrapMCPServer(new McpServer(info), options);
export const lowLevel: Server = wrapMCPServer(server.server);
export const olderServer: OlderServer = wrapMCPServer(new OlderServer(info));
export const olderLowLevel: OlderLowLevelServer = wrapMCPServer(new OlderLowLevelServer(info));
// @ts-expect-error a server is no client
wrapMCPClient(new McpServer(info));
// @ts-expect-error a client is no server
wrapMCPServer(new Client(info));
// @ts-expect-error there is no such option
wrapMCPClient(client, { streamUsage: true });

const adapter = new OpenAIAgentsAdapter({ showInternals: true });
export const isRecorded: Promise<boolean> = adapter.instrument(agents);
agents.setTraceProcessors([adapter.createTraceProcessor()]);
// @ts-expect-error there is no such option
new OpenAIAgentsAdapter({ resources: true });
