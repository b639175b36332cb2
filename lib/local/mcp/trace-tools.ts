import { SpanKind, TraceStatus } from '../../model/kinds.js';
import { Api, type ApiScore } from '../api/api.js';
import { projectsAt } from '../api/projects-at.js';
import { count, dollars, durationText, plural } from '../command-line/number-text.js';
import { runBefore } from '../commands/compare.js';
import { listSort, traceSorts } from '../commands/list.js';
import { LocalFailure } from '../failure.js';
import { leftOutText, totalText } from '../search/found.js';
import { findTraces } from '../search/trace-filter.js';
import type { TraceListItem } from '../store/trace-list.js';
import { boundedLines, boundedText, valueText } from '../text/bounded.js';
import { compareRuns } from '../text/comparison.js';
import { comparisonLines } from '../text/comparison-lines.js';
import { spanLine, stepsOf, traceLine } from '../text/tree.js';
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

/** Most traces that are read for one answer, for filters that need whole traces. */
const maxSearched = 1000;

/** The tools about projects and traces. */
export const traceTools: readonly McpTool[] = [
  {
    name: 'list_projects',
    description: 'Lists the projects of the local server, the last used first.',
    arguments: { properties: {} },
    async run(context) {
      const found = await projectsAt((await Api.of(context)).for(''));
      if (found === undefined) throw new LocalFailure('usage', 'only a local server lists its projects: give project');
      const lines = found.map(
        (each) => `${each.name}  ${plural(each.trace_count, 'trace')}, the last ${each.last_trace_at ?? 'never'}`,
      );
      return boundedLines(lines.length === 0 ? ['There is no project yet.'] : lines, '');
    },
  },
  {
    name: 'list_traces',
    description: `Lists traces (runs of an agent), the newest first: id, start, status, duration, steps, tokens, cost, name. With filter, text, kind, model, env or release, the newest ${maxSearched} that the other arguments leave are looked into; a local server searches all.`,
    arguments: {
      properties: {
        project,
        ...searchArguments,
        status: choice('Only these.', Object.keys(TraceStatus)),
        name: text('Part of the name.'),
        text: text('A text anywhere in the trace: names, inputs, outputs, metadata, errors.'),
        kind: choice('Has a step of this kind.', Object.keys(SpanKind)),
        model: text('Has a step of this model; * stands for anything.'),
        session: text('The session.'),
        user: text('The user.'),
        tag: { type: 'array', description: 'At least one of these tags.' },
        ...times,
        sort: choice('started_at unless given; by tokens, cost and spans on a local server only.', traceSorts),
        order,
        ...page,
      },
    },
    async run(context, { limit = 20, offset = 0, sort, order: direction }) {
      const api = await Api.of(context);
      const part = {
        limit: Number(limit),
        offset: Number(offset),
        sort_by: listSort(sort?.toString()),
        sort_order: direction?.toString(),
      };
      const found = await findTraces(context, api, part, maxSearched);
      const { items, read } = found;
      const looked = read === undefined ? '' : `, of which ${count(read)} were looked into`;
      const all = `${totalText(found)} in all${looked}${leftOutText(found)}`;
      const head = `${plural(items.length, 'trace')} of project ${api.project}, from ${offset} on; ${all}.`;
      return boundedLines([head, ...items.map(listLine)], 'Give limit and offset.');
    },
  },
  {
    name: 'get_trace',
    description:
      'Shows one trace: its input and output, its scores, and its steps as a tree with numbers, kinds, models, durations, tokens, costs and errors.',
    arguments: {
      properties: { trace, project, from_step: whole('The first step to show, 1 unless given.', 1, 1_000_000) },
    },
    async run(context, { trace: wanted, from_step: from = 1 }) {
      const { api, found } = await readTrace(context, wanted);
      const scores = await api.get<ApiScore[]>(`/evaluations/trace-scores/${found.trace_id}`);
      const steps = [...stepsOf(found.spans)].map(
        ({ span, indent, isLast }, at) =>
          `${at + 1}. ${indent}${isLast ? '└─' : '├─'} ${boundedText(spanLine(span, plain), 300)}`,
      );
      const lines = [
        traceLine(found, plain),
        `input: ${boundedText(valueText(found.input), 1500)}`,
        `output: ${boundedText(valueText(found.output), 1500)}`,
        ...scores.map(
          ({ name, value, reason }) =>
            `score ${name} = ${value}${reason === null ? '' : `: ${boundedText(reason, 300)}`}`,
        ),
        'steps (get_step shows the input and output of one):',
        ...steps.slice(Number(from) - 1),
      ];
      return boundedLines(lines, 'Give from_step.');
    },
  },
];

/** The tool that compares two runs. */
export const compareTool: McpTool = {
  name: 'compare_runs',
  description:
    'Compares two traces: status, duration, tokens, cost, input, output, and step by step what only one has and what came out differently.',
  arguments: {
    properties: {
      first: text('The id of a trace, or the start of it. Default: the run of the same name before the second.'),
      second: text('The same for the other.'),
      project,
    },
    required: ['second'],
  },
  async run(context, { first, second }) {
    const other = await readTrace(context, second);
    const one = first === undefined ? await runBefore(other.api, other.found) : (await readTrace(context, first)).found;
    const lines = comparisonLines(compareRuns(one, other.found), {
      paint: plain,
      safe: (value) => value,
      maxChars: 600,
      isAll: false,
    });
    return boundedLines(lines, 'Look at single steps with get_step.');
  },
};

/** A trace of a list, in one line. */
export function listLine(item: TraceListItem): string {
  const labels = [
    item.session_id === null ? '' : `session ${item.session_id}`,
    item.user_id === null ? '' : `user ${item.user_id}`,
    item.tags.length === 0 ? '' : `tags ${item.tags.join(', ')}`,
    item.release === null ? '' : `release ${item.release}`,
  ];
  const counts = [
    durationText(item.latency_ms),
    plural(item.span_count, 'step'),
    `${item.total_tokens} tokens`,
    dollars(item.total_cost),
  ];
  const parts = [item.trace_id, item.started_at, item.status, ...counts, boundedText(item.name, 200), ...labels];
  return parts.filter((part) => part !== '').join('  ');
}
