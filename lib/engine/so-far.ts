import type { CapturedSpan, CapturedText, CapturedTrace } from '../model/records.js';
import type { SpanNode } from './span-node.js';
import { type TraceNode, withError } from './trace-node.js';

/*
 * Records of a trace that has not ended, to be sent ahead of the final record.
 *
 * If the final record lacks a field that was sent ahead, the backend keeps the field, unless it is one of *What a repeat
 * overwrites* (backend-contract.md), such as an input. So the invariant is: every other field of a record here is also in the
 * final record, with the same or a later value.
 *
 *  - metadata only grows; but that of an open span is left out, because the code that records the span may still replace it;
 *  - a parent is left out while the span may still become a root;
 *  - nothing here changes the final record.
 */

/** The trace itself, without spans. */
export function traceSoFar(trace: TraceNode): CapturedTrace {
  const { recorder, moreMetadata, metadata } = trace;
  return {
    traceId: trace.traceId,
    name: trace.name,
    status: 'RUNNING',
    startedAt: trace.startedAt,
    endedAt: undefined,
    input: trace.input,
    output: trace.output,
    metadata: withError(trace.error, moreMetadata === undefined ? metadata : moreMetadata.mergedInto(metadata)),
    sessionId: trace.sessionId,
    userId: trace.userId,
    tags: trace.tags,
    environment: recorder.environment,
    release: recorder.release,
    spans: [],
  };
}

/** The record of one span: without an end while the span is open. @param output - what an open stream has produced so far */
export function spanSoFar(span: SpanNode, output: CapturedText | undefined): CapturedSpan {
  const { draft, moreMetadata } = span;
  if (isFinal(span) && moreMetadata === undefined) {
    draft.parentSpanId = span.decidedParent?.draft.spanId; // `handOver` sets the same
    return draft;
  }
  const parentSpanId = parentSoFar(span);
  if (!span.ended) return { ...draft, parentSpanId, output: output ?? draft.output, metadata: undefined };
  const metadata = moreMetadata === undefined ? draft.metadata : moreMetadata.mergedInto(draft.metadata);
  return { ...draft, parentSpanId, metadata };
}

/** Whether the span's record will not change any more. */
export function isFinal(span: SpanNode): boolean {
  return span.ended && span.guess === undefined;
}

/**
 * The parent for now; undefined if the span may still become a root. A guess may move to any span above it (see
 * `parent-resolution.ts`), but not out of the callback in which one of them was opened.
 */
function parentSoFar(span: SpanNode): string | undefined {
  const { parent } = span;
  let at = span.guess === undefined ? undefined : parent;
  while (at?.isHandle === true && !at.openedInCallback) {
    at = at.parent;
    if (at === undefined) return undefined;
  }
  return parent?.draft.spanId;
}
