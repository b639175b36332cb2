import { SpanKind, TraceStatus } from '../../model/kinds.js';
import { Api, type ApiPage, type ApiScore } from '../commands/api.js';
import type { CommandContext } from '../commands/command.js';
import { findTrace } from '../commands/named-trace.js';
import { projectsAt } from '../commands/projects-at.js';
import { readStats } from '../commands/stats.js';
import { dollars, durationText } from '../commands/terminal.js';
import { timesOf } from '../commands/times.js';
import { findTraces } from '../commands/trace-filter.js';
import { spanLine, stepsOf, traceLine } from '../commands/tree.js';
import { LocalFailure } from '../failure.js';
import type { SessionSummary } from '../store/sessions.js';
import type { TraceListItem } from '../store/trace-list.js';
import type { Argument, Arguments, Given } from './arguments.js';
import { boundedLines, boundedText, maxAnswerChars, valueText } from './bounded.js';
import { comparison, type WholeSpan, type WholeTrace } from './compare.js';

/** A tool as a coding agent sees it. */
interface McpTool {
  readonly name: string;
  readonly description: string;
  readonly arguments: Arguments;
  /** The answer, within the bound. Throws LocalFailure where there is none. */
  run(context: CommandContext, given: Given): Promise<string>;
}

/** How many traces are read for a text or a kind in one answer. */
const maxSearched = 1000;
const maxLimit = 50;
const plain = (_: string, text: string) => text;

const text = (description: string): Argument => ({ type: 'string', description });
const whole = (description: string, minimum: number, maximum: number): Argument => ({
  type: 'integer',
  description,
  minimum,
  maximum,
});
const project = text('The project; the one used last unless given.');
const trace = text('The id of the trace, or the start of it; the newest trace unless given.');
const times = {
  since: text('Started within this time, such as 30m, 1h or 7d.'),
  after: text('Started at this time or later, such as 2026-03-29T10:00Z.'),
  before: text('Started before this time.'),
};
const page = {
  limit: whole(`How many, 20 unless given.`, 1, maxLimit),
  offset: whole('How many to skip.', 0, 10_000_000),
};

