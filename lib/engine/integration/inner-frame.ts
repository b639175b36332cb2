import type { Frame } from '../frame.js';
import { callbackFrame, handleFrame } from '../frames-of-node.js';
import type { SpanNode } from '../span-node.js';

/** The frame for the code in a span that an integration has opened, which may be a handle. */
export function innerFrame(span: SpanNode, outside: Frame): Frame {
  return span.isHandle ? handleFrame(span, outside) : callbackFrame(span, outside);
}
