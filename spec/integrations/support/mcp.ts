import type { MCPClient, MCPServer } from '../../../lib/integrations/mcp.js';

/** Both generations of the MCP packages, as far as the specs use them, in one shape. */
export interface Mcp {
  client(capabilities?: object): McpClient;
  server(name?: string): McpServer;
  pair(): [unknown, unknown];
  /** A transport to `program` as a child process. */
  stdio(program: string, env: Record<string, string>): unknown;
  /** A transport to a server that `listen` has started. */
  http(url: string): unknown;
  /** Serves on 127.0.0.1; each connection gets a server of its own. */
  listen(make: () => McpServer): Promise<{ readonly url: string; close(): Promise<void> }>;
  /** Has the client answer what a server asks its model for. */
  onSampling(client: McpClient, answer: (request: unknown) => Promise<unknown>): void;
  /** Asks the client's model, from within a tool. */
  sample(server: McpServer, extra: unknown): Promise<unknown>;
  /** Tells how far a tool is. */
  progress(extra: unknown, token: unknown): Promise<void>;
}

export interface McpClient extends MCPClient {
  connect(transport: unknown): Promise<void>;
  close(): Promise<void>;
  callTool(params: ToolCall, options?: RequestOptions): Promise<ToolResult>;
  request(request: object, ...rest: unknown[]): Promise<unknown>;
  listTools(): Promise<{ tools: { name: string }[] }>;
  readResource(params: { uri: string }): Promise<unknown>;
  getPrompt(params: { name: string; arguments?: object }): Promise<unknown>;
}

export interface ToolCall {
  name: string;
  arguments?: Record<string, unknown>;
  _meta?: Record<string, unknown>;
}

export interface RequestOptions {
  signal?: AbortSignal;
  timeout?: number;
  onprogress?: (progress: unknown) => void;
}

export interface ToolResult {
  content: { type: string; text?: string }[];
  isError?: boolean;
  structuredContent?: unknown;
}

export type Tool = (args: Record<string, never>, extra: unknown) => unknown;

export type McpServer = MCPServer & {
  readonly server: object & { readonly setRequestHandler: object; readonly getClientCapabilities: object };
  connect(transport: unknown): Promise<void>;
  close(): Promise<void>;
  registerTool(name: string, config: object, tool: Tool): unknown;
  registerResource(name: string, uri: string, config: object, read: (uri: URL) => unknown): unknown;
  registerPrompt(name: string, config: object, get: (args: never) => unknown): unknown;
};

/** The generations, by the name in a title. */
export const generations = { '1.x': './mcp-1.js', '2.x': './mcp-2.js' } as const;

/** Loads a generation, which only works where it is installed. */
export async function loadMcp(file: string): Promise<Mcp> {
  const { mcp } = (await import(file)) as { mcp: Mcp }; // what each of the two files exports
  return mcp;
}
