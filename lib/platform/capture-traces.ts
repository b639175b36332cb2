import { UsageError } from '../common/errors.js';
import { currentFrame, within } from '../engine/scope.js';

/** Options of `captureTraces`. */
export interface CaptureTracesOptions {
  /** Most ids that are collected; later ones are left out. @defaultValue 1,000 */
  readonly maxTraces?: number | undefined;
}

/** The result of a function, and the traces that it started. */
export interface CapturedTraces<T> {
  /** The function's result. */
  readonly value: T;
  /** The ids of the traces that were started, in this order. */
  readonly traceIds: readonly string[];
}

/**
 * Runs `fn` and collects the ids of all traces that `fn` and the code it calls start, until its result has settled. Use the ids
 * to wait for the traces, or to evaluate them. Traces that sampling leaves out are not collected.
 *
 * @param fn - gets the ids, which grow while it runs
 * @returns the result of `fn`, and the ids
 * @throws what `fn` throws
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
    isOver = true; // code that still runs stays in this scope, but reports only to the scopes around it
  }
}
