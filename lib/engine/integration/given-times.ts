import { isTime } from '../../model/limits.js';
import { createSpan } from '../create-span.js';
import type { SpanOptions } from '../handles.js';
import type { SpanNode } from '../span-node.js';
import type { TraceNode } from '../trace-node.js';

/** Where and when a step began, as the framework reports it. */
interface GivenPlace {
  readonly trace: TraceNode;
  /** The parent span; undefined makes a root of the trace. */
  readonly parent: SpanNode | undefined;
  /** Milliseconds since the epoch. @defaultValue now */
  readonly startedAt?: number | undefined;
  /** Whether the step may stay current in code that is not part of it, as a handle may. @defaultValue false */
  readonly isHandle?: boolean;
}

/**
 * Opens a span below the given parent, whatever is current: a framework's event names its parent by an id. The span is not made
 * current; `toolFrame` and `modelFrame` do that for the code that runs in it.
 */
export function openGivenSpan(place: GivenPlace, name: string, options: SpanOptions): SpanNode {
  const { startedAt, isHandle = false } = place;
  const span = createSpan(place.trace, place.parent, name, options, { isHandle, hasExplicitParent: true });
  if (isTime(startedAt) && !isNow(startedAt, span.draft.startedAt)) span.draft.startedAt = startedAt;
  return span;
}

/**
 * Whether a framework's start time, which may be ahead of our clock by up to 1 ms, means now. (Frameworks read a clock of whole
 * milliseconds.) If the span began at that later time, its children might begin before it.
 */
function isNow(at: number, now: number): boolean {
  return at > now && at - now <= 1;
}

/** Ends a span at a given time (milliseconds since the epoch), and never before it began. */
export function endSpanAt(span: SpanNode, endedAt: number | undefined): void {
  span.end(isTime(endedAt) ? Math.max(endedAt, span.draft.startedAt) : undefined);
}
