import { messageReply } from '../../calls/anthropic/reply.js';
import { bodyError } from '../../calls/body-error.js';
import type { Counts, ReplyFacts } from '../../calls/call-adapter.js';
import { counts, sum } from '../../calls/counts.js';
import { chatReply } from '../../calls/openai/chat.js';
import { assistantMessage } from '../../calls/parts.js';
import { type Fields, fields, isFields, list, nonEmptyString, number } from '../../calls/read-unknown.js';
import { bodyOf } from './body.js';
import { cohereReply, cohereUsage } from './cohere.js';
import { converseReply } from './converse.js';
import { picturesReply } from './tasks.js';

/** The facts of a reply, by the form of its body. If the body has no token counts, the headers may have them. */
export function invokeReply(reply: unknown): ReplyFacts {
  const { body, headers } = fields(reply);
  const told = bodyOf(body);
  const facts = bodyReply(told);
  return {
    ...facts,
    usage: facts.usage ?? headerUsage(fields(headers)),
    metadata: { ...facts.metadata, guardrail_action: guardrailAction(told) },
  };
}

/** The action of the guardrail of a call, if it has one. */
export function guardrailAction(body: unknown): string | undefined {
  return nonEmptyString(fields(body)['amazon-bedrock-guardrailAction']);
}

/** Source: Amazon Bedrock user guide, response headers of InvokeModel. */
function headerUsage(headers: Fields): Counts | undefined {
  const count = (name: string) => {
    const value = nonEmptyString(headers[`x-amzn-bedrock-${name}-token-count`]);
    return value === undefined ? undefined : Number(value);
  };
  const [cacheRead, cacheCreation] = [count('cache-read-input'), count('cache-write-input')];
  return counts({
    prompt: sum(count('input'), cacheRead, cacheCreation),
    completion: count('output'),
    cacheRead,
    cacheCreation,
  });
}

/** The facts of a reply's body. Sources: the models' parameters in the Amazon Bedrock user guide. */
function bodyReply(body: unknown): ReplyFacts {
  const reply = fields(body);
  const { content, output, choices, images, artifacts, results, text } = reply;
  if (isEmbeddings(reply)) return embeddingReply(reply);
  if (Array.isArray(images) || Array.isArray(artifacts)) return imageReply(reply);
  if (list(results).some((result) => fields(result).relevance_score !== undefined)) return { output: { results } };
  if (Array.isArray(content)) return messageReply(reply);
  if (typeof text === 'string') return cohereReply(reply);
  if (isFields(fields(output).message)) return converseReply(reply);
  if (Array.isArray(choices)) return chatReply(reply);
  const said = plainAnswers(reply);
  const error = bodyError(reply);
  return {
    output: said.length === 0 ? undefined : { messages: said.map((text) => ({ role: 'assistant', content: text })) },
    usage: counts(plainCounts(reply)),
    metadata: { stop_reason: plainStopReason(reply), error: error?.details },
    error: error?.text,
  };
}

function imageReply(reply: Fields): ReplyFacts {
  const { parts, reasons } = picturesReply(reply);
  const error = bodyError(reply);
  return {
    output: parts.length === 0 ? undefined : { messages: [assistantMessage(parts, [])] },
    metadata: { finish_reasons: reasons, error: error?.details },
    error: error?.text,
  };
}

function isEmbeddings({ embedding, embeddings, embeddingsByType, data }: Fields): boolean {
  const isListed = list(data).some((item) => fields(item).embedding !== undefined);
  return [embedding, embeddings, embeddingsByType].some((each) => each !== undefined) || isListed;
}

function embeddingReply(reply: Fields): ReplyFacts {
  const vectors = vectorsOf(reply);
  const [first] = vectors;
  const prompt = number(reply.inputTextTokenCount);
  return {
    output: { count: vectors.length, dimensions: Array.isArray(first) ? first.length : undefined },
    usage: counts({ prompt, completion: prompt === undefined ? undefined : 0 }),
  };
}

/**
 * The vectors: one (Titan), a list (Cohere), or each in an object (Nova, TwelveLabs). Titan and Cohere may send the same vectors in
 * several number types; one type is enough.
 */
function vectorsOf({ embedding, embeddings, embeddingsByType, data }: Fields): readonly unknown[] {
  if (Array.isArray(embedding)) return [embedding];
  const [byType] = Object.values(fields(embeddingsByType));
  if (byType !== undefined) return [byType];
  const lists = [embeddings, data].flatMap((each) =>
    Array.isArray(each) ? each : list(Object.values(fields(each))[0]),
  );
  return lists.map((each) => fields(each).embedding ?? each);
}

/** The texts of Mistral, Titan, Cohere, Llama, AI21's Jurassic, Claude 2 and TwelveLabs' Pegasus. */
export function plainAnswers(reply: Fields): readonly string[] {
  const { outputs, results, generations, completions, text, generation, outputText, completion, message } = reply;
  const many = [...list(outputs), ...list(results), ...list(generations), ...list(completions)].map((each) => {
    const item = fields(each);
    return nonEmptyString(item.text) ?? nonEmptyString(item.outputText) ?? nonEmptyString(fields(item.data).text);
  });
  const inMessage = list(fields(message).content).map((part) => fields(part).text);
  const one = [text, generation, outputText, completion, message, ...inMessage];
  return [...many, ...one].filter((answer): answer is string => typeof answer === 'string');
}

/** The token counts of Llama, Titan and Cohere, each under names of its own. */
export function plainCounts(reply: Fields): { readonly prompt: unknown; readonly completion: unknown } {
  const { prompt_token_count, generation_token_count, inputTextTokenCount, results } = reply;
  const billed = cohereUsage(reply);
  const [first, ...others] = list(results).map((result) => fields(result).tokenCount);
  const { totalOutputTextTokenCount } = reply;
  return {
    prompt: prompt_token_count ?? inputTextTokenCount ?? billed?.prompt_tokens,
    completion:
      generation_token_count ?? sum(first, ...others) ?? totalOutputTextTokenCount ?? billed?.completion_tokens,
  };
}

/** Why the model stopped, under any of the models' names. */
export function plainStopReason(reply: Fields): unknown {
  const { stop_reason, finish_reason, completionReason, finishReason, outputs, results, generations } = reply;
  const first = fields([...list(outputs), ...list(results), ...list(generations), ...list(reply.completions)][0]);
  return (
    stop_reason ??
    finish_reason ??
    completionReason ??
    finishReason ??
    first.stop_reason ??
    first.completionReason ??
    first.finish_reason ??
    fields(first.finishReason).reason ??
    undefined
  );
}
