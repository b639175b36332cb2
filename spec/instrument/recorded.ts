import { expect } from 'chai';
import type { MemorySink, SpanView, TraceView } from '../../lib/index.js';

/** An id of a trace, which is random, or of a span, which `traceparent` tells the whole of. */
export const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[48][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The only trace there is. */
export function onlyTrace(memory: MemorySink): TraceView {
  expect(memory.traces).to.have.length(1);
  return memory.traces[0]!;
}

/** The spans of all traces. */
export function spansOf(memory: MemorySink): SpanView[] {
  return memory.traces.flatMap((one) => one.spans);
}
