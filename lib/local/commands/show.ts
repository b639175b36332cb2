import type { ApiScore, ApiTrace } from './api.js';
import { type Command, hasOption, serverOptions } from './command.js';
import { traceLink } from './links.js';
import { isLocalServer } from './local.js';
import { findTrace } from './named-trace.js';
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
    ['pandaprobe-ts show 0b0e7c5c', 'one of the last 2,000, by the start of its id'],
    ['pandaprobe-ts show 0b0e7c5c --json', 'all of it, with inputs and outputs'],
  ],
  async run(context) {
    const { api, traceId } = await findTrace(context, context.args[0]);
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
