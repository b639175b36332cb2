import { callbackFrame } from '../call.js';
import type { Frame } from '../frame.js';
import type { SpanNode } from '../span-node.js';

/**
 * The frame in which a framework's model call runs that an integration records as `span`: wrapped provider clients record
 * nothing in it until the span has ended, so that the call is recorded once. Spans of the user's own nest in it as ever. An
 * event of a framework's may leave the frame current in what runs after the call.
 */
export function modelFrame(span: SpanNode, outside: Frame): Frame {
  const frame = callbackFrame(span, outside);
  return { ...frame, ambient: { ...frame.ambient, modelSpan: span } };
}
