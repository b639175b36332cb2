import { silentLog } from '../../lib/common/log.js';
import { Call } from '../../lib/engine/call.js';
import { createTrace } from '../../lib/engine/create-span.js';
import type { SpanHandle, TraceHandle, TraceOptions } from '../../lib/engine/handles.js';
import { enterTrace, traceHandle } from '../../lib/engine/live-handles.js';
import type { Recorder } from '../../lib/engine/recorder.js';
import { currentFrame } from '../../lib/engine/scope.js';
import type { JsonText, LateSpansRecord, SpanRecord, TraceRecord } from '../../lib/model/records.js';

/** A recorder that keeps what the engine hands over. Its clock counts up by one. */
export function createRecording() {
  const traces: TraceRecord[] = [];
  const late: LateSpansRecord[] = [];
  let now = 0;
  const recorder: Recorder = {
    log: silentLog,
    environment: undefined,
    release: undefined,
    maxValueBytes: 1 << 20,
    captureInput: true,
    captureOutput: true,
    clock: {
      now: () => {
        now += 1;
        return now;
      },
      anchorAt: () => 0,
    },
    value: (value) => JSON.stringify(value) as JsonText | undefined,
    captured: (value) => JSON.stringify(value) as JsonText | undefined,
    text: (text) => text,
    opened() {},
    ended(_trace, record) {
      traces.push(record as TraceRecord); // all texts are JSON here
      return true;
    },
    late(record) {
      late.push(record as LateSpansRecord); // all texts are JSON here
    },
  };
  return {
    recorder,
    traces,
    late,
    startTrace(name = 'T', options?: TraceOptions): TraceHandle {
      const outside = currentFrame();
      return enterTrace(createTrace(recorder, outside, name, options, true), outside);
    },
    withTrace<R>(fn: (trace: TraceHandle) => R, name = 'T'): R {
      const outside = currentFrame();
      const node = createTrace(recorder, outside, name, undefined, false);
      return new Call(node, outside, fn, traceHandle(node)).run();
    },
    /** All finished traces as text. */
    tree: () => traces.map(treeOf).join(' '),
  };
}

/** A finished trace as `T(a(b), c)`: siblings in the order they were opened, `!` after each unfinished span. */
export function treeOf(trace: TraceRecord): string {
  return writeTree(trace.name, trace.spans, undefined);
}

function writeTree(name: string, spans: readonly SpanRecord[], parent: string | undefined): string {
  const children = spans
    .filter((span) => span.parentSpanId === parent)
    .map((span) => writeTree(`${span.name}${isUnfinished(span) ? '!' : ''}`, spans, span.spanId));
  return children.length === 0 ? name : `${name}(${children.join(', ')})`;
}

function isUnfinished(span: SpanRecord): boolean {
  return span.metadata?.includes('"pandaprobe.unfinished":true') === true;
}

/** Waits for `turns` turns of the event loop. */
export async function turns(count = 1): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

export type { SpanHandle, TraceHandle };
