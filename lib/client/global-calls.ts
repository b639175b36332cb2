import type { ScoreOptions } from '../model/score.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import { getClient } from './global-client.js';
import type { TraceData } from './recording/trace-data.js';

/**
 * Sends everything queued so far. Settles within `timeoutMs` (default 30,000) whatever the backend does; never
 * rejects. A bare number is seconds, as in the Python SDK.
 *
 * @param options - the time limit; a bare number is seconds
 * @returns the counts of all items recorded so far, and whether this flush delivered everything
 * @example
 * ```ts
 * const { ok, pending } = await flush({ timeoutMs: 5000 });
 * ```
 */
export function flush(options?: FlushOptions | number): Promise<FlushResult> {
  return getClient().flush(options);
}

/**
 * Ends the traces that are still open, and flushes. Then the client records nothing more and removes its listeners. Settles within
 * `timeoutMs` (default 30,000); never rejects. A second call returns the result of the first.
 *
 * @param options - how long it may take; a bare number is seconds
 * @returns how many of the recorded items were delivered, failed, dropped or are pending
 * @example
 * ```ts
 * process.once('SIGTERM', async () => {
 *   await shutdown({ timeoutMs: 2000 });
 *   process.exit(0);
 * });
 * ```
 */
export function shutdown(options?: FlushOptions | number): Promise<FlushResult> {
  return getClient().shutdown(options);
}

/**
 * Scores a trace of this or another process. A score that the backend would refuse is dropped with a warning.
 *
 * @param traceId - UUID of the trace
 * @param name - what the score measures, such as `accuracy`; 1 to 255 characters
 * @param value - a number or boolean is sent as text with its data type
 * @param options - its data type, a reason and metadata
 * @example
 * ```ts
 * const t = startTrace('agent');
 * t.end();
 * score(t.traceId, 'helpful', true, { reason: 'thumbs up' });
 * ```
 */
export function score(traceId: string, name: string, value: string | number | boolean, options?: ScoreOptions): void {
  getClient().score(traceId, name, value, options);
}

/**
 * Sends a trace that was recorded elsewhere. Sampling does not apply. Fields that the backend would refuse are repaired.
 *
 * @param trace - with all its spans
 * @example
 * ```ts
 * logTrace(new TraceData({ name: 'imported-run', startedAt: new Date(), endedAt: new Date() }));
 * ```
 */
export function logTrace(trace: TraceData): void {
  getClient().logTrace(trace);
}
