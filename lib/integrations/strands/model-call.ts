import type { CallAdapter, Counts, ReplyFacts, ReplyStream } from '../../calls/call-adapter.js';
import { count, counts } from '../../calls/counts.js';
import { toolNames } from '../../calls/parameters.js';
import { type Fields, fields, list, nonEmptyString } from '../../calls/read-unknown.js';
import { replyMessage, requestMessages, thoughtsOf } from './messages.js';

/**
 * Reads a model call of the framework: the input of its stage, its events, and its output.
 *
 * @param model - the framework's model
 */
export function modelAdapter(name: string, model: unknown): CallAdapter {
  const isCacheApart = isAnthropic(model);
  return {
    name,
    kind: 'LLM',
    request: ({ messages, systemPrompt, toolSpecs }) => ({
      input: { messages: requestMessages(systemPrompt, messages) },
      model: name,
      metadata: { tools: toolNames(list(toolSpecs)) },
    }),
    reply: (reply) => replyFacts(reply, isCacheApart),
    stream: () => new ModelEvents(isCacheApart),
  };
}

function replyFacts(reply: unknown, isCacheApart: boolean): ReplyFacts {
  const { message, stopReason, metadata } = fields(reply);
  return {
    output: message === undefined ? undefined : { messages: [replyMessage(message)] },
    usage: usageOf(fields(metadata).usage, isCacheApart),
    metadata: { stop_reason: nonEmptyString(stopReason) },
    reasoning: thoughtsOf(message),
  };
}

/**
 * Whether this is the framework's model for Anthropic's API. It passes on that API's counts, in which the prompt is without the
 * cache, and makes a total of them that is without it, too. Source: `@strands-agents/sdk` 1.19, models/anthropic.
 */
function isAnthropic(model: unknown): boolean {
  const { messages } = fields(fields(model)._client);
  return typeof messages === 'object' && messages !== null;
}

/** Some models count cached tokens as part of the prompt, some separately; the total shows which. */
function usageOf(usage: unknown, isCacheApart: boolean): Counts | undefined {
  const { inputTokens, outputTokens, totalTokens, cacheReadInputTokens, cacheWriteInputTokens } = fields(usage);
  const cached = (count(cacheReadInputTokens) ?? 0) + (count(cacheWriteInputTokens) ?? 0);
  const sent = count(inputTokens);
  const isInTotal = sent !== undefined && (count(totalTokens) ?? 0) >= sent + (count(outputTokens) ?? 0) + cached;
  const isApart = sent !== undefined && (isCacheApart || isInTotal);
  return counts({
    prompt: isApart ? sent + cached : inputTokens,
    completion: outputTokens,
    total: totalTokens,
    cacheRead: cacheReadInputTokens,
    cacheCreation: cacheWriteInputTokens,
  });
}

/** The events of a model call that is left early: the text up to then. */
class ModelEvents implements ReplyStream {
  readonly #isCacheApart: boolean;
  #text = '';
  #metadata: Fields = {};
  readonly isComplete = false;

  constructor(isCacheApart: boolean) {
    this.#isCacheApart = isCacheApart;
  }

  add(update: unknown): boolean {
    const { type, delta, usage } = fields(fields(update).event);
    if (type === 'modelMetadataEvent') this.#metadata = { usage };
    if (type !== 'modelContentBlockDeltaEvent') return false;
    this.#text += nonEmptyString(fields(delta).text) ?? '';
    return true;
  }

  facts(): ReplyFacts {
    const message = { role: 'assistant', content: [{ type: 'textBlock', text: this.#text }] };
    return replyFacts(
      { message: this.#text === '' ? undefined : message, metadata: this.#metadata },
      this.#isCacheApart,
    );
  }
}
