import type { Frame } from '../frame.js';
import type { SpanNode } from '../span-node.js';
import { innerFrame } from './inner-frame.js';

/**
 * The frame for a framework's model call that an integration records as `span`. Wrapped provider clients record nothing in it
 * until the span has ended, so that the call is recorded once. The user's own spans nest as usual. A framework's event may leave
 * this frame current in code that runs after the call.
 */
export function modelFrame(span: SpanNode, outside: Frame): Frame {
  const frame = innerFrame(span, outside);
  return { ...frame, ambient: { ...frame.ambient, modelSpan: span } };
}
