import { Api, type ApiTrace } from '../api/api.js';
import { projectsAt } from '../api/projects-at.js';
import { type Command, type CommandContext, hasOption, serverOptions, wholeOption } from '../command-line/command.js';
import { printable, table } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { traceRow } from './list.js';

/** `tail`: each trace as it comes in or changes. */
export const tail: Command = {
  name: 'tail',
  summary: 'print traces as they come in, until it is stopped',
  options: { count: { type: 'string', value: '<n>', about: 'stop after this many lines' }, ...serverOptions },
  examples: [
    ['pandaprobe-ts tail', 'every trace, with each change, until Ctrl+C'],
    ['pandaprobe-ts tail --count 1 --json', 'wait for the next trace'],
  ],
  async run(context) {
    const most = wholeOption(context, 'count', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
    const api = await Api.of(context, true);
    const projects = await projectsAt(api);
    if (projects === undefined)
      throw new LocalFailure('usage', `tail follows a local server, and ${api.endpoint} is none`);
    if (!projects.some(({ name }) => name === api.project))
      context.terminal.note(`There is no project ${printable(api.project)} yet: waiting for its first trace.`);
    const ending = new AbortController();
    const signal = AbortSignal.any([context.signal, ending.signal]);
    let printed = 0;
    try {
      for await (const traceId of changes(api, signal)) {
        if (await print(context, api, traceId)) printed += 1;
        if (printed >= most) break;
      }
    } finally {
      ending.abort();
    }
    if (!context.signal.aborted && printed < most) {
      throw new LocalFailure('unreachable', `The server at ${api.endpoint} has ended.`);
    }
  },
};

/** The ids of traces that have changed, as the server reports them, until the signal is aborted or the server ends. */
export async function* changes(api: Api, signal: AbortSignal): AsyncGenerator<string> {
  try {
    const { body } = await api.stream('/local/events', { project: api.project }, signal);
    if (body === null) return;
    let rest = '';
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        const { trace_id: traceId } = JSON.parse(line.slice(6)) as { trace_id: string }; // this program's own event
        if (traceId !== '') yield traceId; // else the project was removed
      }
    }
  } catch (error) {
    if (error instanceof LocalFailure) throw error;
    // Cut off: by the signal, or with the server.
  }
}

async function print(context: CommandContext, api: Api, traceId: string): Promise<boolean> {
  const trace = await api.getIfThere<ApiTrace>(`/traces/${traceId}`);
  if (trace === undefined) return false; // removed
  const { spans, ...rest } = trace;
  const latency = rest.ended_at === null ? null : Date.parse(rest.ended_at) - Date.parse(rest.started_at);
  const item: TraceListItem = { ...rest, latency_ms: latency, span_count: spans.length };
  const { out, paint } = context.terminal;
  out(hasOption(context, 'json') ? JSON.stringify(trace) : (table([traceRow(item, paint)])[0] ?? ''));
  return true;
}
