import { MessageEvents } from '../anthropic/message-events.js';
import { counts, sum } from '../counts.js';
import { type Fields, fields, isFields } from '../narrow.js';
import { ChatStream } from '../openai/chat-stream.js';
import type { Counts, ReplyFacts, ReplyStream, ToolWatch } from '../translation.js';
import { bodyOf } from './body.js';
import { converseReply } from './converse.js';
import { ConverseEvents } from './converse-events.js';
import { plainAnswers, plainStopReason, plainUsage } from './invoke-reply.js';

/** Puts the chunks of a streamed body together, in the way of the model that the first of them shows. */
export class InvokeEvents implements ReplyStream {
  #inner: ReplyStream | undefined;
  #usage: Counts | undefined;

  get isComplete(): boolean {
    return this.#inner?.isComplete === true;
  }

  add(event: unknown, tools: ToolWatch): boolean {
    const chunk = bodyOf(fields(fields(event).chunk).bytes);
    if (!isFields(chunk)) return false;
    this.#usage = invocationUsage(chunk['amazon-bedrock-invocationMetrics']) ?? this.#usage;
    this.#inner ??= streamOf(chunk);
    return this.#inner.add(chunk, tools);
  }

  facts(): ReplyFacts {
    const facts = this.#inner?.facts() ?? {};
    return {
      ...facts,
      usage: facts.usage?.completion_tokens === undefined ? (this.#usage ?? facts.usage) : facts.usage,
    };
  }
}

/** What Bedrock itself counts, in the last chunk of every model. */
function invocationUsage(metrics: unknown): Counts | undefined {
  const { inputTokenCount, outputTokenCount, cacheReadInputTokenCount, cacheWriteInputTokenCount } = fields(metrics);
  return counts({
    prompt: sum(inputTokenCount, cacheReadInputTokenCount, cacheWriteInputTokenCount),
    completion: outputTokenCount,
    cacheRead: cacheReadInputTokenCount,
    cacheCreation: cacheWriteInputTokenCount,
  });
}

function streamOf(chunk: Fields): ReplyStream {
  if (typeof chunk.type === 'string') return new MessageEvents();
  if (Array.isArray(chunk.choices)) return new ChatStream();
  if (chunk.messageStart !== undefined || chunk.contentBlockDelta !== undefined)
    return new ConverseEvents(converseReply);
  return new PlainStream();
}

/** The chunks of Llama, Titan, Mistral and Cohere: a piece of text each, with counts in the last. */
class PlainStream implements ReplyStream {
  #text = '';
  #usage: Counts | undefined;
  #stopReason: unknown;

  get isComplete(): boolean {
    return this.#stopReason !== undefined;
  }

  add(chunk: unknown): boolean {
    const piece = plainAnswers(fields(chunk)).join('');
    this.#text += piece;
    this.#usage = plainUsage(fields(chunk)) ?? this.#usage;
    this.#stopReason = plainStopReason(fields(chunk)) ?? this.#stopReason;
    return piece !== '';
  }

  facts(): ReplyFacts {
    return {
      output: { messages: [{ role: 'assistant', content: this.#text }] },
      usage: this.#usage,
      metadata: { stop_reason: this.#stopReason },
    };
  }
}
