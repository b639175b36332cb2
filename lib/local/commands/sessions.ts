import { Api, type ApiPage } from '../api/api.js';
import {
  type Command,
  choiceOption,
  hasOption,
  pageOf,
  pageOptions,
  serverOptions,
  textOption,
  textsOption,
} from '../command-line/command.js';
import { count, dollars, durationText } from '../command-line/number-text.js';
import { printable, table } from '../command-line/terminal.js';
import { timeOptions, timesOf } from '../search/times.js';
import type { SessionSummary } from '../store/sessions.js';
import { localTime, orders } from './list.js';

const sorts = ['recent', 'trace_count', 'latency', 'cost'];

/** `sessions`: the sessions of a project. */
export const sessions: Command = {
  name: 'sessions',
  summary: 'list sessions, the last used first',
  options: {
    id: { type: 'string', value: '<text>', about: 'part of its id' },
    user: { type: 'string', value: '<id>', about: 'the user' },
    tag: { type: 'string', multiple: true, value: '<tag>', about: 'a tag of one of its traces; may be repeated' },
    errors: { type: 'boolean', about: 'only sessions in which a trace failed' },
    ...timeOptions,
    sort: { type: 'string', value: '<column>', choices: sorts, about: 'recent, trace_count, latency or cost' },
    order: { type: 'string', value: '<order>', choices: orders, about: 'asc or desc' },
    ...pageOptions,
    ...serverOptions,
  },
  examples: [
    ['pandaprobe-ts sessions', 'the last 20 sessions'],
    ['pandaprobe-ts sessions --errors --since 1d', 'sessions in which something failed today'],
    ['pandaprobe-ts list --session chat-1', 'the traces of one of them'],
  ],
  async run(context) {
    const { after, before } = timesOf(context);
    const params = {
      query: textOption(context, 'id'),
      user_id: textOption(context, 'user'),
      tags: textsOption(context, 'tag'),
      has_error: hasOption(context, 'errors') ? 'true' : undefined,
      started_after: after,
      started_before: before,
      sort_by: choiceOption(context, 'sort', sorts),
      sort_order: choiceOption(context, 'order', orders),
      ...pageOf(context),
    };
    const api = await Api.of(context);
    const { items, total } = await api.get<ApiPage<SessionSummary>>('/sessions', params);
    const { terminal } = context;
    if (hasOption(context, 'json')) {
      for (const item of items) terminal.out(JSON.stringify(item));
      return;
    }
    const titles = ['session', 'first', 'traces', 'duration', 'spans', 'tokens', 'cost', 'status', 'user'];
    const head = titles.map((text) => ({ text, painted: terminal.paint('dim', text) }));
    const rows = items.map((item) => [
      { text: printable(item.session_id), painted: terminal.paint('bold', printable(item.session_id)) },
      { text: localTime(item.first_trace_at) },
      { text: count(item.trace_count), right: true },
      { text: durationText(item.total_latency_ms), right: true },
      { text: count(item.total_span_count), right: true },
      { text: count(item.total_tokens), right: true },
      { text: dollars(item.total_cost), right: true },
      {
        text: item.has_error ? 'ERROR' : 'ok',
        painted: terminal.paint(item.has_error ? 'red' : 'green', item.has_error ? 'ERROR' : 'ok'),
      },
      { text: printable(item.user_id) },
    ]);
    if (items.length > 0) for (const line of table([head, ...rows])) terminal.out(line);
    terminal.note(
      terminal.paint('dim', `${items.length} of ${count(total)} sessions of project ${printable(api.project)}`),
    );
  },
};
