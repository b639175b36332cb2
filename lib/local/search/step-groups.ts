import type { Api } from '../api/api.js';
import { durationOf } from '../api/figures.js';
import type { CommandContext } from '../command-line/command.js';
import { percentile } from '../store/latencies.js';
import { askSearch } from './ask-search.js';
import { traceFits } from './filter-test.js';
import { askedWords } from './filter-words.js';
import { type ReadTraces, readNewest, readSteps, startedIn } from './find-steps.js';
import type { Searching } from './found.js';

/** The groupings: steps by tool or model, traces by release or environment. */
export const groupings = ['tool', 'model', 'release', 'environment'] as const;
/** One of them. */
export type Grouping = (typeof groupings)[number];

/** The calls of one tool or model, or the traces of one release or environment, added up. */
export interface GroupTotals {
  readonly name: string;
  readonly call_count: number;
  readonly failure_count: number;
  readonly p50_latency_ms: number | null;
  readonly p95_latency_ms: number | null;
  readonly total_tokens: number;
  readonly total_cost: number;
}

/** The sort keys of groups. `failures` is the share of calls that failed. */
export const groupSorts = ['calls', 'failures', 'p50', 'p95', 'tokens', 'cost', 'name'] as const;
/** One of them. */
export type GroupSort = (typeof groupSorts)[number];

/** The groups, and how many traces they were computed from. */
export interface FoundGroups extends Searching {
  readonly groups: readonly GroupTotals[];
}

/** A step or trace to be added to a group. */
interface Counted {
  readonly name: string;
  readonly isFailed: boolean;
  readonly latency: number | null;
  readonly tokens: number;
  readonly cost: number;
}

/** Adds up the steps or traces that the options select. A local server does it itself; from another one the newest traces are read. */
export async function findGroups(
  context: CommandContext,
  api: Api,
  by: Grouping,
  sort: GroupSort,
  order: 'asc' | 'desc',
): Promise<FoundGroups> {
  const sorted = (groups: readonly GroupTotals[]) =>
    groups.toSorted((one, other) => (order === 'asc' ? 1 : -1) * compared(one, other, sort));
  const { text } = askedWords(context);
  if (text !== undefined) {
    const params = { ...startedIn(context), by, filter: text };
    const found = await askSearch<{ items: GroupTotals[]; indexing: number }>(
      context,
      api,
      '/local/steps/groups',
      params,
    );
    if (found !== undefined) return { groups: sorted(found.items), indexing: found.indexing };
  }
  const { found, read, of } = await (by === 'tool' || by === 'model'
    ? countSteps(context, api, by)
    : countTraces(context, api, by));
  return { groups: sorted(added(found)), read, of };
}

async function countSteps(context: CommandContext, api: Api, by: 'tool' | 'model'): Promise<ReadTraces<Counted>> {
  const { found, ...rest } = await readSteps(context, api);
  const isCounted = (kind: string) => (by === 'tool' ? kind === 'TOOL' : kind === 'LLM' || kind === 'EMBEDDING');
  const counted = found
    .filter((step) => isCounted(step.kind))
    .flatMap(({ name, model, status, latency_ms: latency, total_tokens: tokens, total_cost: cost }): Counted[] => {
      const group = by === 'tool' ? name : model;
      return group === null ? [] : [{ name: group, isFailed: status === 'ERROR', latency, tokens, cost }];
    });
  return { found: counted, ...rest };
}

function countTraces(context: CommandContext, api: Api, by: 'release' | 'environment'): Promise<ReadTraces<Counted>> {
  const { filter } = askedWords(context);
  return readNewest(context, api, (trace) => {
    const { status, total_tokens: tokens, total_cost: cost } = trace;
    const name = trace[by];
    if (name === null || !traceFits(trace, filter)) return [];
    return [{ name, isFailed: status === 'ERROR', latency: durationOf(trace), tokens, cost }];
  });
}

function added(counted: readonly Counted[]): GroupTotals[] {
  const byName = new Map<string, Counted[]>();
  for (const each of counted) {
    const found = byName.get(each.name);
    if (found === undefined) byName.set(each.name, [each]);
    else found.push(each);
  }
  return [...byName].map(([name, all]) => {
    const latencies = Float64Array.from(all.flatMap(({ latency }) => (latency === null ? [] : [latency]))).sort();
    return {
      name,
      call_count: all.length,
      failure_count: all.filter(({ isFailed }) => isFailed).length,
      p50_latency_ms: percentile(latencies, 0.5),
      p95_latency_ms: percentile(latencies, 0.95),
      total_tokens: all.reduce((sum, { tokens }) => sum + tokens, 0),
      total_cost: all.reduce((sum, { cost }) => sum + cost, 0),
    };
  });
}

function compared(one: GroupTotals, other: GroupTotals, sort: GroupSort): number {
  if (sort === 'name') return one.name < other.name ? -1 : Number(one.name > other.name);
  const of: Readonly<Record<Exclude<GroupSort, 'name'>, (group: GroupTotals) => number>> = {
    calls: (group) => group.call_count,
    failures: (group) => group.failure_count / group.call_count,
    p50: (group) => group.p50_latency_ms ?? -1,
    p95: (group) => group.p95_latency_ms ?? -1,
    tokens: (group) => group.total_tokens,
    cost: (group) => group.total_cost,
  };
  return of[sort](one) - of[sort](other);
}
