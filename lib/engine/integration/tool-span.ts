import { callbackFrame } from '../call.js';
import type { Frame } from '../frame.js';
import { parentIn } from '../scope.js';
import type { SpanNode } from '../span-node.js';

/**
 * The frame in which a tool runs that an integration records as `span`. Spans and wrapped clients in the tool nest as ever;
 * where the tool does nothing but call its server by MCP, that call is merged into `span`.
 */
export function toolFrame(span: SpanNode, outside: Frame): Frame {
  const frame = callbackFrame(span, outside);
  return { ...frame, ambient: { ...frame.ambient, toolSpan: span } };
}

/**
 * The span in which an integration records the call of this tool already. Frameworks put the server's name in front of the
 * tool's; a tool of another name is one that this one uses.
 */
export function toolSpanIn(frame: Frame, tool: string): SpanNode | undefined {
  const { toolSpan } = frame.ambient;
  if (toolSpan === undefined || toolSpan.ended || parentIn(frame) !== toolSpan) return undefined;
  const { name } = toolSpan.draft;
  const isSame = name === tool || (name.endsWith(tool) && /\W|_/.test(name.charAt(name.length - tool.length - 1)));
  return isSame ? toolSpan : undefined;
}
