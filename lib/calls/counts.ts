import type { Counts } from './call-adapter.js';
import { amount, type Fields, omitNullish } from './read-unknown.js';

/** The token counts of a provider. A count that it did not send is absent, not 0. */
interface TokenCounts {
  /** Tokens sent, including cached ones. */
  readonly prompt: unknown;
  /** Tokens generated, including reasoning. */
  readonly completion: unknown;
  /** The provider's total. It is kept if it is more than the sum, because some providers include further parts. */
  readonly total?: unknown;
  readonly reasoning?: unknown;
  readonly cacheRead?: unknown;
  readonly cacheCreation?: unknown;
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

/** Token counts in the backend's keys; undefined where nothing was counted. */
export function counts(counted: TokenCounts): Counts | undefined {
  const prompt = count(counted.prompt);
  const completion = count(counted.completion);
  const sum = prompt === undefined || completion === undefined ? undefined : prompt + completion;
  const stated = count(counted.total);
  // A total below its parts is wrong: the servers that send one leave something out.
  const total = stated === undefined || (sum !== undefined && stated < sum) ? (sum ?? stated) : stated;
  if (prompt === undefined && completion === undefined && total === undefined) return undefined;
  const result: Record<string, number | undefined> = {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: total,
    reasoning_tokens: some(counted.reasoning),
    cache_read_tokens: some(counted.cacheRead),
    cache_creation_tokens: some(counted.cacheCreation),
  };
  const { more } = counted;
  if (more !== undefined) for (const key of Object.keys(more)) result[key] = some(more[key]);
  return result;
}

/** The sum of what was counted apart; undefined unless the first is known. */
export function sum(first: unknown, ...others: readonly unknown[]): number | undefined {
  const start = count(first);
  return start === undefined ? undefined : others.reduce<number>((all, next) => all + (count(next) ?? 0), start);
}

/** A count: a whole number, however it is written. */
export function count(value: unknown): number | undefined {
  const read = amount(value);
  return read === undefined ? undefined : Math.round(read);
}

/** Details are worth showing when there are any. */
function some(value: unknown): number | undefined {
  const read = count(value);
  return read === 0 ? undefined : read;
}

/** A usage completed by a later chunk: some servers count the prompt first and the completion last, and some end with zeros. */
export function laterUsage(before: Fields | undefined, later: Fields): Fields {
  if (before === undefined) return { ...later };
  const news = Object.entries(omitNullish(later) ?? {}).filter(([name, value]) => {
    return !(value === 0 && (count(before[name]) ?? 0) > 0);
  });
  return { ...before, ...Object.fromEntries(news) };
}
