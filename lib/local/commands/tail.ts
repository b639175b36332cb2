import { Api, type ApiTrace } from '../api/api.js';
import { projectsAt } from '../api/projects-at.js';
import { type Command, type CommandContext, hasOption, serverOptions, wholeOption } from '../command-line/command.js';
import { printable, table } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { traceRow } from './list.js';

/** `tail`: each trace as it comes in or changes, of one project if it is named, else of all. */
export const tail: Command = {
  name: 'tail',
  summary: 'print traces as they come in, until it is stopped',
  options: {
    count: { type: 'string', value: '<n>', about: 'stop after this many lines' },
    ...serverOptions,
    project: { type: 'string', value: '<name>', about: 'the project (default $PANDAPROBE_PROJECT_NAME, else all)' },
  },
  examples: [
    ['pandaprobe-ts tail', 'every trace of every project, with each change, until Ctrl+C'],
    ['pandaprobe-ts tail --project support', 'those of one project'],
    ['pandaprobe-ts tail --count 1 --json', 'wait for the next trace'],
  ],
  async run(context) {
    const most = wholeOption(context, 'count', 1, Number.MAX_SAFE_INTEGER) ?? Number.POSITIVE_INFINITY;
    const api = await Api.of(context, true);
    const projects = await projectsAt(api);
    if (projects === undefined)
      throw new LocalFailure('usage', `tail follows a local server, and ${api.endpoint} is none`);
    if (api.isNamed && !projects.some(({ name }) => name === api.project))
      context.terminal.note(`There is no project ${printable(api.project)} yet: waiting for its first trace.`);
    const ending = new AbortController();
    const signal = AbortSignal.any([context.signal, ending.signal]);
    let printed = 0;
    try {
      for await (const { traceId, project } of changes(api, signal)) {
        if (await print(context, api.isNamed ? api : api.for(project), traceId, !api.isNamed)) printed += 1;
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

/** A trace that has changed, and its project. */
interface Change {
  readonly traceId: string;
  readonly project: string;
}

/**
 * The traces that have changed, of the API's project if the user has named it, else of all, as the server reports them, until the
 * signal is aborted or the server ends.
 */
export async function* changes(api: Api, signal: AbortSignal): AsyncGenerator<Change> {
  try {
    const { body } = await api.stream('/local/events', { project: api.isNamed ? api.project : undefined }, signal);
    if (body === null) return;
    let rest = '';
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!line.startsWith('data: ')) continue;
        const { trace_id: traceId, project } = JSON.parse(line.slice(6)) as { trace_id: string; project: string }; // this program's own event
        if (traceId !== '') yield { traceId, project }; // else the project was removed
      }
    }
  } catch (error) {
    if (error instanceof LocalFailure) throw error;
    // Cut off: by the signal, or with the server.
  }
}

async function print(context: CommandContext, api: Api, traceId: string, showsProject: boolean): Promise<boolean> {
  const trace = await api.getIfThere<ApiTrace>(`/traces/${traceId}`);
  if (trace === undefined) return false; // removed
  const { spans, ...rest } = trace;
  const latency = rest.ended_at === null ? null : Date.parse(rest.ended_at) - Date.parse(rest.started_at);
  const item: TraceListItem = { ...rest, latency_ms: latency, span_count: spans.length };
  const { out, paint } = context.terminal;
  const row = [...traceRow(item, paint), ...(showsProject ? [{ text: `in ${printable(api.project)}` }] : [])];
  out(
    hasOption(context, 'json')
      ? JSON.stringify(showsProject ? { project: api.project, ...trace } : trace)
      : (table([row])[0] ?? ''),
  );
  return true;
}
