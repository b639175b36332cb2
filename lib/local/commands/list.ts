import { Api } from '../api/api.js';
import {
  type Command,
  type CommandContext,
  choiceOption,
  hasOption,
  pageOf,
  pageOptions,
  serverOptions,
} from '../command-line/command.js';
import { count, dollars, durationText } from '../command-line/number-text.js';
import { type Paint, printable, type TableCell, table } from '../command-line/terminal.js';
import { type Found, leftOutText, totalText } from '../search/found.js';
import { filterOptions, filterParams, findTraces } from '../search/trace-filter.js';
import type { TraceListItem } from '../store/trace-list.js';

/** The sort keys of traces. `duration` and `latency` mean the same. */
export const traceSorts = [
  'started_at',
  'ended_at',
  'name',
  'duration',
  'latency',
  'status',
  'tokens',
  'cost',
  'spans',
];
/** The directions of a list. */
export const orders = ['asc', 'desc'];

/** `list`: the traces of a project, the newest first. */
export const list: Command = {
  name: 'list',
  summary: 'list traces, the newest first',
  options: {
    ...filterOptions,
    sort: {
      type: 'string',
      value: '<column>',
      choices: traceSorts,
      about: 'started_at, ended_at, name, duration (or latency), status; on a local server tokens, cost, spans, too',
    },
    order: { type: 'string', value: '<order>', choices: orders, about: 'asc or desc' },
    ...pageOptions,
    ...serverOptions,
  },
  examples: [
    ['pandaprobe-ts list', 'the last 20 traces'],
    ['pandaprobe-ts list --status ERROR --since 1h', 'traces that failed in the last hour'],
    ['pandaprobe-ts list --kind TOOL --text refund', 'traces that used a tool and contain "refund"'],
    ['pandaprobe-ts list --filter "model:gpt-5* tokens:>5k" --env prod', 'a search as in the viewer'],
    ['pandaprobe-ts list --sort duration --json | head -1', 'the slowest one, as JSON'],
  ],
  async run(context) {
    const part = {
      sort_by: listSort(choiceOption(context, 'sort', traceSorts)),
      sort_order: choiceOption(context, 'order', orders),
      ...pageOf(context),
    };
    filterParams(context); // before a server is asked
    const api = await Api.of(context);
    print(context, api, await findTraces(context, api, part));
  },
};

/** The server's name of a sort key. */
export function listSort(sort: string | undefined): string | undefined {
  return sort === 'duration' ? 'latency' : sort;
}

function print(context: CommandContext, api: Api, found: Found): void {
  const { items, total, read } = found;
  const { terminal } = context;
  if (hasOption(context, 'json')) {
    for (const item of items) terminal.out(JSON.stringify(item));
    return;
  }
  const { paint } = terminal;
  const head = ['trace', 'started', 'status', 'duration', 'spans', 'tokens', 'cost', 'name'];
  const rows = [
    head.map((text) => ({ text, painted: paint('dim', text) })),
    ...items.map((item) => traceRow(item, paint)),
  ];
  if (items.length > 0) for (const line of table(rows)) terminal.out(line);
  const of = read === undefined ? `of ${totalText(found)}` : `found in ${count(read)} of ${count(total)}`;
  const what = `${items.length} ${of} traces of project ${printable(api.project)}${leftOutText(found)}`;
  terminal.note(paint('dim', what));
}

/** A trace as the cells of a row. */
export function traceRow(item: TraceListItem, paint: Paint): TableCell[] {
  const style = item.status === 'ERROR' ? 'red' : item.status === 'COMPLETED' ? 'green' : 'yellow';
  const labels = [item.session_id, item.user_id, ...item.tags].filter((label) => label !== null).map(printable);
  const name = printable(item.name);
  return [
    { text: item.trace_id }, // whole: no part of it is sure to be found again
    { text: localTime(item.started_at) },
    { text: item.status, painted: paint(style, item.status) },
    { text: durationText(item.latency_ms), right: true },
    { text: String(item.span_count), right: true },
    { text: item.total_tokens.toLocaleString('en-US'), right: true },
    { text: dollars(item.total_cost), right: true },
    { text: [name, ...labels].join('  '), painted: [paint('bold', name), paint('dim', labels.join('  '))].join('  ') },
  ];
}

/** A time in the local time zone. */
export function localTime(time: string): string {
  const at = new Date(time);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
