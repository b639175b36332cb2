import { unwrap as unwrapObject, wrapOnce } from '../calls/patch.js';
import { patchClient } from './mcp/client.js';
import type { MCPOptions } from './mcp/options.js';
import { patchServer } from './mcp/server.js';

export type { AdapterOptions } from './adapter/options.js';
export type { MCPOptions } from './mcp/options.js';

/** The recorded parts of an MCP client: `Client` of `@modelcontextprotocol/sdk` 1.x or of `@modelcontextprotocol/client` 2.x. */
export interface MCPClient {
  readonly callTool: object;
  readonly request: object;
}

/**
 * The recorded parts of an MCP server: `McpServer` or the `Server` in it, of `@modelcontextprotocol/sdk` 1.x or of
 * `@modelcontextprotocol/server` 2.x.
 */
export type MCPServer = { readonly server: MCPLowLevelServer } | MCPLowLevelServer;

/** The part of an MCP server that takes requests. */
export interface MCPLowLevelServer {
  readonly setRequestHandler: object;
  readonly getClientCapabilities: object;
}

const warningWords = { calls: 'tool calls', page: 'docs/integrations.md' };

/**
 * Records every tool call of an MCP client as a TOOL span: a child of the current span, or in a trace of its own. A result with
 * `isError` makes the span ERROR. A server that is wrapped too, here or in another process, and reports to the same project, adds
 * its spans to the same trace.
 *
 * The client itself is changed and returned; its results and errors stay the same. Wrapping twice changes nothing; `unwrap`
 * undoes it.
 *
 * @param client - the client to record, connected or not
 * @param options - what is recorded, and by which client
 * @returns the same client, of the same type
 * @throws UsageError `ERR_USAGE` if the client or the options are invalid
 * @example
 * ```ts
 * import { Client } from '@modelcontextprotocol/sdk/client/index.js';
 * import { wrapMCPClient } from 'pandaprobe-ts/integrations/mcp';
 *
 * const client = wrapMCPClient(new Client({ name: 'agent', version: '1.0.0' }));
 * ```
 */
export function wrapMCPClient<T extends MCPClient>(client: T, options: MCPOptions = {}): T {
  return wrapOnce(client, 'an MCP client', options, (patches, own) => patchClient(client, patches, own), warningWords);
}

/**
 * Records every tool call that an MCP server answers as a TOOL span: in the trace of the calling client, if that is wrapped and
 * reports to the same project, else in a trace of its own. Spans and wrapped clients in the tool nest in it.
 *
 * The server itself is changed and returned; tools may be registered before or after. Wrapping twice changes nothing; `unwrap`
 * undoes it.
 *
 * @param server - the server to record, connected or not
 * @param options - what is recorded, and by which client
 * @returns the same server, of the same type
 * @throws UsageError `ERR_USAGE` if the server or the options are invalid
 * @example
 * ```ts
 * import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
 * import { wrapMCPServer } from 'pandaprobe-ts/integrations/mcp';
 *
 * const server = wrapMCPServer(new McpServer({ name: 'weather', version: '1.0.0' }));
 * ```
 */
export function wrapMCPServer<T extends MCPServer>(server: T, options: MCPOptions = {}): T {
  const inner = lowLevel(server);
  wrapOnce(inner, 'an MCP server', options, (patches, own) => patchServer(inner, patches, own), warningWords);
  return server;
}

/**
 * Undoes the wrapping of a client or server. Running calls are recorded to their end. An object that is not wrapped is returned
 * unchanged.
 *
 * @param wrapped - a client or server, wrapped or not
 * @returns the same object
 * @example
 * ```ts
 * import { Client } from '@modelcontextprotocol/sdk/client/index.js';
 * import { unwrap, wrapMCPClient } from 'pandaprobe-ts/integrations/mcp';
 *
 * const client = wrapMCPClient(new Client({ name: 'agent', version: '1.0.0' }));
 * unwrap(client);
 * ```
 */
export function unwrap<T extends object>(wrapped: T): T {
  unwrapObject(lowLevel(wrapped));
  return wrapped;
}

/** The inner server, which takes the requests. Only this one is patched, so a server is not patched twice in its two forms. */
function lowLevel<T extends object>(given: T): object {
  const { server } = Object(given) as { readonly server?: unknown };
  return typeof server === 'object' && server !== null ? server : given;
}
