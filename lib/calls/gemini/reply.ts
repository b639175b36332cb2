import { bodyError } from '../body-error.js';
import type { Counts, ReplyFacts } from '../call-adapter.js';
import { count, counts, sum } from '../counts.js';
import { byIndex, fields, list, nonEmptyString, omitNullish } from '../read-unknown.js';
import { modelMessage, partsReasoning } from './contents.js';

/** The facts of a reply. Its getter `text` is not read, because it warns about parts other than text. */
export function candidatesReply(reply: unknown): ReplyFacts {
  const { candidates, modelVersion, responseId, usageMetadata, promptFeedback } = fields(reply);
  const inOrder = byIndex(list(candidates));
  const parts = inOrder.map((candidate) => list(fields(fields(candidate).content).parts));
  const messages = inOrder.map((candidate, i) => ({
    ...modelMessage(parts[i] ?? []),
    // In the message, not in the metadata: it may quote the answer, so the same options decide whether it is recorded.
    ...omitNullish({ finish_message: nonEmptyString(fields(candidate).finishMessage) }),
  }));
  const { blockReason, blockReasonMessage } = fields(promptFeedback);
  const error = bodyError(reply);
  const reasons = inOrder.map((candidate) => fields(candidate).finishReason);
  return {
    output: inOrder.length === 0 ? undefined : { messages },
    model: nonEmptyString(modelVersion),
    usage: contentUsage(usageMetadata),
    metadata: {
      response_id: responseId,
      finish_reason: reasons[0],
      finish_reasons: reasons.length > 1 ? reasons : undefined,
      block_reason: blockReason,
      block_reason_message: blockReasonMessage,
      error: error?.details,
    },
    error: error?.text,
    call: {
      serviceTier:
        nonEmptyString(fields(usageMetadata).serviceTier) ?? nonEmptyString(fields(usageMetadata).trafficType),
    },
    reasoning: partsReasoning(parts.flat()),
  };
}

/** Gemini counts thoughts separately from the answer. Source: Gemini API reference, `UsageMetadata`. */
function contentUsage(usage: unknown): Counts | undefined {
  const {
    promptTokenCount,
    toolUsePromptTokenCount,
    candidatesTokenCount,
    thoughtsTokenCount: thoughts,
    ...rest
  } = fields(usage);
  return counts({
    prompt: sum(promptTokenCount, toolUsePromptTokenCount),
    completion: count(candidatesTokenCount) === undefined ? thoughts : sum(candidatesTokenCount, thoughts),
    total: rest.totalTokenCount,
    reasoning: thoughts,
    cacheRead: rest.cachedContentTokenCount,
    more: {
      prompt_audio_tokens: ofSort('AUDIO', rest.promptTokensDetails, rest.toolUsePromptTokensDetails),
      cache_read_audio_tokens: ofSort('AUDIO', rest.cacheTokensDetails),
      audio_tokens: ofSort('AUDIO', rest.candidatesTokensDetails),
      image_tokens: ofSort('IMAGE', rest.candidatesTokensDetails),
    },
  });
}

/** The tokens of one modality in the details: audio and images have prices of their own. */
function ofSort(sort: string, ...details: readonly unknown[]): number | undefined {
  const found = details
    .flatMap(list)
    .map(fields)
    .filter(({ modality }) => modality === sort);
  return found.length === 0 ? undefined : sum(0, ...found.map(({ tokenCount }) => tokenCount));
}
