import type { Counts } from '../../calls/call-adapter.js';
import { counts, inclusiveCounts, sum } from '../../calls/counts.js';
import { statedCost } from '../../calls/openai/cost.js';
import { chatUsage } from '../../calls/openai/usage.js';
import { amount, type Fields, fields, isFields } from '../../calls/read-unknown.js';

/**
 * The SDK's token counts: of a model of `ai` 6 and 7 `{ inputTokens: { total, noCache, cacheRead, … }, … }`, of one of `ai` 5 and in
 * events `{ inputTokens, outputTokens, … }` with the details beside it. Since `ai` 6 the prompt includes the cache, and the
 * completion the reasoning.
 *
 * @param metadata - the `providerMetadata` of the reply
 */
export function usageOf(usage: unknown, metadata?: unknown): Counts | undefined {
  const { inputTokens, outputTokens, totalTokens, ...rest } = fields(usage);
  const sent = isFields(inputTokens) ? inputTokens : detailsOf(inputTokens, rest.inputTokenDetails, rest);
  const said = isFields(outputTokens) ? outputTokens : detailsOf(outputTokens, rest.outputTokenDetails, rest);
  const { anthropic, bedrock, google } = fields(metadata);
  const written =
    sent.cacheWrite ??
    fields(anthropic).cacheCreationInputTokens ??
    fields(fields(bedrock).usage).cacheWriteInputTokens;
  // As the provider sent it: `ai` 5 tells no details of a call that is not streamed.
  const raw = rest.raw ?? fields(anthropic).usage;
  const { totalTokenCount, thoughtsTokenCount, cachedContentTokenCount } = fields(fields(google).usageMetadata);
  const read = sent.cacheRead ?? fields(raw).cache_read_input_tokens ?? cachedContentTokenCount;
  const rawCounts = chatUsage(raw);
  const told = {
    prompt: sent.total,
    completion: said.total,
    total: totalTokens,
    reasoning: said.reasoning ?? thoughtsTokenCount,
    cacheRead: read,
    cacheCreation: written,
    more: {
      cache_creation_1h_tokens: fields(fields(raw).cache_creation).ephemeral_1h_input_tokens,
      cache_creation_12h_tokens: rawCounts?.cache_creation_12h_tokens,
      prompt_audio_tokens: rawCounts?.prompt_audio_tokens,
      audio_tokens: rawCounts?.audio_tokens,
    },
  };
  if (sent.noCache !== undefined) return counts(told);
  // Anthropic's model for `ai` 5 leaves the cache out of prompt and total.
  if (isFields(anthropic)) return counts({ ...told, prompt: sum(sent.total, read, written), total: undefined });
  return inclusiveCounts({ ...told, total: totalTokens ?? totalTokenCount });
}

/** Details under their later names. */
function detailsOf(total: unknown, details: unknown, { cachedInputTokens, reasoningTokens }: Fields): Fields {
  const counts = fields(details);
  return {
    total,
    noCache: counts.noCacheTokens,
    cacheRead: counts.cacheReadTokens ?? cachedInputTokens,
    cacheWrite: counts.cacheWriteTokens,
    reasoning: counts.reasoningTokens ?? reasoningTokens,
  };
}

/** The cost that a gateway states in a reply's `providerMetadata`: Vercel's, or OpenRouter. */
export function costOf(metadata: unknown): Counts | undefined {
  const { gateway, openrouter } = fields(metadata);
  const { cost, isByok, costDetails } = fields(fields(openrouter).usage);
  const upstream = fields(costDetails).upstreamInferenceCost;
  return statedCost(
    { choices: [{ message: { provider_metadata: { gateway } } }] },
    {
      cost,
      cost_details: { upstream_inference_cost: upstream },
      // Its package may leave this out. Only for the user's own key is the model's cost more than what OpenRouter charges.
      is_byok: isByok ?? (amount(upstream) ?? 0) > (amount(cost) ?? 0),
    },
  );
}
