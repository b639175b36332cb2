import type { ScoreOptions } from '../model/score.js';
import type { FlushOptions, FlushResult } from '../model/sink.js';
import type { TraceData } from '../model/trace-data.js';
import { getClient } from './process-client.js';

/**
 * Sends what is queued now. Settles within `timeoutMs` (30,000 unless given) whatever the backend does; never
 * rejects. A bare number is seconds, as in the Python SDK.
 *
 * @example
 * ```ts
 * const { ok, pending } = await flush({ timeoutMs: 5000 });
 * ```
 */
export function flush(options?: FlushOptions | number): Promise<FlushResult> {
  return getClient().flush(options);
}

/**
 * Flushes, then records nothing more and lets go of the process.
 *
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
 * Scores a trace. A number or boolean is sent as text with its data type.
 *
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
 * Sends a trace that was put together elsewhere.
 *
 * @example
 * ```ts
 * logTrace(new TraceData({ name: 'imported-run', startedAt: new Date(), endedAt: new Date() }));
 * ```
 */
export function logTrace(trace: TraceData): void {
  getClient().logTrace(trace);
}
