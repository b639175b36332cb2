import { SpanKind } from '../../model/kinds.js';
import { startOf } from '../../model/text.js';
import { Api } from '../api/api.js';
import { dollars, durationText, plural } from '../command-line/number-text.js';
import { findSteps, type StepSort, stepSorts } from '../search/find-steps.js';
import { leftOutText, totalText } from '../search/found.js';
import {
  findGroups,
  type Grouping,
  type GroupSort,
  type GroupTotals,
  groupings,
  groupSorts,
} from '../search/step-groups.js';
import type { StepListItem } from '../store/steps.js';
import { boundedLines, boundedText, maxAnswerChars, valueText } from '../text/bounded.js';
import { stepNamed } from '../text/named-step.js';
import { spanLine, stepsOf } from '../text/tree.js';
import {
  choice,
  type McpTool,
  order,
  page,
  plain,
  project,
  readTrace,
  searchArguments,
  text,
  times,
  trace,
  whole,
} from './tool.js';

const kinds = Object.keys(SpanKind);
const statuses = ['UNSET', 'OK', 'ERROR'];

/** Arguments that select steps of all traces. */
const whichSteps = {
  project,
  ...searchArguments,
  kind: choice('Of this kind.', kinds),
  model: text('Of this model; * stands for anything.'),
  status: choice('Only these.', statuses),
  name: text('Part of the name; * stands for anything.'),
  text: text('A text anywhere in its trace.'),
  session: text('The session of its trace.'),
  user: text('The user of its trace.'),
  tag: { type: 'array', description: 'Tags of its trace: all of them.' },
  ...times,
} as const;

/** The tools about steps. */
export const stepTools: readonly McpTool[] = [
  {
    name: 'list_steps',
    description: 'Lists the steps (spans) of a trace with their numbers: all, or those of a kind, a status or a name.',
    arguments: {
      properties: {
        trace,
        project,
        kind: choice('Only these.', kinds),
        status: choice('Only these.', statuses),
        name: text('Part of the name; case does not matter.'),
        offset: page.offset,
      },
    },
    async run(context, { trace: wanted, kind, status, name, offset = 0 }) {
      const { found } = await readTrace(context, wanted);
      const part = String(name ?? '').toLowerCase();
      const fitting = [...stepsOf(found.spans)]
        .map(({ span }, at) => ({ span, at }))
        .filter(({ span }) => (kind ?? span.kind) === span.kind && (status ?? span.status) === span.status)
        .filter(({ span }) => span.name.toLowerCase().includes(part));
      const lines = fitting
        .slice(Number(offset))
        .map(({ span, at }) => `${at + 1}. ${boundedText(spanLine(span, plain), 500)}`);
      const head = `${fitting.length} of ${found.spans.length} steps of trace ${found.trace_id}`;
      return boundedLines([head, ...lines], 'Give offset.');
    },
  },
  {
    name: 'find_steps',
    description:
      'Finds steps (spans) of all traces, the newest first: the slowest model calls, the most expensive, the latest failures. With another server than a local one, the newest 1000 traces are read.',
    arguments: {
      properties: { ...whichSteps, sort: choice('started_at unless given.', stepSorts), order, ...page },
    },
    async run(context, { sort = 'started_at', order: direction, limit = 20, offset = 0 }) {
      const api = await Api.of(context);
      const found = await findSteps(context, api, {
        sort: sort as StepSort, // one of the choices
        order: direction === 'asc' ? 'asc' : 'desc',
        limit: Number(limit),
        offset: Number(offset),
      });
      const head = `${plural(found.items.length, 'step')} of project ${api.project}, from ${offset} on; ${totalText(found)} in all${leftOutText(found)}.`;
      return boundedLines([head, ...found.items.map(stepLine)], 'Give limit and offset.');
    },
  },
  {
    name: 'add_up_steps',
    description:
      'Adds up calls, failures, p50, p95, tokens and cost of each tool or model, or of the traces of each release or environment. With another server than a local one, the newest 1000 traces are added up.',
    arguments: {
      properties: {
        by: choice('What to add up by.', groupings),
        ...whichSteps,
        sort: choice('calls unless given; failures is the share that failed.', groupSorts),
        order,
      },
      required: ['by'],
    },
    async run(context, { by, sort = 'calls', order: direction }) {
      const api = await Api.of(context);
      const way = direction === 'asc' ? 'asc' : 'desc';
      // Both are among the choices.
      const found = await findGroups(context, api, by as Grouping, sort as GroupSort, way);
      const head = `${found.groups.length} of ${String(by)} in project ${api.project}${leftOutText(found)}`;
      return boundedLines([head, ...found.groups.map(groupLine)], 'Narrow it down with filter, since or name.');
    },
  },
  {
    name: 'get_step',
    description:
      'Shows one step of a trace: input, output, error, model, parameters, token usage, cost, metadata. Long values come in parts.',
    arguments: {
      properties: {
        trace,
        project,
        step: text('Its number in the tree, its span id, or its name.'),
        from_char: whole('Where the part begins, for a step that is longer than one answer.', 0, 100_000_000),
      },
      required: ['step'],
    },
    async run(context, { trace: wanted, step, from_char: from = 0 }) {
      const { found } = await readTrace(context, wanted);
      const span = stepNamed(found.spans, String(step));
      const { input, output, error, ...rest } = span;
      const parts = [
        `error: ${error ?? 'none'}`,
        `input: ${valueText(input)}`,
        `output: ${valueText(output)}`,
        `fields: ${valueText(rest)}`,
      ];
      const all = [spanLine(span, plain), ...parts].join('\n');
      const most = maxAnswerChars - 300;
      const part = startOf(all.slice(Number(from)), most);
      const next = Number(from) + part.length;
      const left = all.length - next;
      return left <= 0 ? part : `${part}\n… ${left} more characters. Give from_char ${next}.`;
    },
  },
];

function stepLine(step: StepListItem): string {
  const parts = [
    `trace ${step.trace_id}  step ${step.span_id}`,
    step.started_at,
    step.status,
    `${boundedText(step.name, 200)} ${step.kind}${step.model === null ? '' : ` ${step.model}`}`,
    durationText(step.latency_ms),
    step.total_tokens === 0 ? '' : `${step.total_tokens} tokens`,
    dollars(step.total_cost),
    `in ${boundedText(step.trace_name, 200)}`,
    boundedText(step.error ?? '', 300),
  ];
  return parts.filter((part) => part !== '').join('  ');
}

function groupLine(group: GroupTotals): string {
  const time = (ms: number | null) => (ms === null ? '-' : durationText(ms));
  const counts = `${plural(group.call_count, 'call')}, ${group.failure_count} failed`;
  const latency = `p50 ${time(group.p50_latency_ms)}, p95 ${time(group.p95_latency_ms)}`;
  return `${boundedText(group.name, 200)}: ${counts}, ${latency}, ${group.total_tokens} tokens, $${group.total_cost}`;
}
