import type { Counts } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { type Fields, fields } from '../../calls/read-unknown.js';

/**
 * The token counts of a reply: those of the message, which have the same form for every provider, else those that the provider's
 * model reports separately.
 */
export function usageOf(message: unknown, llmOutput: unknown): Counts | undefined {
  return messageUsage(message) ?? besideUsage(fields(llmOutput));
}

export function messageUsage(message: unknown): Counts | undefined {
  const { input_tokens, output_tokens, total_tokens, input_token_details, output_token_details } = fields(
    fields(message).usage_metadata,
  );
  const { cache_read, cache_creation } = fields(input_token_details);
  return counts({
    prompt: input_tokens,
    completion: output_tokens,
    total: total_tokens,
    reasoning: fields(output_token_details).reasoning,
    cacheRead: cache_read,
    cacheCreation: cache_creation,
  });
}

function besideUsage({ tokenUsage, token_usage, usage }: Fields): Counts | undefined {
  const merged = { ...fields(usage), ...fields(token_usage), ...fields(tokenUsage) };
  return counts({
    prompt: merged.promptTokens ?? merged.prompt_tokens ?? merged.input_tokens,
    completion: merged.completionTokens ?? merged.completion_tokens ?? merged.output_tokens,
    total: merged.totalTokens ?? merged.total_tokens,
  });
}
