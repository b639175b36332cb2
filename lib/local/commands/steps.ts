import { SpanKind } from '../../model/kinds.js';
import { Api } from '../api/api.js';
import {
  type Command,
  type CommandContext,
  choiceOption,
  hasOption,
  type Option,
  pageOf,
  pageOptions,
  serverOptions,
} from '../command-line/command.js';
import { count, dollars, durationText, plural } from '../command-line/number-text.js';
import { printable, type TableCell, type Terminal, table } from '../command-line/terminal.js';
import { askedWords, wordOptions } from '../search/filter-words.js';
import { type FoundSteps, findSteps, startedIn, stepSorts } from '../search/find-steps.js';
import { leftOutText, totalText } from '../search/found.js';
import {
  type FoundGroups,
  findGroups,
  type Grouping,
  type GroupTotals,
  groupings,
  groupSorts,
} from '../search/step-groups.js';
import { timeOptions } from '../search/times.js';
import type { StepListItem } from '../store/steps.js';
import { localTime, orders } from './list.js';

const statuses = ['UNSET', 'OK', 'ERROR'];
const kinds = Object.keys(SpanKind);
const sorts = [...new Set([...stepSorts, ...groupSorts])];
const { text, ...otherWords } = wordOptions;

/** Options that select steps. */
const whichSteps: Readonly<Record<string, Option>> = {
  ...otherWords,
  kind: { ...wordOptions.kind, type: 'string', about: `of this kind: ${kinds.join(', ')}` },
  model: { ...wordOptions.model, type: 'string', about: 'of this model; * stands for anything' },
  status: { type: 'string', value: '<status>', choices: statuses, about: statuses.join(', ') },
  name: { type: 'string', value: '<text>', about: 'part of the name; * stands for anything' },
  text: { ...text, type: 'string', about: 'a text anywhere in its trace' },
  session: { type: 'string', value: '<id>', about: 'the session of its trace' },
  user: { type: 'string', value: '<id>', about: 'the user of its trace' },
  tag: {
    type: 'string',
    multiple: true,
    value: '<tag>',
    about: 'a tag of its trace; given more than once, all of them',
  },
  ...timeOptions,
};

/** `steps`: the spans of all traces, or their totals. */
export const steps: Command = {
  name: 'steps',
  summary: 'list steps (spans) of all traces, the newest first, or add them up by tool or model',
  options: {
    by: {
      type: 'string',
      value: '<what>',
      choices: groupings,
      about: 'add up calls by tool or model, or traces by release or environment',
    },
    ...whichSteps,
    sort: {
      type: 'string',
      value: '<column>',
      choices: sorts,
      about: `${stepSorts.join(', ')}; with --by ${groupSorts.join(', ')}`,
    },
    order: { type: 'string', value: '<order>', choices: orders, about: 'asc or desc (default desc)' },
    ...pageOptions,
    ...serverOptions,
  },
  examples: [
    ['pandaprobe-ts steps --kind LLM --since 1d --sort duration', 'the slowest model calls of a day'],
    ['pandaprobe-ts steps --status ERROR', 'what failed last'],
    ['pandaprobe-ts steps --filter "kind:llm cost:>0.1" --json', 'the expensive ones, one JSON object on each line'],
    ['pandaprobe-ts steps --by tool --sort failures', 'the tools that fail most'],
    ['pandaprobe-ts steps --by model --since 7d --sort cost', 'the cost of each model in a week'],
  ],
  async run(context) {
    const by = choiceOption(context, 'by', groupings);
    const order = choiceOption(context, 'order', ['asc', 'desc'] as const) ?? 'desc';
    const { limit, offset } = pageOf(context);
    checkSteps(context);
    if (by === undefined) {
      const sort = choiceOption(context, 'sort', stepSorts) ?? 'started_at';
      const api = await Api.of(context);
      printSteps(context, api.project, await findSteps(context, api, { sort, order, limit, offset }));
      return;
    }
    const sort = choiceOption(context, 'sort', groupSorts) ?? 'calls';
    const api = await Api.of(context);
    const found = await findGroups(context, api, by, sort, order);
    printGroups(context, api.project, by, { ...found, groups: found.groups.slice(offset, offset + limit) });
  },
};

function checkSteps(context: CommandContext): void {
  choiceOption(context, 'status', statuses);
  askedWords(context);
  startedIn(context);
}

function printSteps(context: CommandContext, project: string, found: FoundSteps): void {
  const { terminal } = context;
  if (hasOption(context, 'json')) {
    for (const item of found.items) terminal.out(JSON.stringify(item));
    return;
  }
  const head = ['trace', 'started', 'status', 'kind', 'duration', 'tokens', 'cost', 'step'];
  print(terminal, head, found.items.map(stepCells(terminal)));
  terminal.note(
    terminal.paint(
      'dim',
      `${found.items.length} of ${totalText(found)} steps of project ${printable(project)}${leftOutText(found)}`,
    ),
  );
}

function stepCells({ paint }: Terminal): (step: StepListItem) => TableCell[] {
  return (step) => {
    const style = step.status === 'ERROR' ? 'red' : step.status === 'OK' ? 'green' : 'dim';
    const name = printable(step.name);
    const more = [printable(step.model), `in ${printable(step.trace_name)}`].filter((part) => part !== '').join('  ');
    const [error = ''] = printable(step.error).split('\\u000a');
    return [
      { text: step.trace_id },
      { text: localTime(step.started_at) },
      { text: step.status, painted: paint(style, step.status) },
      { text: step.kind },
      { text: durationText(step.latency_ms), right: true },
      { text: count(step.total_tokens), right: true },
      { text: dollars(step.total_cost), right: true },
      {
        text: [name, more, error].filter((part) => part !== '').join('  '),
        painted: [paint('bold', name), paint('dim', more), paint('red', error)]
          .filter((part) => part !== '')
          .join('  '),
      },
    ];
  };
}

function printGroups(context: CommandContext, project: string, by: Grouping, found: FoundGroups): void {
  const { terminal } = context;
  if (hasOption(context, 'json')) {
    for (const group of found.groups) terminal.out(JSON.stringify(group));
    return;
  }
  const calls = by === 'tool' || by === 'model' ? 'calls' : 'traces';
  const head = [by, calls, 'failed', 'p50', 'p95', 'tokens', 'cost'];
  print(terminal, head, found.groups.map(groupCells(terminal)));
  const what = `${plural(found.groups.length, by)} of project ${printable(project)}`;
  terminal.note(terminal.paint('dim', `${what}${leftOutText(found)}`));
}

function groupCells({ paint }: Terminal): (group: GroupTotals) => TableCell[] {
  return (group) => {
    const { call_count: calls, failure_count: failures, p50_latency_ms: p50, p95_latency_ms: p95 } = group;
    const failed = failures === 0 ? '' : `${((failures / calls) * 100).toFixed(1)} % (${count(failures)})`;
    const time = (ms: number | null): TableCell => ({ text: ms === null ? '' : durationText(ms), right: true });
    return [
      { text: printable(group.name), painted: paint('bold', printable(group.name)) },
      { text: count(calls), right: true },
      { text: failed, painted: paint('red', failed), right: true },
      ...[time(p50), time(p95)],
      { text: count(group.total_tokens), right: true },
      { text: dollars(group.total_cost), right: true },
    ];
  };
}

function print(terminal: Terminal, titles: readonly string[], rows: readonly (readonly TableCell[])[]): void {
  const head = titles.map((title) => ({ text: title, painted: terminal.paint('dim', title) }));
  if (rows.length > 0) for (const line of table([head, ...rows])) terminal.out(line);
}
