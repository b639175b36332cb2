import { bodyFrame } from '../call.js';
import type { Frame } from '../frame.js';
import type { SpanNode } from '../span-node.js';

/**
 * The frame in which a framework's model call runs that an integration records as `span`: wrapped provider clients record
 * nothing in it, so that the call is recorded once. Spans of the user's own nest in it as ever.
 */
export function modelFrame(span: SpanNode, outside: Frame): Frame {
  const frame = bodyFrame(span, outside);
  return { ...frame, who: { ...frame.who, suppressesProviderSpans: true } };
}
