import { counts } from '../counts.js';
import { fields, number } from '../narrow.js';
import type { Counts } from '../translation.js';

/** Tokens of chat completions and completions. Source: OpenAI API reference, `CompletionUsage`. */
export function chatUsage(usage: unknown): Counts | undefined {
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } =
    fields(usage);
  const sent = fields(prompt_tokens_details);
  const made = fields(completion_tokens_details);
  return counts({
    prompt: prompt_tokens,
    completion: completion_tokens,
    total: total_tokens,
    reasoning: made.reasoning_tokens,
    cacheRead: sent.cached_tokens,
    cacheCreation: sent.cache_write_tokens,
    more: {
      audio_tokens: made.audio_tokens,
      accepted_prediction_tokens: made.accepted_prediction_tokens,
      rejected_prediction_tokens: made.rejected_prediction_tokens,
    },
  });
}

/** Tokens of responses. Source: OpenAI API reference, `ResponseUsage`. */
export function responseUsage(usage: unknown): Counts | undefined {
  const { input_tokens, output_tokens, total_tokens, input_tokens_details, output_tokens_details } = fields(usage);
  const sent = fields(input_tokens_details);
  return counts({
    prompt: input_tokens,
    completion: output_tokens,
    total: total_tokens,
    reasoning: fields(output_tokens_details).reasoning_tokens,
    cacheRead: sent.cached_tokens,
    cacheCreation: sent.cache_write_tokens,
  });
}

/** What a compatible provider such as OpenRouter says the call cost; OpenAI itself says nothing. */
export function statedCost(usage: unknown): Counts | undefined {
  const total = number(fields(usage).cost);
  return total === undefined ? undefined : { total };
}
