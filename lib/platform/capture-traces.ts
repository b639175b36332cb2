import { UsageError } from '../common/errors.js';
import { currentFrame, within } from '../engine/scope.js';

/** How many ids are noted. */
export interface CaptureTracesOptions {
  /** Most ids that are noted; those after them are left out. @defaultValue 1,000 */
  readonly maxTraces?: number | undefined;
}

/** What was started in a scope. */
export interface CapturedTraces<T> {
  /** What the function gave. */
  readonly value: T;
  /** The ids of the traces that were started, in this order. */
  readonly traceIds: readonly string[];
}

/**
 * Notes the ids of the traces that `fn`, and what it starts, begin until what it gives is settled: to wait for them, or to
 * evaluate them. Traces that sampling leaves out do not count, and nothing is noted where nothing is recorded.
 *
 * @param fn - gets the ids, which grow while it runs
 * @returns what `fn` gives, and the ids; what `fn` throws is thrown
 * @example
 * ```ts
 * import { withTrace } from 'pandaprobe-ts';
 * import { captureTraces } from 'pandaprobe-ts/platform';
 *
 * const { value, traceIds } = await captureTraces(() => withTrace('agent', async () => 'done'));
 * console.log(value, traceIds.length); // done 1
 * ```
 */
export async function captureTraces<T>(
  fn: (traceIds: readonly string[]) => T | PromiseLike<T>,
  { maxTraces = 1000 }: CaptureTracesOptions = {},
): Promise<CapturedTraces<T>> {
  if (typeof fn !== 'function') throw new UsageError(`captureTraces: expected a function to run, got ${typeof fn}`);
  const traceIds: string[] = [];
  const frame = currentFrame();
  const outer = frame.ambient.onTraceStarted;
  let isOver = false;
  const noteTrace = (traceId: string) => {
    if (!isOver && traceIds.length < maxTraces) traceIds.push(traceId);
    outer?.(traceId);
  };
  try {
    const value = await within({ ...frame, ambient: { ...frame.ambient, onTraceStarted: noteTrace } }, () =>
      fn(traceIds),
    );
    return { value, traceIds };
  } finally {
    isOver = true; // code that still runs keeps the scope, and reports only to the scopes around it
  }
}
