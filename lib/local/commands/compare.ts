import type { Api, ApiPage } from '../api/api.js';
import { findTrace } from '../api/named-trace.js';
import { type Command, type CommandContext, hasOption, serverOptions } from '../command-line/command.js';
import { printable } from '../command-line/terminal.js';
import { LocalFailure } from '../failure.js';
import type { TraceListItem } from '../store/trace-list.js';
import { compareRuns, comparisonJson, type WholeTrace } from '../text/comparison.js';
import { comparisonLines } from '../text/comparison-lines.js';

/** How many of the earlier runs are searched for one of the same name. */
const mostLookedAt = 200;

/** `compare`: two runs, step by step. */
export const compare: Command = {
  name: 'compare',
  usage: '[<trace>] [<trace>]',
  summary:
    'compare two runs step by step; with one trace, or none (the newest), compare it with the previous run of the same name',
  options: {
    all: { type: 'boolean', about: 'also show steps that do not differ' },
    ...serverOptions,
  },
  maxArgs: 2,
  examples: [
    ['pandaprobe-ts compare', 'the newest run with the previous run of the same name'],
    ['pandaprobe-ts compare 0b0e7c5c 4f1d2a90', 'two runs, by the start of their ids'],
    ['pandaprobe-ts compare 0b0e7c5c 4f1d2a90 --json', 'one JSON object: what was added, removed and changed'],
  ],
  async run(context) {
    const [one, two] = context.args;
    const { api, trace } = await readTrace(context, one);
    const [first, second] =
      two === undefined ? [await runBefore(api, trace), trace] : [trace, (await readTrace(context, two)).trace];
    const comparison = compareRuns(first, second);
    const { terminal } = context;
    if (hasOption(context, 'json')) {
      terminal.out(JSON.stringify(comparisonJson(comparison)));
      return;
    }
    const style = { paint: terminal.paint, safe: printable, maxChars: 2000, isAll: hasOption(context, 'all') };
    for (const line of comparisonLines(comparison, style)) terminal.out(line);
  },
};

async function readTrace(context: CommandContext, given: string | undefined) {
  const { api, traceId } = await findTrace(context, given);
  return { api, trace: await api.get<WholeTrace>(`/traces/${traceId}`) };
}

/** @throws LocalFailure when there is none among the last */
export async function runBefore(api: Api, { trace_id: id, name, started_at: at }: WholeTrace): Promise<WholeTrace> {
  const params = { name, started_before: at, limit: mostLookedAt };
  const { items } = await api.get<ApiPage<TraceListItem>>('/traces', params);
  const before = items.find((item) => item.name === name); // `name` is part of a name there
  if (before !== undefined) return api.get<WholeTrace>(`/traces/${before.trace_id}`);
  throw new LocalFailure(
    'notFound',
    `There is no run ${printable(name)} before ${id} in project ${api.project}: name the other run.`,
  );
}
