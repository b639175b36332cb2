import { messageReply } from '../anthropic/reply.js';
import { counts } from '../counts.js';
import { type Fields, fields, filled, isFields, list, number } from '../narrow.js';
import { chatReply } from '../openai/chat.js';
import type { Counts, ReplyFacts } from '../translation.js';
import { bodyOf } from './body.js';
import { converseReply } from './converse.js';

/** What a reply says, by the form of its body; where the body counts no tokens, the headers may. */
export function invokeReply(reply: unknown): ReplyFacts {
  const { body, headers } = fields(reply);
  const facts = bodyReply(bodyOf(body));
  return { ...facts, usage: facts.usage ?? headerUsage(fields(headers)) };
}

/** Source: Amazon Bedrock user guide, response headers of InvokeModel. */
function headerUsage(headers: Fields): Counts | undefined {
  const count = (name: string) => {
    const value = filled(headers[`x-amzn-bedrock-${name}-token-count`]);
    return value === undefined ? undefined : Number(value);
  };
  return counts({ prompt: count('input'), completion: count('output') });
}

/** What the body of a reply says. Sources: the models' parameters in the Amazon Bedrock user guide. */
function bodyReply(body: unknown): ReplyFacts {
  const reply = fields(body);
  const { content, output, choices, embedding, embeddings } = reply;
  if (embedding !== undefined || embeddings !== undefined) return embeddingReply(reply);
  if (Array.isArray(content)) return messageReply(reply);
  if (isFields(fields(output).message)) return converseReply(reply);
  if (Array.isArray(choices)) return chatReply(reply);
  const said = plainAnswers(reply);
  return {
    output: said.length === 0 ? undefined : { messages: said.map((text) => ({ role: 'assistant', content: text })) },
    usage: counts(plainCounts(reply)),
    metadata: { stop_reason: plainStopReason(reply) },
  };
}

function embeddingReply({ embedding, embeddings, inputTextTokenCount }: Fields): ReplyFacts {
  const several = Array.isArray(embeddings) ? embeddings : list(fields(embeddings).float);
  const vectors = Array.isArray(embedding) ? [embedding] : several;
  const [first] = vectors;
  const prompt = number(inputTextTokenCount);
  return {
    output: { count: vectors.length, dimensions: Array.isArray(first) ? first.length : undefined },
    usage: counts({ prompt, completion: prompt === undefined ? undefined : 0 }),
  };
}

/** The texts of Mistral, Titan, Cohere and Llama. */
export function plainAnswers(reply: Fields): readonly string[] {
  const { outputs, results, generations, text, generation, outputText, message } = reply;
  const many = [...list(outputs), ...list(results), ...list(generations)].map((each) => {
    const item = fields(each);
    return filled(item.text) ?? filled(item.outputText);
  });
  const one = [text, generation, outputText, ...list(fields(message).content).map((part) => fields(part).text)];
  return [...many, ...one].filter((answer): answer is string => typeof answer === 'string');
}

/** The token counts of Llama, Titan and Cohere, by two names. */
export function plainCounts(reply: Fields): { readonly prompt: unknown; readonly completion: unknown } {
  const { prompt_token_count, generation_token_count, inputTextTokenCount, results, meta } = reply;
  const { billed_units } = fields(meta);
  return {
    prompt: prompt_token_count ?? inputTextTokenCount ?? fields(billed_units).input_tokens,
    completion:
      generation_token_count ??
      fields(list(results)[0]).tokenCount ??
      reply.totalOutputTextTokenCount ??
      fields(billed_units).output_tokens,
  };
}

/** Why the model stopped, under whichever name. */
export function plainStopReason(reply: Fields): unknown {
  const { stop_reason, finish_reason, completionReason, outputs, results, generations } = reply;
  const first = fields([...list(outputs), ...list(results), ...list(generations)][0]);
  return (
    stop_reason ??
    finish_reason ??
    completionReason ??
    first.stop_reason ??
    first.completionReason ??
    first.finish_reason ??
    undefined
  );
}
