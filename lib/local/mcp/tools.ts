import { sessionTools } from './session-tools.js';
import { stepTools } from './step-tools.js';
import type { McpTool } from './tool.js';
import { compareTool, traceTools } from './trace-tools.js';

/** The tools, in the order in which an agent reads them. */
export const mcpTools: readonly McpTool[] = [...traceTools, ...stepTools, ...sessionTools, compareTool];
