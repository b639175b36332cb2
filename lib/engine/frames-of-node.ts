import type { Frame } from './frame.js';
import { live, liveInOpenTraces, withMark } from './history.js';
import { enter } from './scope.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** Whether the node is a span. Not by class, because another copy of this package in the process has classes of its own. */
export function isSpan(node: SpanNode | TraceNode): node is SpanNode {
  return 'trace' in node;
}

/** The frame in which the callback of a span or trace runs. */
export function callbackFrame(node: SpanNode | TraceNode, outside: Frame): Frame {
  return frameOf(node, outside, isSpan(node) ? node : undefined);
}

/** The frame that is current after a handle was opened. */
export function handleFrame(node: SpanNode | TraceNode, outside: Frame): Frame {
  return frameOf(node, outside, outside.callbackSpan);
}

function frameOf(node: SpanNode | TraceNode, outside: Frame, callbackSpan: SpanNode | undefined): Frame {
  const { ambient, history } = outside;
  if (!isSpan(node)) return { trace: node, span: undefined, ambient, callbackSpan, history: liveInOpenTraces(history) };
  const isMarked = node.isHandle && !node.ended;
  return {
    trace: node.trace,
    span: node,
    ambient,
    callbackSpan,
    history: isMarked ? withMark(node, history) : live(history),
  };
}

/**
 * Records in the caller's history that control has come past the start of `node`. Code that enters {@link callbackFrame}
 * must call this function when the callback has returned.
 */
export function markStart(node: SpanNode | TraceNode, outside: Frame): void {
  if (isSpan(node) && node.guess !== undefined) enter({ ...outside, history: withMark(node, outside.history) });
}
