import type { Counts } from '../../calls/call-adapter.js';
import { counts, inclusiveCounts, sum } from '../../calls/counts.js';
import { type Fields, fields, isFields, set } from '../../calls/read-unknown.js';

/**
 * The token counts of a reply: those of the message, which have the same form for every provider, else those that the provider's
 * model reports separately.
 */
export function usageOf(message: unknown, llmOutput: unknown): Counts | undefined {
  return messageUsage(message) ?? besideUsage(fields(llmOutput));
}

function messageUsage(message: unknown): Counts | undefined {
  return countsOf(fields(fields(message).usage_metadata));
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
