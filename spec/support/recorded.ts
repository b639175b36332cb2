import { MemorySink } from '../../lib/client/sinks/memory-sink.js';
import type { SpanView, TraceView } from '../../lib/client/sinks/trace-view.js';
import type { Options } from '../../lib/config/options.js';
import { init, shutdown } from '../../lib/index.js';

/** The traces and spans recorded since `record()`. */
export interface Recorded {
  readonly memory: MemorySink;
  readonly traces: readonly TraceView[];
  readonly spans: readonly SpanView[];
  /** The only recorded span. */
  readonly span: SpanView;
  /** The only recorded trace. */
  readonly trace: TraceView;
  /** Everything that would have been sent, as text. */
  readonly text: string;
}

/** Records with a process-wide client of its own. */
export function record(options: Options = {}): Recorded {
  const memory = new MemorySink();
  init({ sinks: [memory], ...options });
  return {
    memory,
    get traces() {
      return memory.traces;
    },
    get spans() {
      return memory.traces.flatMap((trace) => trace.spans);
    },
    get span() {
      return only(memory.traces.flatMap((trace) => trace.spans));
    },
    get trace() {
      return only(memory.traces);
    },
    get text() {
      return JSON.stringify(memory.traces);
    },
  };
}

function only<T>(items: readonly T[]): T {
  const [first] = items;
  if (first === undefined || items.length !== 1) throw new Error(`expected one, got ${items.length}`);
  return first;
}

/** Ends the recording that `record` has started. */
export async function stopRecording(): Promise<void> {
  await shutdown({ timeoutMs: 100 });
}

/** The error with which a promise rejects. */
export async function rejection(promise: PromiseLike<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

/** All items of a stream. */
export async function drain<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}