/** The tools, in the order in which an agent reads them. */
export const mcpTools: readonly McpTool[] = [
  {
    name: 'list_projects',
    description: 'Lists the projects of the local server, the one used last first.',
    arguments: { properties: {} },
    async run(context) {
      const found = await projectsAt((await Api.of(context)).for(''));
      if (found === undefined) throw new LocalFailure('usage', 'only a local server lists its projects: give project');
      const lines = found.map(
        (each) => `${each.name}  ${each.trace_count} traces, the last ${each.last_trace_at ?? 'never'}`,
      );
      return boundedLines(lines.length === 0 ? ['There is no project yet.'] : lines, '');
    },
  },
  {
    name: 'list_traces',
    description: `Lists traces (runs of an agent), the newest first: id, start, status, duration, steps, tokens, cost, name. With text or kind, the newest ${maxSearched} that the other arguments leave are looked into; a local server searches all.`,
    arguments: {
      properties: {
        project,
        status: { ...text('Only these.'), enum: Object.keys(TraceStatus) },
        name: text('Part of the name.'),
        text: text('A text anywhere in the trace: names, inputs, outputs, metadata, errors.'),
        kind: { ...text('Has a step of this kind.'), enum: Object.keys(SpanKind) },
        session: text('The session.'),
        user: text('The user.'),
        tag: { type: 'array', description: 'At least one of these tags.' },
        ...times,
        sort: { ...text('started_at unless given.'), enum: ['started_at', 'ended_at', 'name', 'latency', 'status'] },
        order: { ...text('desc unless given.'), enum: ['asc', 'desc'] },
        ...page,
      },
    },
    async run(context, { limit = 20, offset = 0, sort, order }) {
      const api = await Api.of(context);
      const part = {
        limit: Number(limit),
        offset: Number(offset),
        sort_by: sort?.toString(),
        sort_order: order?.toString(),
      };
      const { items, total, read } = await findTraces(context, api, part, maxSearched);
      const of = read === undefined ? `${total}` : `${total}, of which ${read} were looked into`;
      const head = `${items.length} traces of project ${api.project}, from ${offset} on; there are ${of}.`;
      return boundedLines([head, ...items.map(listLine)], 'Give limit and offset.');
    },
  },
  {
    name: 'get_trace',
    description:
      'Shows one trace: what it took and gave, its scores, and its steps as a tree with numbers, kinds, models, durations, tokens, costs and errors.',
    arguments: {
      properties: { trace, project, from_step: whole('The first step to show, 1 unless given.', 1, 1_000_000) },
    },
    async run(context, { trace: wanted, from_step: from = 1 }) {
      const { api, found } = await read(context, wanted);
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
        `steps (get_step shows what one took and gave):`,
        ...steps.slice(Number(from) - 1),
      ];
      return boundedLines(lines, 'Give from_step.');
    },
  },
  {
    name: 'list_steps',
    description: 'Lists the steps (spans) of a trace with their numbers: all, or those of a kind, a status or a name.',
    arguments: {
      properties: {
        trace,
        project,
        kind: { ...text('Only these.'), enum: Object.keys(SpanKind) },
        status: { ...text('Only these.'), enum: ['UNSET', 'OK', 'ERROR'] },
        name: text('Part of the name, in whichever case.'),
        offset: page.offset,
      },
    },
    async run(context, { trace: wanted, kind, status, name, offset = 0 }) {
      const { found } = await read(context, wanted);
      const part = String(name ?? '').toLowerCase();
      const fitting = [...stepsOf(found.spans)]
        .map(({ span }, at) => ({ span, at }))
        .filter(({ span }) => (kind ?? span.kind) === span.kind && (status ?? span.status) === span.status)
        .filter(({ span }) => span.name.toLowerCase().includes(part));
      const lines = fitting
        .slice(Number(offset))
        .map(({ span, at }) => `${at + 1}. ${boundedText(spanLine(span, plain), 500)}`);
      return boundedLines(
        [`${fitting.length} of ${found.spans.length} steps of trace ${found.trace_id}`, ...lines],
        'Give offset.',
      );
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
      const { found } = await read(context, wanted);
      const steps = [...stepsOf(found.spans)].map(({ span }) => span);
      const span = stepNamed(steps, String(step));
      const { input, output, error, ...rest } = span;
      const all = `${spanLine(span, plain)}\n${[`error: ${error ?? 'none'}`, `input: ${valueText(input)}`, `output: ${valueText(output)}`, `fields: ${valueText(rest)}`].join('\n')}`;
      const most = maxAnswerChars - 300;
      const part = all.slice(Number(from), Number(from) + most);
      const left = all.length - Number(from) - part.length;
      return left <= 0 ? part : `${part}\n… ${left} more characters. Give from_char ${Number(from) + most}.`;
    },
  },
  {
    name: 'list_sessions',
    description: 'Lists sessions (conversations), the one used last first.',
    arguments: { properties: { project, query: text('Part of its id.'), user: text('The user.'), ...times, ...page } },
    async run(context, { query, user, limit = 20, offset = 0 }) {
      const api = await Api.of(context);
      const { after, before } = timesOf(context);
      const params = { query, user_id: user, limit, offset, started_after: after, started_before: before };
      const { items, total } = await api.get<ApiPage<SessionSummary>>('/sessions', params);
      const lines = items.map((each) =>
        [
          ...[
            each.session_id,
            `from ${each.first_trace_at}`,
            `${each.trace_count} traces`,
            durationText(each.total_latency_ms),
          ],
          ...[
            `${each.total_tokens} tokens`,
            dollars(each.total_cost),
            each.has_error ? 'ERROR' : 'ok',
            each.user_id ?? '',
          ],
        ]
          .filter((part) => part !== '')
          .join('  '),
      );
      return boundedLines(
        [`${items.length} of ${total} sessions of project ${api.project}`, ...lines],
        'Give limit and offset.',
      );
    },
  },
  {
    name: 'get_session',
    description: 'Lists the traces of one session, the oldest first, with what each took and gave.',
    arguments: { properties: { session: text('Its id.'), project, ...page }, required: ['session'] },
    async run(context, { session, limit = 20, offset = 0 }) {
      const api = await Api.of(context);
      const params = { session_id: String(session), sort_by: 'started_at', sort_order: 'asc', limit, offset };
      const { items, total } = await api.get<ApiPage<TraceListItem>>('/traces', params);
      if (total === 0)
        throw new LocalFailure('notFound', `There is no session ${String(session)} in project ${api.project}.`);
      const lines = [`${items.length} of ${total} traces of session ${String(session)}`];
      for (const item of items) {
        const { input, output } = await api.get<WholeTrace>(`/traces/${item.trace_id}`);
        lines.push(
          listLine(item),
          `  input: ${boundedText(valueText(input), 300)}`,
          `  output: ${boundedText(valueText(output), 300)}`,
        );
      }
      return boundedLines(lines, 'Give limit and offset.');
    },
  },
  {
    name: 'get_stats',
    description:
      'Adds up traces, errors, durations, tokens and costs by hour, day or week, and by model; the last seven days unless told otherwise.',
    arguments: {
      properties: { project, by: { ...text('day unless given.'), enum: ['hour', 'day', 'week'] }, ...times },
    },
    async run(context, { by = 'day' }) {
      const api = await Api.of(context);
      const { after = new Date(Date.now() - 7 * 86_400_000).toISOString(), before = new Date().toISOString() } =
        timesOf(context);
      const { buckets, models, ...sums } = await readStats(api, after, before, String(by));
      const time = (ms: number | null) => (ms === null ? '-' : durationText(ms));
      const lines = [
        `project ${api.project}, ${sums.from} to ${sums.to}: ${sums.traces} traces, ${sums.errors} errors, ${sums.tokens} tokens, $${sums.cost}`,
        ...models.map(
          (each) => `model ${each.model}: ${each.call_count} calls, ${each.total_tokens} tokens, $${each.total_cost}`,
        ),
        ...buckets.map(
          (each) =>
            `${each.bucket}: ${each.trace_count} traces, ${each.error_count} errors, p50 ${time(each.p50_latency_ms)}, p90 ${time(each.p90_latency_ms)}, p99 ${time(each.p99_latency_ms)}, ${each.total_tokens} tokens, $${each.total_cost}`,
        ),
      ];
      return boundedLines(lines, 'Give since, or a longer by.');
    },
  },
  {
    name: 'compare_runs',
    description:
      'Compares two traces: status, duration, tokens, cost, input, output, and step by step what only one has and what came out differently.',
    arguments: {
      properties: {
        first: text('The id of a trace, or the start of it.'),
        second: text('The same for the other.'),
        project,
      },
      required: ['first', 'second'],
    },
    async run(context, { first, second }) {
      const [one, other] = [await read(context, first), await read(context, second)];
      return boundedLines(comparison(one.found, other.found), 'Look at single steps with get_step.');
    },
  },
];

