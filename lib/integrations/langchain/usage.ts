import type { Counts } from '../../calls/call-adapter.js';
import { count, counts, inclusiveCounts, sum } from '../../calls/counts.js';
import { chatUsage } from '../../calls/openai/usage.js';
import { type Fields, fields, isFields, set } from '../../calls/read-unknown.js';

/**
 * The token counts of a reply: those of the message, which have the same form for every provider, else those that the provider's
 * model reports separately, else the provider's own. The framework has only the last for a stream whose server names no role.
 */
export function usageOf(message: unknown, llmOutput: unknown): Counts | undefined {
  const own = () => chatUsage(fields(fields(message).response_metadata).usage);
  return messageUsage(message) ?? besideUsage(fields(llmOutput)) ?? own();
}

function messageUsage(message: unknown): Counts | undefined {
  const { usage_metadata, response_metadata } = fields(message);
  return countsOf(withAnthropic(fields(usage_metadata), fields(fields(response_metadata).usage)));
}

/**
 * Corrects counts by those of Anthropic's API, whose prompt is always without the cache. Some versions of the framework's package
 * count the cache of a stream twice, or the prompt without it. Source: `@langchain/anthropic` 1.3, utils/message_outputs.
 */
function withAnthropic(counted: Fields, raw: Fields): Fields {
  const { cache_read_input_tokens: read, cache_creation_input_tokens: created, input_tokens: sent } = raw;
  const details = fields(counted.input_token_details);
  const input_token_details = {
    ...details,
    cache_read: smaller(details.cache_read, read),
    cache_creation: smaller(details.cache_creation, created),
  };
  const isApart = count(sent) === count(counted.input_tokens) && sum(0, read, created) !== 0;
  if (!isApart) return { ...counted, input_token_details };
  return { ...counted, input_token_details, input_tokens: sum(sent, read, created), total_tokens: undefined };
}

function smaller(counted: unknown, raw: unknown): unknown {
  return (count(raw) ?? Number.POSITIVE_INFINITY) < (count(counted) ?? 0) ? raw : counted;
}

/** The counts of a message's `usage_metadata`. Source: `@langchain/core`, `UsageMetadata`. */
export function countsOf({ input_tokens, output_tokens, total_tokens, ...details }: Fields): Counts | undefined {
  const sent = fields(details.input_token_details);
  const made = fields(details.output_token_details);
  return inclusiveCounts({
    prompt: input_tokens,
    completion: output_tokens,
    total: total_tokens,
    reasoning: made.reasoning,
    cacheRead: sent.cache_read,
    cacheCreation: sent.cache_creation,
    more: {
      prompt_audio_tokens: sent.audio,
      prompt_image_tokens: sent.image,
      audio_tokens: made.audio,
      image_tokens: made.image,
    },
  });
}

/** Adds up the `usage_metadata` of chunks, as the framework does. Source: `@langchain/core`, `mergeUsageMetadata`. */
export function addedUsage(before: Fields, later: Fields): Fields {
  const all: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(later)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    set(all, name, isFields(value) ? addedUsage(fields(known), value) : sum(known ?? 0, value));
  }
  return all;
}

function besideUsage({ tokenUsage, token_usage, usage }: Fields): Counts | undefined {
  const merged = { ...fields(usage), ...fields(token_usage), ...fields(tokenUsage) };
  return counts({
    prompt: merged.promptTokens ?? merged.prompt_tokens ?? merged.input_tokens,
    completion: merged.completionTokens ?? merged.completion_tokens ?? merged.output_tokens,
    total: merged.totalTokens ?? merged.total_tokens,
  });
}
