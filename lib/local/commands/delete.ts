import { createInterface } from 'node:readline';
import { LocalFailure } from '../failure.js';
import { parseUuid } from '../wire/fields.js';
import { Api, interrupted, maxPage } from './api.js';
import { type Command, type CommandContext, hasOption, serverOptions } from './command.js';
import { count, filterOptions, findTraces, isFiltered, isSearch } from './trace-filter.js';

/** Most traces that are deleted by one call. As many the platform takes. */
const maxBatch = 500;

/** `delete`: traces that are named, or that options describe. */
export const deleteTraces: Command = {
  name: 'delete',
  usage: '[<trace>…]',
  summary: 'delete traces with their spans and scores: by id, by ids from standard input (-), or by what options say',
  options: {
    yes: { type: 'boolean', about: 'delete what the options describe; without it they are only counted' },
    ...filterOptions,
    ...serverOptions,
  },
  maxArgs: 1000,
  examples: [
    ['pandaprobe-ts delete 0b0e7c5c-9d1f-4c9e-8a55-0a4f6f0c1d2e', 'one trace'],
    ['pandaprobe-ts delete --before 2026-01-01', 'how many there are from before this year'],
    ['pandaprobe-ts delete --before 2026-01-01 --yes', 'delete them'],
    ['pandaprobe-ts list --status ERROR --json | pandaprobe-ts delete -', 'what another command has printed'],
  ],
  async run(context) {
    if (context.args.length > 0 === isFiltered(context)) {
      const what = context.args.length > 0 ? 'not both' : 'got neither';
      throw new LocalFailure('usage', `delete expects ids or options that describe traces, ${what}`);
    }
    const ids = context.args.length > 0 ? await idsOf(context) : undefined;
    const api = await Api.of(context);
    const found = ids ?? (await idsOfFilter(context, api));
    if (ids === undefined && !hasOption(context, 'yes')) {
      printResult(context, api, { deleted: 0, found: found.length });
      if (found.length === 0) return;
      throw new LocalFailure('usage', `${count(found.length)} traces would be deleted: say --yes to do it`);
    }
    let deleted = 0;
    for (let at = 0; at < found.length; at += maxBatch) {
      if (context.signal.aborted)
        throw interrupted(`stopped before it was done: ${count(deleted)} traces were deleted`);
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

function printResult(context: CommandContext, api: Api, { deleted, found }: { deleted: number; found: number }): void {
  const { terminal } = context;
  if (hasOption(context, 'json')) terminal.out(JSON.stringify({ deleted, found, project: api.project }));
  else if (deleted > 0 || found === 0) terminal.note(`${count(deleted)} traces of project ${api.project} deleted`);
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

/** The ids that are named. Whole ones: a start may fit another trace tomorrow. */
async function idsOf({ args }: CommandContext): Promise<string[]> {
  const ids = new Set<string>();
  for (const text of args) {
    if (text === '-') for await (const line of createInterface({ input: process.stdin })) addId(ids, line);
    else addId(ids, text);
  }
  return [...ids];
}

function addId(ids: Set<string>, text: string): void {
  const line = text.trim();
  if (line === '') return;
  const id = parseUuid(line) ?? parseUuid(fieldOf(line));
  if (id === undefined)
    throw new LocalFailure('usage', `delete expects whole ids, got ${JSON.stringify(line.slice(0, 100))}`);
  ids.add(id);
}

/** The id in a line of JSON, as `list --json` prints it. */
function fieldOf(line: string): unknown {
  try {
    return (JSON.parse(line) as { trace_id?: unknown } | null)?.trace_id;
  } catch {
    return undefined;
  }
}
