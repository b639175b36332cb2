/**
 * Records the tool calls of MCP clients and servers, from `pandaprobe-ts/integrations/mcp`.
 *
 * How to use it: [integrations](../../integrations.md).
 *
 * @module
 */
export * from '../../../lib/integrations/mcp.js';
