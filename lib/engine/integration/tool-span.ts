import type { Frame } from '../frame.js';
import { parentIn } from '../scope.js';
import type { SpanNode } from '../span-node.js';
import { innerFrame } from './inner-frame.js';

/**
 * The frame for a tool call that an integration records as `span`. Spans and wrapped clients in the tool nest as usual. If the
 * tool only calls its server by MCP, that call is recorded in `span`.
 */
export function toolFrame(span: SpanNode, outside: Frame): Frame {
  const frame = innerFrame(span, outside);
  return { ...frame, ambient: { ...frame.ambient, toolSpan: span } };
}

/**
 * The span in which an integration already records the call of this tool. The names may differ by a prefix, because frameworks
 * put the server's name in front of the tool's. If the tool has another name, it is a different tool that is called within the
 * first one.
 */
export function toolSpanIn(frame: Frame, tool: string): SpanNode | undefined {
  const { toolSpan } = frame.ambient;
  if (toolSpan === undefined || toolSpan.ended || parentIn(frame) !== toolSpan) return undefined;
  const { name } = toolSpan.draft;
  const isSame = name === tool || (name.endsWith(tool) && /\W|_/.test(name.charAt(name.length - tool.length - 1)));
  return isSame ? toolSpan : undefined;
}
