import { Api, interrupted, maxPage } from '../api/api.js';
import { type Command, type CommandContext, hasOption, serverOptions, textOption } from '../command-line/command.js';
import { givenIds } from '../command-line/given-ids.js';
import { count, plural } from '../command-line/number-text.js';
import { LocalFailure } from '../failure.js';
import { filterOptions, findTraces, isFiltered, isSearch } from '../search/trace-filter.js';

/** Most traces that one call deletes; the platform accepts as many. */
const maxBatch = 500;

/** `delete`: deletes traces that are named, or selected by options. */
export const deleteTraces: Command = {
  name: 'delete',
  usage: '[<trace>…]',
  summary: 'delete traces with their spans and scores: by id, by ids from standard input (-), or selected by options',
  options: {
    all: { type: 'boolean', about: 'all traces of the project named by --project' },
    yes: { type: 'boolean', about: 'delete the selected traces; without it they are only counted' },
    ...filterOptions,
    ...serverOptions,
  },
  maxArgs: 1000,
  examples: [
    ['pandaprobe-ts delete 0b0e7c5c-9d1f-4c9e-8a55-0a4f6f0c1d2e', 'one trace'],
    ['pandaprobe-ts delete --before 2026-01-01', 'count the traces from before this year'],
    ['pandaprobe-ts delete --before 2026-01-01 --yes', 'delete them'],
    ['pandaprobe-ts delete --all --project demo --yes', 'all traces of a project'],
    ['pandaprobe-ts list --status ERROR --json | pandaprobe-ts delete -', 'traces that another command has printed'],
  ],
  async run(context) {
    checkWhat(context);
    const ids = context.args.length > 0 ? await givenIds('delete', context.args) : undefined;
    const api = await Api.of(context);
    const found = ids ?? (await idsOfFilter(context, api));
    if (ids === undefined && !hasOption(context, 'yes')) {
      printResult(context, api, { deleted: 0, found: found.length });
      if (found.length === 0) return;
      throw new LocalFailure('usage', `${plural(found.length, 'trace')} would be deleted: say --yes to do it`);
    }
    let deleted = 0;
    for (let at = 0; at < found.length; at += maxBatch) {
      if (context.signal.aborted) throw interrupted(`stopped before it was done: ${plural(deleted, 'trace')} deleted`);
      const body = { trace_ids: found.slice(at, at + maxBatch) };
      deleted += (await api.send<{ deleted: number }>('POST', '/traces/batch/delete', body)).deleted;
      context.terminal.progress(`${count(deleted)} of ${count(found.length)} traces deleted`);
    }
    context.terminal.progress('');
    printResult(context, api, { deleted, found: found.length });
    if (ids !== undefined && deleted < found.length)
      throw new LocalFailure(
        'notFound',
        `${count(found.length - deleted)} of ${count(found.length)} were not in project ${api.project}`,
      );
  },
};

/** @throws LocalFailure unless traces are selected in exactly one way */
function checkWhat(context: CommandContext): void {
  const ways = [context.args.length > 0, isFiltered(context), hasOption(context, 'all')].filter(Boolean);
  if (ways.length !== 1) {
    const what = ways.length === 0 ? 'got neither' : 'not both';
    throw new LocalFailure('usage', `delete expects ids, options that describe traces, or --all, ${what}`);
  }
  // The last used project may have changed a moment ago.
  if (hasOption(context, 'all') && textOption(context, 'project') === undefined)
    throw new LocalFailure('usage', '--all expects the project: name it with --project');
}

function printResult(context: CommandContext, api: Api, { deleted, found }: { deleted: number; found: number }): void {
  const { terminal } = context;
  if (hasOption(context, 'json')) terminal.out(JSON.stringify({ deleted, found, project: api.project }));
  else if (deleted > 0 || found === 0) terminal.note(`${plural(deleted, 'trace')} of project ${api.project} deleted`);
}

async function idsOfFilter(context: CommandContext, api: Api): Promise<string[]> {
  const ids = new Set<string>();
  for (let offset = 0; ; offset += maxPage) {
    const limit = isSearch(context) ? Number.POSITIVE_INFINITY : maxPage;
    const { items } = await findTraces(context, api, { limit, offset });
    for (const { trace_id: id } of items) ids.add(id);
    if (items.length < limit) return [...ids];
  }
}
