import { getClient } from '../../client/global-client.js';
import type { Frame } from '../../engine/frame.js';
import { asBody, openSpan, openTrace } from '../../engine/open.js';
import { openFrame, resolve } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { SpanKind } from '../../model/kinds.js';
import type { AdapterOptions } from './options.js';

/** One step of a framework's run. */
export interface Step {
  readonly span: SpanNode;
  /** Only of a step outside of any trace: it is named like the step, and ends with it. */
  readonly trace: TraceNode | undefined;
}

/** Opens a step below what is current in `outside`, or in a trace of its own. Undefined where nothing is recorded. */
export function openStep(name: string, kind: SpanKind, options: AdapterOptions, outside: Frame): Step | undefined {
  const { metadata } = options;
  const current = resolve(outside);
  if (current !== undefined) {
    return { span: openSpan(current.trace, current.span, name, { kind, metadata }, asBody), trace: undefined };
  }
  const recorder = (options.client ?? getClient()).recorder();
  if (recorder === undefined) return undefined;
  const { sessionId, userId, tags } = options;
  const trace = openTrace(recorder, outside, name, { sessionId, userId, tags, metadata }, false);
  return { span: openSpan(trace, undefined, name, { kind, metadata }, asBody), trace };
}

/**
 * `frame`, where a trace of it is open. A connection's events run in the frame in which it was opened, perhaps long ago: a
 * trace that has ended since has nothing to do with them.
 */
export function ifOpen(frame: Frame): Frame {
  return openFrame(frame) ?? { ...frame, trace: undefined, span: undefined, body: undefined, history: undefined };
}
