import { Api, type ApiPage } from '../api/api.js';
import { eachOf } from '../api/each-of.js';
import {
  type Command,
  type CommandContext,
  hasOption,
  pageOf,
  pageOptions,
  serverOptions,
} from '../command-line/command.js';
import { count } from '../command-line/number-text.js';
import { type Paint, printable } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import type { WholeTrace } from '../text/comparison.js';
import { valueLines } from '../text/step-text.js';
import { traceLine } from '../text/tree.js';
import { localTime } from './list.js';

/** `session`: one session as a conversation. */
export const session: Command = {
  name: 'session',
  usage: '<session>',
  summary: 'show one session as a conversation: its traces with inputs and outputs, the oldest first',
  options: {
    ...pageOptions,
    ...serverOptions,
  },
  maxArgs: 1,
  examples: [
    ['pandaprobe-ts session chat-1', 'its first 20 turns'],
    ['pandaprobe-ts session chat-1 --offset 20 --json', 'the next ones, with one whole trace on each line'],
  ],
  async run(context) {
    const [id = ''] = context.args;
    if (id === '') throw new LocalFailure('usage', 'session expects the id of a session, got nothing');
    const part = pageOf(context);
    const api = await Api.of(context);
    const { turns, total } = await readSession(api, id, part);
    const { terminal } = context;
    for (const { trace } of turns) {
      if (hasOption(context, 'json')) terminal.out(JSON.stringify(trace));
      else for (const line of turnLines(trace, terminal.paint)) terminal.out(line);
    }
    if (!hasOption(context, 'json')) tell(context, api, id, turns.length, total);
  },
};

/** A trace of a session, as a list has it and whole. */
interface SessionTurn {
  readonly item: TraceListItem;
  readonly trace: WholeTrace;
}

/** The traces of a session, the oldest first. @throws LocalFailure when there is no such session */
export async function readSession(
  api: Api,
  id: string,
  part: { readonly limit: number; readonly offset: number },
): Promise<{ readonly turns: readonly SessionTurn[]; readonly total: number }> {
  const params = { session_id: id, sort_by: 'started_at', sort_order: 'asc', ...part };
  const { items, total } = await api.get<ApiPage<TraceListItem>>('/traces', params);
  if (total === 0)
    throw new LocalFailure('notFound', `There is no session ${printable(id)} in project ${api.project}.`);
  const turns = await eachOf(items, async (item) => {
    const trace = await api.getIfThere<WholeTrace>(`/traces/${item.trace_id}`);
    return trace && { item, trace };
  });
  return { turns: turns.filter((turn) => turn !== undefined), total };
}

function turnLines(trace: WholeTrace, paint: Paint): string[] {
  const { input, output, started_at: at } = trace;
  return [
    `${paint('dim', localTime(at))}  ${traceLine(trace, paint)}`,
    ...sideLines('→', input, paint),
    ...sideLines('←', output, paint),
    '',
  ];
}

/** The lines of an input or output, with a sign in front. */
function sideLines(sign: string, value: unknown, paint: Paint): string[] {
  if (value === null) return [];
  return valueLines(value).map((line, at) => `${at === 0 ? paint('bold', sign) : ' '} ${line}`);
}

function tell({ terminal }: CommandContext, { project }: Api, id: string, shown: number, total: number): void {
  const what = `${shown} of ${count(total)} traces of session ${printable(id)}, project ${printable(project)}`;
  terminal.note(terminal.paint('dim', what));
}
