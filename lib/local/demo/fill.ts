import { newId } from '../../common/ids.js';
import type { Api } from '../api/api.js';
import { type DemoRun, type DemoTrace, drafted } from './draft.js';
import { failingRun, pipelineRun, researchRun } from './single-runs.js';
import { supportRuns } from './support-run.js';

const minuteMs = 60_000;
/** The age of the oldest run. */
const historyMs = 24 * 60 * minuteMs;

/** A run and when it happened. */
interface Planned {
  readonly run: DemoRun;
  readonly at: number;
  readonly pace: number;
}

/**
 * Sends about `count` made-up runs, spread over the last day, the newest just now: conversations of three turns,
 * research with parallel searches, failures and a nightly pipeline. Gives the ids of the traces, in the order they started.
 */
export async function fillWithRuns(api: Api, count: number, now: number): Promise<string[]> {
  const ids: string[] = [];
  for (const { run, at, pace } of plan(count, now)) {
    const trace = drafted(run, at, newId, pace);
    await api.send('POST', '/traces', trace);
    if (run.score !== undefined) await sendScore(api, trace.trace_id, run.score);
    ids.push(trace.trace_id);
  }
  return ids;
}

/** Plans the runs. The result is the same for the same count, except for the times. */
function plan(count: number, now: number): Planned[] {
  const planned: Planned[] = [];
  for (let round = 0; planned.length < count; round += 1) {
    const back = now - minuteMs - (round * historyMs) / Math.max(1, Math.ceil(count / 6));
    // Multiples of the golden ratio, which look random.
    const pace = 0.7 + ((round * 0.618_034) % 1) * 0.9;
    const session = `chat-${1042 - round}`;
    supportRuns(session).forEach((run, turn) => {
      planned.push({ run, at: back - (2 - turn) * 40_000, pace });
    });
    planned.push({ run: researchRun, at: back - 7 * minuteMs, pace });
    if (round % 2 === 0) planned.push({ run: failingRun, at: back - 12 * minuteMs, pace });
    if (round % 3 === 1) planned.push({ run: pipelineRun, at: back - 20 * minuteMs, pace });
  }
  return planned.slice(0, count).sort((a, b) => a.at - b.at);
}

/**
 * Sends one run as it happens, so that a viewer sees it grow: the trace when it starts, each span when it starts and
 * once more when it ends. Gives the id of the trace at once, and when it is done.
 */
export function sendLive(
  api: Api,
  now: () => number,
  signal: AbortSignal,
): { readonly traceId: string; readonly done: Promise<void> } {
  const trace = drafted(researchRun, now(), newId);
  return { traceId: trace.trace_id, done: play(api, trace, now, signal) };
}

async function play(api: Api, trace: DemoTrace, now: () => number, signal: AbortSignal): Promise<void> {
  const { spans, ended_at: ended, status, output, ...start } = trace;
  await api.send('POST', '/traces', { ...start, status: 'RUNNING' });
  const moments = spans.flatMap((span) => {
    const { ended_at: end, output: _, error, token_usage, cost, status: __, completion_start_time, ...open } = span;
    return [
      { at: Date.parse(span.started_at), span: open as object },
      { at: Date.parse(end), span },
    ];
  });
  for (const { at, span } of moments.sort((a, b) => a.at - b.at)) {
    await wait(at - now(), signal);
    if (signal.aborted) return;
    await api.send('POST', `/traces/${trace.trace_id}/spans`, [span]);
  }
  await api.send('PATCH', `/traces/${trace.trace_id}`, { ended_at: ended, status, output });
}

async function sendScore(api: Api, traceId: string, score: NonNullable<DemoRun['score']>): Promise<void> {
  await api.send('POST', '/evaluations/trace-scores', { trace_id: traceId, source: 'PROGRAMMATIC', ...score });
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (ms <= 0 || signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
