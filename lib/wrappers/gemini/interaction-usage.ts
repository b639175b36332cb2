import type { Counts } from '../../calls/call-adapter.js';
import { count, counts, sum } from '../../calls/counts.js';
import { fields, list } from '../../calls/read-unknown.js';

/**
 * The token counts of interactions and decisions. The thoughts are added to the output tokens, unless the total
 * equals prompt + output: then the output tokens already include them.
 * Source: Gemini API reference, `Usage`.
 */
export function interactionUsage(usage: unknown): Counts | undefined {
  const told = fields(usage);
  const prompt = sum(told.total_input_tokens, told.total_tool_use_tokens);
  const [completion, thoughts] = [count(told.total_output_tokens), count(told.total_thought_tokens)];
  const isWithin = completion !== undefined && count(told.total_tokens) === (prompt ?? 0) + completion;
  return counts({
    prompt,
    completion: completion === undefined ? thoughts : sum(completion, isWithin ? 0 : thoughts),
    total: told.total_tokens,
    reasoning: thoughts,
    cacheRead: told.total_cached_tokens,
    more: {
      prompt_audio_tokens: ofSort('audio', told.input_tokens_by_modality, told.tool_use_tokens_by_modality),
      cache_read_audio_tokens: ofSort('audio', told.cached_tokens_by_modality),
      audio_tokens: ofSort('audio', told.output_tokens_by_modality),
      image_tokens: ofSort('image', told.output_tokens_by_modality),
    },
  });
}

/** The tokens of one modality in the details: audio and images have prices of their own. */
function ofSort(sort: string, ...details: readonly unknown[]): number | undefined {
  const found = details
    .flatMap(list)
    .map(fields)
    .filter(({ modality }) => modality === sort);
  return found.length === 0 ? undefined : sum(0, ...found.map(({ tokens }) => tokens));
}
