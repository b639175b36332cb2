import { MessageEvents } from '../../calls/anthropic/message-events.js';
import type { Counts, ReplyFacts, ReplyStream, ToolObserver } from '../../calls/call-adapter.js';
import { counts, sum } from '../../calls/counts.js';
import { ChatStream } from '../../calls/openai/chat-stream.js';
import { type Fields, fields, isFields, omitNullish } from '../../calls/read-unknown.js';
import { bodyOf } from './body.js';
import { CohereEvents, isCohereEvent } from './cohere.js';
import { converseReply } from './converse.js';
import { ConverseEvents } from './converse-events.js';
import { guardrailAction, plainAnswers, plainCounts, plainStopReason } from './invoke-reply.js';

/** Assembles a streamed body in the form of its model, which the first chunk shows. */
export class InvokeEvents implements ReplyStream {
  #inner: ReplyStream | undefined;
  #usage: Counts | undefined;
  #guardrail: string | undefined;

  get isComplete(): boolean {
    return this.#inner?.isComplete === true;
  }

  add(event: unknown, tools: ToolObserver): boolean {
    const chunk = bodyOf(fields(fields(event).chunk).bytes);
    if (!isFields(chunk)) return false;
    this.#usage = invocationUsage(chunk['amazon-bedrock-invocationMetrics']) ?? this.#usage;
    this.#guardrail = guardrailAction(chunk) ?? this.#guardrail;
    this.#inner ??= streamOf(chunk);
    return this.#inner.add(chunk, tools);
  }

  facts(): ReplyFacts {
    const facts = this.#inner?.facts() ?? {};
    return {
      ...facts,
      usage: bestCounts(facts.usage, this.#usage),
      metadata: { ...facts.metadata, guardrail_action: this.#guardrail },
    };
  }
}

/** The model's counts if they are complete, else those of Bedrock. */
function bestCounts(own: Counts | undefined, metered: Counts | undefined): Counts | undefined {
  if (own?.prompt_tokens !== undefined && own.completion_tokens !== undefined) return own;
  return metered ?? own;
}

/** Bedrock's own counts, in the last chunk of every model. */
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
  if (isCohereEvent(chunk)) return new CohereEvents();
  // Claude 2 has texts, of the type `completion`.
  if (typeof chunk.type === 'string' && typeof chunk.completion !== 'string') return new MessageEvents();
  if (Array.isArray(chunk.choices)) return new ChatStream();
  if (chunk.messageStart !== undefined || chunk.contentBlockDelta !== undefined)
    return new ConverseEvents(converseReply);
  return new PlainStream();
}

/** The chunks of Llama, Titan, Mistral, Command, Claude 2 and Pegasus: a piece of text each, with counts in the last. */
class PlainStream implements ReplyStream {
  #text = '';
  /** The counts so far, because some models send those of the prompt only in the first chunk. */
  #counted: Fields = {};
  #stopReason: unknown;

  get isComplete(): boolean {
    return this.#stopReason !== undefined;
  }

  add(chunk: unknown): boolean {
    const piece = plainAnswers(fields(chunk)).join('');
    this.#text += piece;
    this.#counted = { ...this.#counted, ...omitNullish(plainCounts(fields(chunk))) };
    this.#stopReason = plainStopReason(fields(chunk)) ?? this.#stopReason;
    return piece !== '';
  }

  facts(): ReplyFacts {
    return {
      output: { messages: [{ role: 'assistant', content: this.#text }] },
      usage: counts({ prompt: this.#counted.prompt, completion: this.#counted.completion }),
      metadata: { stop_reason: this.#stopReason },
    };
  }
}
