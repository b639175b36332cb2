import type { TraceListItem } from '../store/trace-list.js';
import { Api, type ApiPage } from './api.js';
import { type Command, type CommandContext, hasOption, serverOptions, textOption } from './command.js';
import { type Cell, dollars, durationText, type Paint, printable, table } from './terminal.js';
import { filterOptions, filterParams } from './trace-filter.js';

/** `list`: the traces of a project, the newest first. */
export const list: Command = {
  name: 'list',
  summary: 'list traces, the newest first',
  options: {
    ...filterOptions,
    sort: { type: 'string', value: '<column>', about: 'started_at, ended_at, name, latency or status' },
    order: { type: 'string', value: '<order>', about: 'asc or desc' },
    limit: { type: 'string', value: '<n>', about: 'how many, 1 to 200 (default 20)' },
    offset: { type: 'string', value: '<n>', about: 'how many to skip' },
    ...serverOptions,
  },
  examples: [
    ['pandaprobe-ts list', 'the last 20 traces'],
    ['pandaprobe-ts list --status ERROR --limit 50', 'what failed'],
    ['pandaprobe-ts list --sort latency --json | head -1', 'the slowest one, as JSON'],
  ],
  async run(context) {
    const api = await Api.of(context);
    const page = await api.get<ApiPage<TraceListItem>>('/traces', {
      ...filterParams(context),
      sort_by: textOption(context, 'sort'),
      sort_order: textOption(context, 'order'),
      limit: textOption(context, 'limit') ?? 20,
      offset: textOption(context, 'offset'),
    });
    print(context, api, page);
  },
};

function print(context: CommandContext, api: Api, { items, total }: ApiPage<TraceListItem>): void {
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
  terminal.note(paint('dim', `${items.length} of ${total} traces of project ${printable(api.project)}`));
}

/** A trace as the cells of a row. */
export function traceRow(item: TraceListItem, paint: Paint): Cell[] {
  const style = item.status === 'ERROR' ? 'red' : item.status === 'COMPLETED' ? 'green' : 'yellow';
  const labels = [item.session_id, item.user_id, ...item.tags].filter((label) => label !== null).map(printable);
  const name = printable(item.name);
  return [
    { text: item.trace_id.slice(0, 8) },
    { text: localTime(item.started_at) },
    { text: item.status, painted: paint(style, item.status) },
    { text: durationText(item.latency_ms), right: true },
    { text: String(item.span_count), right: true },
    { text: item.total_tokens.toLocaleString('en-US'), right: true },
    { text: dollars(item.total_cost), right: true },
    { text: [name, ...labels].join('  '), painted: [paint('bold', name), paint('dim', labels.join('  '))].join('  ') },
  ];
}

/** A time as the clock on the wall shows it. */
function localTime(time: string): string {
  const at = new Date(time);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
