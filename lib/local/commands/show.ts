import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { parseUuid } from '../wire/fields.js';
import { Api, type ApiPage, type ApiScore, type ApiTrace } from './api.js';
import { type Command, hasOption, serverOptions } from './command.js';
import { traceLink } from './links.js';
import { isLocalServer } from './local.js';
import { treeLines } from './tree.js';

/** `show <trace>`: one trace as a tree. */
export const show: Command = {
  name: 'show',
  usage: '[<trace>]',
  summary: 'show one trace as a tree: by id, by the start of its id, or the newest',
  options: serverOptions,
  maxArgs: 1,
  examples: [
    ['pandaprobe-ts show', 'the newest trace'],
    ['pandaprobe-ts show 0b0e7c5c', 'one of the last 200, by the start of its id'],
    ['pandaprobe-ts show 0b0e7c5c --json', 'all of it, with inputs and outputs'],
  ],
  async run(context) {
    const api = await Api.of(context);
    const traceId = await find(api, context.args[0]);
    const trace = await api.get<ApiTrace>(`/traces/${traceId}`);
    if (hasOption(context, 'json')) {
      context.terminal.out(JSON.stringify(trace));
      return;
    }
    const scores = await api.get<ApiScore[]>(`/evaluations/trace-scores/${traceId}`);
    for (const line of treeLines(trace, scores, context.terminal.paint)) context.terminal.out(line);
    if (!(await isLocalServer(api.endpoint))) return; // the platform's pages have other addresses
    context.terminal.note(context.terminal.paint('dim', traceLink(api.endpoint, traceId, api.project)));
  },
};

async function find(api: Api, start: string | undefined): Promise<string> {
  const whole = parseUuid(start);
  if (whole !== undefined) return whole;
  const wanted = start?.toLowerCase() ?? '';
  const { items } = await api.get<ApiPage<TraceListItem>>('/traces', { limit: wanted === '' ? 1 : 200 });
  const found = items.filter((item) => item.trace_id.startsWith(wanted));
  if (found.length > 1)
    throw new LocalFailure('usage', `${found.length} traces start with ${wanted}: give more of the id.`);
  if (found[0] !== undefined) return found[0].trace_id;
  const which = wanted === '' ? 'There is no trace' : `None of the last 200 traces starts with ${wanted}`;
  throw new LocalFailure('notFound', `${which} in project ${api.project}.`);
}
