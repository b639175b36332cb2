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
    reasoning_tokens: nonZero(counted.reasoning),
    cache_read_tokens: nonZero(counted.cacheRead),
    cache_creation_tokens: nonZero(counted.cacheCreation),
  };
  const { more } = counted;
  if (more !== undefined) for (const key of Object.keys(more)) result[key] = nonZero(more[key]);
  return result;
}

/**
 * The same for counts that a framework passes on from any provider. Some providers do not count cached tokens in the prompt, or
 * reasoning in the completion: then the part is larger than the whole, or the total is larger than both counts. Such parts are added.
 */
export function inclusiveCounts(counted: TokenCounts): Counts | undefined {
  const prompt = count(counted.prompt);
  const completion = count(counted.completion);
  if (prompt === undefined || completion === undefined) return counts(counted);
  const cached = (count(counted.cacheRead) ?? 0) + (count(counted.cacheCreation) ?? 0);
  const reasoning = count(counted.reasoning) ?? 0;
  const beside = (count(counted.total) ?? 0) - prompt - completion;
  const areBoth = cached > 0 && reasoning > 0 && beside === cached + reasoning;
  const isReasoningBeside = areBoth || reasoning > completion || (reasoning > 0 && beside === reasoning);
  const isCacheBeside = areBoth || cached > prompt || (cached > 0 && beside === cached && !isReasoningBeside);
  return counts({
    ...counted,
    prompt: isCacheBeside ? prompt + cached : prompt,
    completion: isReasoningBeside ? completion + reasoning : completion,
  });
}

/** The sum of counts that the provider gives separately; undefined if the first is missing. */
export function sum(first: unknown, ...others: readonly unknown[]): number | undefined {
  const start = count(first);
  return start === undefined ? undefined : others.reduce<number>((all, next) => all + (count(next) ?? 0), start);
}

/** A count as a number, also if it was sent as text or with a fraction. */
export function count(value: unknown): number | undefined {
  const read = amount(value);
  return read === undefined ? undefined : Math.round(read);
}

/** A count of details, which is left out if it is 0. */
function nonZero(value: unknown): number | undefined {
  const read = count(value);
  return read === 0 ? undefined : read;
}

/**
 * Adds a later chunk's usage. Some servers count the prompt first and the completion last. Some end with zeros, which are ignored.
 * Servers with Anthropic's API may count the whole prompt first. In the last chunk they split it: into the tokens from the cache, and
 * the others, which may be 0.
 */
export function laterUsage(before: Fields | undefined, later: Fields): Fields {
  if (before === undefined) return { ...later };
  const cached = (usage: Fields) => count(usage.cache_read_input_tokens) ?? 0;
  const isSplit = cached(later) > cached(before);
  const changed = Object.entries(omitNullish(later) ?? {}).filter(([name, value]) => {
    return !(value === 0 && (count(before[name]) ?? 0) > 0) || (isSplit && name === 'input_tokens');
  });
  return { ...before, ...Object.fromEntries(changed) };
}
