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
 * What of an MCP server is recorded: `McpServer` or the `Server` in it, of `@modelcontextprotocol/sdk` 1.x or of
 * `@modelcontextprotocol/server` 2.x.
 */
export type MCPServer = { readonly server: MCPLowLevelServer } | MCPLowLevelServer;

/** The part of an MCP server that takes requests. */
export interface MCPLowLevelServer {
  readonly setRequestHandler: object;
  readonly getClientCapabilities: object;
}

const said = { calls: 'tool calls', page: 'docs/integrations.md' };

/**
 * Records every tool call of an MCP client as a TOOL span: below what is current, or in a trace of its own. A result with
 * `isError` makes the span ERROR. A server that is wrapped too, here or in another process, and reports to the same project,
 * adds its spans to the same trace.
 *
 * The client itself is changed and returned; what it gives and how it fails stay the same. Wrapping twice changes nothing;
 * `unwrap` takes it back.
 *
 * @param client - the client to record, connected or not
 * @param options - what is recorded, and by whom
 * @returns the same client, of the same type
 * @throws UsageError `ERR_USAGE` when it is given no client, or options that cannot be used
 * @example
 * ```ts
 * import { Client } from '@modelcontextprotocol/sdk/client/index.js';
 * import { wrapMCPClient } from 'pandaprobe-ts/integrations/mcp';
 *
 * const client = wrapMCPClient(new Client({ name: 'agent', version: '1.0.0' }));
 * ```
 */
export function wrapMCPClient<T extends MCPClient>(client: T, options: MCPOptions = {}): T {
  return wrapOnce(client, 'an MCP client', options, (patches, own) => patchClient(client, patches, own), said);
}

/**
 * Records every tool call that an MCP server answers as a TOOL span: in the trace of the client that calls, where that is
 * wrapped and reports to the same project, else in a trace of its own. Spans and wrapped clients in the tool nest in it.
 *
 * The server itself is changed and returned; tools may be registered before or after. Wrapping twice changes nothing;
 * `unwrap` takes it back.
 *
 * @param server - the server to record, connected or not
 * @param options - what is recorded, and by whom
 * @returns the same server, of the same type
 * @throws UsageError `ERR_USAGE` when it is given no server, or options that cannot be used
 * @example
 * ```ts
 * import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
 * import { wrapMCPServer } from 'pandaprobe-ts/integrations/mcp';
 *
 * const server = wrapMCPServer(new McpServer({ name: 'weather', version: '1.0.0' }));
 * ```
 */
export function wrapMCPServer<T extends MCPServer>(server: T, options: MCPOptions = {}): T {
  const within = lowLevel(server);
  wrapOnce(within, 'an MCP server', options, (patches, own) => patchServer(within, patches, own), said);
  return server;
}

/**
 * Makes a wrapped client or server what it was before. Calls that are running are recorded to their end. One that is not
 * wrapped stays as it is.
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

/** The inner server, which takes the requests. It is what is patched, so both forms of a server are patched once. */
function lowLevel<T extends object>(given: T): object {
  const { server } = Object(given) as { readonly server?: unknown };
  return typeof server === 'object' && server !== null ? server : given;
}
