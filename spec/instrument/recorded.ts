import { expect } from 'chai';
import type { MemorySink, SpanView, TraceView } from '../../lib/index.js';

/** The only trace there is. */
export function onlyTrace(memory: MemorySink): TraceView {
  expect(memory.traces).to.have.length(1);
  return memory.traces[0]!;
}

/** The spans of all traces. */
export function spansOf(memory: MemorySink): SpanView[] {
  return memory.traces.flatMap((one) => one.spans);
}
