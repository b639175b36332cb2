import { Client } from '../client/client.js';
import { swapClient } from '../client/global-client.js';
import { MemorySink } from '../client/sinks/memory-sink.js';
import type { ScoreView, TraceView } from '../client/sinks/trace-view.js';
import { errorText } from '../common/error-text.js';
import { UsageError } from '../common/errors.js';
import { currentFrame, within } from '../engine/scope.js';
import { treeSnapshot } from './tree-snapshot.js';

/** The result and the traces of one call of an agent. */
export interface RecordedRun<T> {
  /** The value that the function returned; undefined if it threw. */
  readonly value: T;
  /** The value that it threw, with `keepError`. */
  readonly error: unknown;
  /** The first trace it started. */
  readonly trace: TraceView;
  /** All traces it started and that have ended, in the order they started. */
  readonly traces: readonly TraceView[];
  readonly scores: readonly ScoreView[];
  /** The traces as text, without what differs from run to run: see {@link treeSnapshot}. */
  tree(): string;
}

/** How a run is recorded. */
export interface RecordRunOptions {
  /** Whether an error that the function throws is kept in `error` instead of being rethrown. @defaultValue false */
  readonly keepError?: boolean | undefined;
}

/** The client of all runs in progress. There is only one, because programs record with the process-wide client. */
interface Recording {
  readonly memory: MemorySink;
  readonly client: Client;
  readonly before: Client | undefined;
  runs: number;
}

let recording: Recording | undefined;

/**
 * Runs an agent and returns what was recorded of this one call. Nothing is sent: while the function runs, the process-wide client
 * keeps traces in memory; then the earlier client is back. Concurrent runs do not see each other's traces.
 *
 * @param fn - the call; its trace must end before it settles
 * @returns its value and its traces
 * @throws UsageError if it started no trace, with an error of `fn` as its `cause`; rethrows the error of `fn` unless `keepError` is true
 * @example
 * ```ts
 * import { withSpan, withTrace } from 'pandaprobe-ts';
 * import { recordRun } from 'pandaprobe-ts/testing';
 *
 * const run = await recordRun(() => withTrace('agent', () => withSpan('search', { kind: 'TOOL' }, () => 'found')));
 * console.log(run.value, run.tree()); // found agent\n└─ search TOOL
 * ```
 */
export async function recordRun<T>(
  fn: () => T | PromiseLike<T>,
  options: RecordRunOptions = {},
): Promise<RecordedRun<T>> {
  if (typeof fn !== 'function') throw new UsageError(`recordRun: expected a function to run, got ${typeof fn}`);
  const own = begin();
  const ids: string[] = [];
  try {
    const frame = currentFrame();
    const outer = frame.ambient.onTraceStarted;
    const noteTrace = (traceId: string) => {
      ids.push(traceId);
      outer?.(traceId);
    };
    // Otherwise a trace that is current here would get the spans of the call.
    const outside = { ...frame, trace: undefined, span: undefined, callbackSpan: undefined, history: undefined };
    const outcome = await outcomeOf(() =>
      within({ ...outside, ambient: { ...frame.ambient, onTraceStarted: noteTrace } }, fn),
    );
    if ('error' in outcome && options.keepError !== true) throw outcome.error;
    const ended = new Map(own.memory.traces.map((each) => [each.traceId, each]));
    const traces = ids.flatMap((traceId) => ended.get(traceId) ?? []);
    const [trace] = traces;
    if (trace === undefined) throw noTraceError(ids.length, 'error' in outcome ? { cause: outcome.error } : undefined);
    return {
      value: ('error' in outcome ? undefined : outcome.value) as T, // as documented
      error: 'error' in outcome ? outcome.error : undefined,
      trace,
      traces,
      scores: own.memory.scores.filter(({ traceId }) => ids.includes(traceId)),
      tree: () => traces.map((each) => treeSnapshot(each)).join('\n'),
    };
  } finally {
    end(own);
  }
}

function begin(): Recording {
  if (recording === undefined) {
    const memory = new MemorySink();
    const client = new Client({ sinks: [memory], enabled: true, sampleRate: 1 });
    recording = { memory, client, before: swapClient(client), runs: 0 };
  }
  recording.runs += 1;
  return recording;
}

function end(own: Recording): void {
  own.runs -= 1;
  if (own.runs > 0) return;
  recording = undefined;
  const current = swapClient(own.before);
  if (current !== own.client) swapClient(current); // the function has called init(): that client stays
  void own.client.shutdown();
}

async function outcomeOf<T>(
  fn: () => T | PromiseLike<T>,
): Promise<{ readonly value: T } | { readonly error: unknown }> {
  try {
    return { value: await fn() };
  } catch (error) {
    return { error };
  }
}

/** @param options - the error of a call that threw before it had a trace, as the cause */
function noTraceError(started: number, options: ErrorOptions | undefined): UsageError {
  const why =
    started === 0
      ? 'recordRun: no trace was started. Is the function traced (@trace, withTrace, startTrace)? A call of init() in it sends traces elsewhere'
      : `recordRun: traces were started (${started}), but none has ended: await what the agent does`;
  return new UsageError(options === undefined ? why : `${why}. It threw: ${errorText(options.cause)}`, options);
}
