import { number } from './narrow.js';
import type { Counts } from './translation.js';

/** What a provider counted. Absent stays absent: an unknown count is not 0. */
export interface Counted {
  /** Everything sent, cache included. */
  readonly prompt: unknown;
  /** Everything generated, reasoning included. */
  readonly completion: unknown;
  /** As the provider says; kept even where it is not the sum. */
  readonly total?: unknown;
  readonly reasoning?: unknown;
  readonly cacheRead?: unknown;
  readonly cacheCreation?: unknown;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** Token counts in the backend's keys; undefined where nothing was counted. */
export function counts(counted: Counted): Counts | undefined {
  const prompt = number(counted.prompt);
  const completion = number(counted.completion);
  const sum = prompt === undefined || completion === undefined ? undefined : prompt + completion;
  const total = number(counted.total) ?? sum;
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;
  const result: Record<string, number | undefined> = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: total,
    reasoning_tokens: some(counted.reasoning),
    cache_read_tokens: some(counted.cacheRead),
    cache_creation_tokens: some(counted.cacheCreation),
  };
  for (const [key, value] of Object.entries(counted.more ?? {})) result[key] = some(value);
  return result;
}

/** The sum of what was counted apart; undefined unless the first is known. */
export function sum(first: unknown, ...others: readonly unknown[]): number | undefined {
  const start = number(first);
  return start === undefined ? undefined : others.reduce<number>((all, next) => all + (number(next) ?? 0), start);
}

/** Details are worth showing when there are any. */
function some(value: unknown): number | undefined {
  const count = number(value);
  return count === 0 ? undefined : count;
}