function listLine(item: TraceListItem): string {
  const labels = [
    item.session_id === null ? '' : `session ${item.session_id}`,
    item.user_id === null ? '' : `user ${item.user_id}`,
    item.tags.length === 0 ? '' : `tags ${item.tags.join(', ')}`,
  ];
  const counts = [
    durationText(item.latency_ms),
    `${item.span_count} steps`,
    `${item.total_tokens} tokens`,
    dollars(item.total_cost),
  ];
  const parts = [item.trace_id, item.started_at, item.status, ...counts, boundedText(item.name, 200), ...labels];
  return parts.filter((part) => part !== '').join('  ');
}

async function read(
  context: CommandContext,
  wanted: Given[string],
): Promise<{ readonly api: Api; readonly found: WholeTrace }> {
  const { api, traceId } = await findTrace(context, wanted?.toString());
  return { api, found: await api.get<WholeTrace>(`/traces/${traceId}`) };
}

/** @throws LocalFailure when there is none, or more than one of this name */
function stepNamed(steps: readonly WholeSpan[], wanted: string): WholeSpan {
  const byNumber = /^#?\d+$/.test(wanted) ? steps[Number(wanted.replace('#', '')) - 1] : undefined;
  const byId = steps.find(({ span_id: id }) => id === wanted.toLowerCase());
  const byName = steps.filter(({ name }) => name === wanted);
  const found = byNumber ?? byId ?? (byName.length === 1 ? byName[0] : undefined);
  if (found !== undefined) return found;
  if (byName.length > 1)
    throw new LocalFailure(
      'usage',
      `step: ${byName.length} steps have this name: give its number, as get_trace shows it`,
    );
  throw new LocalFailure(
    'notFound',
    `step: expected a number from 1 to ${steps.length}, a span id or a name of this trace, got ${JSON.stringify(wanted.slice(0, 100))}`,
  );
}
