import { LocalFailure } from '../failure.js';

/** A request as the SDK passes it to handlers. */
interface McpRequest {
  readonly params?: { readonly name?: string; readonly arguments?: Readonly<Record<string, unknown>> } | undefined;
}

/** The part of the official SDK's server in use. */
interface McpServer {
  /** By method in 2.x, by schema in 1.x. */
  setRequestHandler(
    method: unknown,
    handler: (request: McpRequest, extra?: { readonly signal?: AbortSignal }) => Promise<object>,
  ): void;
  connect(transport: object): Promise<void>;
  close(): Promise<void>;
}

/** The parts of the SDK, of whichever generation is installed. */
interface McpSdk {
  readonly Server: new (info: object, options: object) => McpServer;
  readonly StdioServerTransport: new () => object;
  readonly listTools: unknown;
  readonly callTool: unknown;
}

/**
 * Loads the official SDK, which users install themselves: `@modelcontextprotocol/server` (2.x), else `@modelcontextprotocol/sdk`.
 *
 * @throws LocalFailure if neither is installed; it says what to do
 */
export async function loadSdk(): Promise<McpSdk> {
  try {
    return await newer();
  } catch {
    try {
      return await older();
    } catch (error) {
      const how = 'npx -y -p pandaprobe-ts -p @modelcontextprotocol/server pandaprobe-ts mcp';
      throw new LocalFailure('failed', `mcp needs the official SDK beside it: ${how}`, { cause: error });
    }
  }
}

async function newer(): Promise<McpSdk> {
  // @ts-expect-error: only users of the command have this package
  const { Server } = await import('@modelcontextprotocol/server');
  // @ts-expect-error: see above
  const { StdioServerTransport } = await import('@modelcontextprotocol/server/stdio');
  return { Server, StdioServerTransport, listTools: 'tools/list', callTool: 'tools/call' };
}

async function older(): Promise<McpSdk> {
  // @ts-expect-error: see above
  const { Server } = await import('@modelcontextprotocol/sdk/server/index.js');
  // @ts-expect-error: see above
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
  // @ts-expect-error: see above
  const types = await import('@modelcontextprotocol/sdk/types.js');
  return {
    Server,
    StdioServerTransport,
    listTools: types.ListToolsRequestSchema,
    callTool: types.CallToolRequestSchema,
  };
}
