import { Api, type ApiPage } from '../api/api.js';
import { dollars, durationText, plural } from '../command-line/number-text.js';
import { readSession } from '../commands/session.js';
import { readStats } from '../commands/stats.js';
import { periodOf, timesOf } from '../search/times.js';
import type { SessionSummary } from '../store/sessions.js';
import { boundedLines, boundedText, valueText } from '../text/bounded.js';
import { choice, type McpTool, page, project, text, times } from './tool.js';
import { listLine } from './trace-tools.js';

/** The tools about sessions, and about what happened over time. */
export const sessionTools: readonly McpTool[] = [
  {
    name: 'list_sessions',
    description: 'Lists sessions (conversations), the last used first.',
    arguments: { properties: { project, query: text('Part of its id.'), user: text('The user.'), ...times, ...page } },
    async run(context, { query, user, limit = 20, offset = 0 }) {
      const api = await Api.of(context);
      const { after, before } = timesOf(context);
      const params = { query, user_id: user, limit, offset, started_after: after, started_before: before };
      const { items, total } = await api.get<ApiPage<SessionSummary>>('/sessions', params);
      const head = `${items.length} of ${total} sessions of project ${api.project}`;
      return boundedLines([head, ...items.map(sessionLine)], 'Give limit and offset.');
    },
  },
  {
    name: 'get_session',
    description: 'Lists the traces of one session, the oldest first, with the input and output of each.',
    arguments: { properties: { session: text('Its id.'), project, ...page }, required: ['session'] },
    async run(context, { session, limit = 20, offset = 0 }) {
      const api = await Api.of(context);
      const part = { limit: Number(limit), offset: Number(offset) };
      const { turns, total } = await readSession(api, String(session), part);
      const lines = turns.flatMap(({ item, trace }) => [
        listLine(item),
        `  input: ${boundedText(valueText(trace.input), 300)}`,
        `  output: ${boundedText(valueText(trace.output), 300)}`,
      ]);
      const head = `${turns.length} of ${total} traces of session ${String(session)}`;
      return boundedLines([head, ...lines], 'Give limit and offset.');
    },
  },
  {
    name: 'get_stats',
    description:
      'Adds up traces, errors, durations, tokens and costs by hour, day or week, and by model; the last seven days unless told otherwise.',
    arguments: {
      properties: { project, by: choice('day unless given.', ['hour', 'day', 'week']), ...times },
    },
    async run(context, { by = 'day' }) {
      const api = await Api.of(context);
      const { after, before } = periodOf(context);
      const { buckets, models, ...sums } = await readStats(api, after, before, String(by));
      const time = (ms: number | null) => (ms === null ? '-' : durationText(ms));
      const lines = [
        `project ${api.project}, ${sums.from} to ${sums.to}: ${plural(sums.traces, 'trace')}, ${plural(sums.errors, 'error')}, ${plural(sums.tokens, 'token')}, $${sums.cost}`,
        ...models.map(
          (each) =>
            `model ${each.model}: ${plural(each.call_count, 'call')}, ${each.total_tokens} tokens, $${each.total_cost}`,
        ),
        ...buckets.map(
          (each) =>
            `${each.bucket}: ${plural(each.trace_count, 'trace')}, ${plural(each.error_count, 'error')}, p50 ${time(each.p50_latency_ms)}, p90 ${time(each.p90_latency_ms)}, p99 ${time(each.p99_latency_ms)}, ${each.total_tokens} tokens, $${each.total_cost}`,
        ),
      ];
      return boundedLines(lines, 'Give since, or a longer by.');
    },
  },
];

function sessionLine(each: SessionSummary): string {
  const parts = [
    each.session_id,
    `from ${each.first_trace_at}`,
    plural(each.trace_count, 'trace'),
    durationText(each.total_latency_ms),
    `${each.total_tokens} tokens`,
    dollars(each.total_cost),
    each.has_error ? 'ERROR' : 'ok',
    each.user_id ?? '',
  ];
  return parts.filter((part) => part !== '').join('  ');
}
