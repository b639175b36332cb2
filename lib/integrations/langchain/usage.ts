import type { Counts } from '../../calls/call-adapter.js';
import { count, counts, inclusiveCounts, sum } from '../../calls/counts.js';
import { chatUsage } from '../../calls/openai/usage.js';
import { type Fields, fields, isFields, set } from '../../calls/read-unknown.js';

/**
 * The token counts of a reply: those of the message, which have one form for all providers; else those that the model reports beside
 * the message; else the provider's own. (For a stream whose server sends no role, the framework has only the provider's own.)
 */
export function usageOf(message: unknown, llmOutput: unknown, streamed?: StreamedUsage): Counts | undefined {
  const own = () => chatUsage(fields(fields(message).response_metadata).usage);
  return messageUsage(message, streamed) ?? besideUsage(fields(llmOutput)) ?? own();
}

function messageUsage(message: unknown, streamed: StreamedUsage | undefined): Counts | undefined {
  const { usage_metadata, response_metadata } = fields(message);
  const counted = fields(usage_metadata);
  return countsOf(withAnthropic(streamed?.corrected(counted) ?? counted, fields(fields(response_metadata).usage)));
}

/**
 * The `usage_metadata` of a stream's chunks, added up as the framework does. In a stream of Anthropic, each chunk with counts counts
 * the whole reply so far, so only the last of these counts is right. Source: `@langchain/anthropic` 1.5, utils/message_outputs.
 */
export class StreamedUsage {
  #sum: Fields = {};
  /** The reply's tokens as Anthropic's latest chunk counts them; undefined for another provider. */
  #soFar: number | undefined;
  /** How many tokens the sum counts more than once. */
  #tooMany = 0;
  readonly #isAnthropic: boolean;

  constructor(provider: string | undefined) {
    this.#isAnthropic = provider === 'anthropic';
  }

  /** Adds the counts of a chunk. */
  add({ usage_metadata, additional_kwargs }: Fields): void {
    const usage = fields(usage_metadata);
    this.#sum = addedUsage(this.#sum, usage);
    this.#counted(count(usage.output_tokens), fields(additional_kwargs).type === 'message');
  }

  /** Takes the sum that an event reports. */
  reported(usage: Fields): void {
    const before = count(this.#sum.output_tokens);
    const made = count(usage.output_tokens);
    this.#sum = usage;
    if (made !== before) this.#counted(sum(made, -(before ?? 0)), this.#isAnthropic && before === undefined);
  }

  #counted(made: number | undefined, isFirstOfAnthropic: boolean): void {
    if (made === undefined) return;
    if (this.#soFar !== undefined) this.#tooMany += this.#soFar;
    if (isFirstOfAnthropic || this.#soFar !== undefined) this.#soFar = made;
  }

  get sum(): Fields {
    return this.corrected(this.#sum);
  }

  /** The counts of the whole reply, without tokens that the framework has counted more than once. */
  corrected(counted: Fields): Fields {
    const { output_tokens: made, total_tokens: total } = counted;
    if (this.#tooMany === 0 || made !== this.#sum.output_tokens) return counted;
    return { ...counted, output_tokens: sum(made, -this.#tooMany), total_tokens: sum(total, -this.#tooMany) };
  }
}

/**
 * Corrects counts by the raw counts of Anthropic's API, in which cached tokens are never part of the prompt. Some versions of the
 * framework's package count the cached tokens of a stream twice, or leave them out of the prompt. Source: `@langchain/anthropic` 1.3,
 * utils/message_outputs.
 */
function withAnthropic(counted: Fields, raw: Fields): Fields {
  const { cache_read_input_tokens: read, cache_creation_input_tokens: created, input_tokens: sent } = raw;
  const details = fields(counted.input_token_details);
  const input_token_details = {
    ...details,
    cache_read: smaller(details.cache_read, read),
    cache_creation: smaller(details.cache_creation, created),
    // Under the name of the framework for Python, which counts it.
    ephemeral_1h_input_tokens: fields(raw.cache_creation).ephemeral_1h_input_tokens,
  };
  const isApart = count(sent) === count(counted.input_tokens) && sum(0, read, created) !== 0;
  if (!isApart) return { ...counted, input_token_details };
  return { ...counted, input_token_details, input_tokens: sum(sent, read, created), total_tokens: undefined };
}

function smaller(counted: unknown, raw: unknown): unknown {
  return (count(raw) ?? Number.POSITIVE_INFINITY) < (count(counted) ?? 0) ? raw : counted;
}

/** The counts of a message's `usage_metadata`. Source: `@langchain/core`, `UsageMetadata`. */
export function countsOf({ input_tokens, output_tokens, total_tokens, ...details }: Fields): Counts | undefined {
  const sent = fields(details.input_token_details);
  const made = fields(details.output_token_details);
  return inclusiveCounts({
    prompt: input_tokens,
    completion: output_tokens,
    total: total_tokens,
    reasoning: made.reasoning,
    cacheRead: sent.cache_read,
    cacheCreation: sent.cache_creation,
    more: {
      cache_creation_1h_tokens: sent.ephemeral_1h_input_tokens,
      prompt_audio_tokens: sent.audio,
      prompt_image_tokens: sent.image,
      audio_tokens: made.audio,
      image_tokens: made.image,
    },
  });
}

/** Adds up the `usage_metadata` of chunks, as the framework does. Source: `@langchain/core`, `mergeUsageMetadata`. */
function addedUsage(before: Fields, later: Fields): Fields {
  const all: Record<string, unknown> = { ...before };
  for (const [name, value] of Object.entries(later)) {
    const known = Object.hasOwn(before, name) ? before[name] : undefined;
    set(all, name, isFields(value) ? addedUsage(fields(known), value) : sum(known ?? 0, value));
  }
  return all;
}

function besideUsage({ tokenUsage, token_usage, usage }: Fields): Counts | undefined {
  const merged = { ...fields(usage), ...fields(token_usage), ...fields(tokenUsage) };
  return counts({
    prompt: merged.promptTokens ?? merged.prompt_tokens ?? merged.input_tokens,
    completion: merged.completionTokens ?? merged.completion_tokens ?? merged.output_tokens,
    total: merged.totalTokens ?? merged.total_tokens,
  });
}
