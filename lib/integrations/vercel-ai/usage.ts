import type { Counts } from '../../calls/call-adapter.js';
import { counts } from '../../calls/counts.js';
import { type Fields, fields, isFields } from '../../calls/read-unknown.js';

/**
 * The SDK's token counts: of a model of `ai` 6 and 7 `{ inputTokens: { total, cacheRead, … }, … }`, of one of `ai` 5 and in
 * events `{ inputTokens, outputTokens, … }` with the details beside it. The prompt includes the cache in all of them.
 */
export function usageOf(usage: unknown): Counts | undefined {
  const { inputTokens, outputTokens, totalTokens, ...rest } = fields(usage);
  const sent = isFields(inputTokens) ? inputTokens : detailsOf(inputTokens, rest.inputTokenDetails, rest);
  const said = isFields(outputTokens) ? outputTokens : detailsOf(outputTokens, rest.outputTokenDetails, rest);
  return counts({
    prompt: sent.total,
    completion: said.total,
    total: totalTokens,
    reasoning: said.reasoning,
    cacheRead: sent.cacheRead,
    cacheCreation: sent.cacheWrite,
  });
}

/** Details under their later names. */
function detailsOf(total: unknown, details: unknown, { cachedInputTokens, reasoningTokens }: Fields): Fields {
  const counts = fields(details);
  return {
    total,
    cacheRead: counts.cacheReadTokens ?? cachedInputTokens,
    cacheWrite: counts.cacheWriteTokens,
    reasoning: counts.reasoningTokens ?? reasoningTokens,
  };
}
