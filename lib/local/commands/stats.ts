import { Api } from '../api/api.js';
import { type Command, type CommandContext, choiceOption, hasOption, serverOptions } from '../command-line/command.js';
import { count, dollars, durationText, plural } from '../command-line/number-text.js';
import { printable, type TableCell, table } from '../command-line/terminal.js';
import { periodOf, timeOptions } from '../search/times.js';

/** The totals of one hour, day or week. Source: OpenAPI, `AnalyticsBucket` and `TokenCostBucket`. */
interface StatsBucket {
  readonly bucket: string;
  readonly trace_count: number;
  readonly error_count: number;
  readonly p50_latency_ms: number | null;
  readonly p90_latency_ms: number | null;
  readonly p99_latency_ms: number | null;
  readonly total_tokens: number;
  readonly total_cost: number;
}

/** The totals of one model. Source: OpenAPI, `TopModel`. */
interface StatsModel {
  readonly model: string;
  readonly call_count: number;
  readonly total_tokens: number;
  readonly total_cost: number;
}

/** The totals of a period. */
interface ProjectStats {
  readonly from: string;
  readonly to: string;
  readonly traces: number;
  readonly errors: number;
  readonly tokens: number;
  readonly cost: number;
  readonly buckets: readonly StatsBucket[];
  readonly models: readonly StatsModel[];
}

const emptyBucket = {
  ...{ trace_count: 0, error_count: 0, p50_latency_ms: null, p90_latency_ms: null, p99_latency_ms: null },
  ...{ total_tokens: 0, total_cost: 0 },
};

const grains = ['hour', 'day', 'week'] as const;

/** `stats`: totals over time. */
export const stats: Command = {
  name: 'stats',
  summary: 'add up traces, errors, durations, tokens and costs by hour, day or week, and by model',
  options: {
    by: { type: 'string', value: '<time>', choices: grains, about: 'hour, day or week (default day)' },
    ...timeOptions,
    ...serverOptions,
  },
  examples: [
    ['pandaprobe-ts stats', 'the last seven days, by day'],
    ['pandaprobe-ts stats --since 1d --by hour', 'the last day, by hour'],
    ['pandaprobe-ts stats --since 4w --json', 'four weeks, as one JSON object'],
  ],
  async run(context) {
    const { after, before } = periodOf(context);
    const by = choiceOption(context, 'by', grains) ?? 'day';
    const api = await Api.of(context);
    const found = await readStats(api, after, before, by);
    if (hasOption(context, 'json')) context.terminal.out(JSON.stringify({ project: api.project, by, ...found }));
    else print(context, api.project, by, found);
  },
};

/** Reads a server's totals from `from` to `to`. */
export async function readStats(api: Pick<Api, 'get'>, from: string, to: string, by: string): Promise<ProjectStats> {
  const params = { granularity: by, started_after: from, started_before: to };
  const [volume, tokens, models] = await Promise.all([
    api.get<StatsBucket[]>('/traces/analytics', { ...params, metric: 'latency' }),
    api.get<StatsBucket[]>('/traces/analytics', { ...params, metric: 'tokens' }),
    api.get<StatsModel[]>('/traces/analytics', { ...params, metric: 'models' }),
  ]);
  // A span may start in a later bucket than its trace.
  const found = new Map<string, StatsBucket>();
  for (const each of [...volume, ...tokens])
    found.set(each.bucket, { ...emptyBucket, ...found.get(each.bucket), ...each });
  const buckets = [...found.values()].toSorted((one, other) => (one.bucket < other.bucket ? -1 : 1));
  const sum = (of: (bucket: StatsBucket) => number) => buckets.reduce((all, bucket) => all + of(bucket), 0);
  return {
    ...{ from, to, traces: sum((each) => each.trace_count), errors: sum((each) => each.error_count) },
    ...{ tokens: sum((each) => each.total_tokens), cost: sum((each) => each.total_cost), buckets, models },
  };
}

function print({ terminal }: CommandContext, project: string, by: string, found: ProjectStats): void {
  const { paint } = terminal;
  const headOf = (...titles: string[]) => titles.map((text) => ({ text, painted: paint('dim', text) }));
  const right = (text: string): TableCell => ({ text, right: true });
  const time = (ms: number | null) => right(ms === null ? '' : durationText(ms));
  const rows = found.buckets.map((each) => [
    { text: each.bucket.slice(0, by === 'hour' ? 16 : 10).replace('T', ' ') },
    right(count(each.trace_count)),
    {
      ...right(count(each.error_count)),
      ...(each.error_count > 0 ? { painted: paint('red', count(each.error_count)) } : {}),
    },
    ...[time(each.p50_latency_ms), time(each.p90_latency_ms), time(each.p99_latency_ms)],
    ...[right(count(each.total_tokens)), right(dollars(each.total_cost))],
  ]);
  const sums = [found.traces, found.errors].map((sum) => right(count(sum)));
  const total = [
    { text: 'all' },
    ...sums,
    right(''),
    right(''),
    right(''),
    right(count(found.tokens)),
    right(dollars(found.cost)),
  ];
  const head = headOf(by, 'traces', 'errors', 'p50', 'p90', 'p99', 'tokens', 'cost');
  if (rows.length > 0) for (const line of table([head, ...rows, total])) terminal.out(line);
  const models = found.models.map(({ model, call_count: calls, total_tokens: tokens, total_cost: cost }) => {
    return [{ text: printable(model) }, right(count(calls)), right(count(tokens)), right(dollars(cost))];
  });
  if (models.length > 0) {
    terminal.out('');
    for (const line of table([headOf('model', 'calls', 'tokens', 'cost'), ...models])) terminal.out(line);
  }
  terminal.note(
    paint('dim', `${plural(found.traces, 'trace')} of project ${printable(project)} from ${found.from} to ${found.to}`),
  );
}
