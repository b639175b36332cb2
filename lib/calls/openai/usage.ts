import type { Counts } from '../call-adapter.js';
import { count, counts } from '../counts.js';
import { type Fields, fields, isFields, list } from '../read-unknown.js';

/*
 * The token counts of OpenAI and compatible servers. They agree on `prompt_tokens` and `completion_tokens` in `usage`, and on
 * little else:
 *
 *   where        usage (all) · x_groq.usage (Groq's streams) · choices[].usage (Kimi's streams) · timings (llama.cpp)
 *   names        prompt_eval_count, eval_count (Ollama behind a proxy) · total_tokens alone (Voyage's embeddings)
 *   read cache   prompt_tokens_details.cached_tokens (OpenAI, xAI, OpenRouter, vLLM, Fireworks, Groq, Azure)
 *                prompt_cache_hit_tokens (DeepSeek) · cached_tokens (Kimi, Together) · cache_read_input_tokens (LiteLLM)
 *                num_cached_tokens, prompt_token_details (Mistral) · perf_metrics (Fireworks)
 *   reasoning    in completion_tokens_details, within the completion (OpenAI, DeepSeek, Groq) or beside it (xAI);
 *                beside the counts and the completion (Perplexity)
 *
 * docs/wrappers.md has the table, spec/wrappers/compatible/ a reply of each.
 */

/** The usage of a reply or a chunk, wherever the server puts it; undefined where it has none. */
export function usageOf(reply: unknown): Fields | undefined {
  const { usage, x_groq, choices, timings, perf_metrics } = fields(reply);
  if (isFields(usage)) {
    const cached = fields(perf_metrics)['cached-prompt-tokens'];
    return cached === undefined ? usage : { cached_tokens: cached, ...usage };
  }
  const own = fields(x_groq).usage;
  if (isFields(own)) return own;
  for (const choice of list(choices)) {
    const { usage: ofChoice } = fields(choice);
    if (isFields(ofChoice)) return ofChoice;
  }
  return timings === undefined ? undefined : llamaUsage(fields(timings));
}

/** Tokens of chat completions and completions. Source: OpenAI API reference, `CompletionUsage`, and the table above. */
export function chatUsage(usage: unknown): Counts | undefined {
  const counts = fields(usage);
  const sent = fields(counts.prompt_tokens_details ?? counts.input_tokens_details ?? counts.prompt_token_details);
  const made = fields(counts.completion_tokens_details ?? counts.output_tokens_details);
  return inclusive(counts, {
    prompt: counts.prompt_tokens ?? counts.input_tokens ?? counts.prompt_eval_count ?? hitsAndMisses(counts),
    completion: counts.completion_tokens ?? counts.output_tokens ?? counts.eval_count,
    sent,
    made,
    more: {
      prompt_audio_tokens: sent.audio_tokens,
      prompt_image_tokens: sent.image_tokens,
      audio_tokens: made.audio_tokens,
      accepted_prediction_tokens: made.accepted_prediction_tokens,
      rejected_prediction_tokens: made.rejected_prediction_tokens,
      image_tokens: made.image_tokens,
      citation_tokens: counts.citation_tokens,
    },
  });
}

/** Tokens of responses. Source: OpenAI API reference, `ResponseUsage`. */
export function responseUsage(usage: unknown): Counts | undefined {
  const counts = fields(usage);
  // Transcriptions name them `input_token_details`.
  const sent = fields(counts.input_tokens_details ?? counts.input_token_details ?? counts.prompt_tokens_details);
  const made = fields(counts.output_tokens_details ?? counts.completion_tokens_details);
  return inclusive(counts, {
    prompt: counts.input_tokens ?? counts.prompt_tokens,
    completion: counts.output_tokens ?? counts.completion_tokens,
    sent,
    made,
    more: {
      prompt_audio_tokens: sent.audio_tokens,
      prompt_image_tokens: sent.image_tokens,
      image_tokens: made.image_tokens,
    },
  });
}

/**
 * Tokens of images. Where the provider does not say which output tokens are of an image, all are.
 * Source: OpenAI API reference, `ImageGenCompletedEvent`.
 */
export function imageUsage(usage: unknown): Counts | undefined {
  const counts = fields(usage);
  const details = counts.output_tokens_details ?? { image_tokens: counts.output_tokens };
  return responseUsage({ ...counts, output_tokens_details: details });
}

/** Counts as a server reports them. */
interface ReportedCounts {
  readonly prompt: unknown;
  readonly completion: unknown;
  /** Details of what was sent. */
  readonly sent: Fields;
  /** Details of what was generated. */
  readonly made: Fields;
  readonly more?: Fields;
}

/** Counts whose prompt includes cached tokens and whose completion includes reasoning, also if the server counts them separately. */
function inclusive(usage: Fields, { prompt, completion, sent, made, more }: ReportedCounts): Counts | undefined {
  const reasoning = first(made.reasoning_tokens, usage.reasoning_tokens, made.thinking_tokens);
  const cacheRead = first(
    sent.cached_tokens,
    usage.prompt_cache_hit_tokens,
    usage.cached_tokens,
    usage.cache_read_input_tokens,
    usage.num_cached_tokens,
  );
  const cacheCreation = first(
    sent.cache_write_tokens,
    sent.cache_creation_tokens,
    sent.cache_creation_input_tokens,
    usage.cache_creation_input_tokens,
  );
  return counts({
    prompt: withCache(count(prompt), cacheRead, cacheCreation),
    completion: withReasoning(count(prompt), count(completion), count(usage.total_tokens), reasoning),
    total: usage.total_tokens,
    reasoning,
    cacheRead,
    cacheCreation,
    more: { ...more, cache_creation_12h_tokens: fields(sent.cache_write_tokens_details).ttl_12h_tokens },
  });
}

/** The first count above 0, because some servers send a 0 beside the real one; else the first count. */
function first(...reported: readonly unknown[]): number | undefined {
  let known: number | undefined;
  for (const each of reported) {
    const read = count(each);
    if (read !== undefined && read > 0) return read;
    known ??= read;
  }
  return known;
}

/** Adds the cached tokens if they are more than the prompt: then the server counts them separately. */
function withCache(prompt: number | undefined, read = 0, created = 0): number | undefined {
  return prompt !== undefined && read + created > prompt ? prompt + read + created : prompt;
}

/** Adds reasoning if it exceeds the completion, or if the total is the sum of all three: then the server counts it separately. */
function withReasoning(prompt = 0, completion?: number, total?: number, reasoning = 0): number | undefined {
  if (completion === undefined || reasoning === 0) return completion;
  const isBeside = reasoning > completion || total === prompt + completion + reasoning;
  return isBeside ? completion + reasoning : completion;
}

/** DeepSeek counts the cached and the other part of a prompt. Source: DeepSeek API documentation, context caching. */
function hitsAndMisses({ prompt_cache_hit_tokens: hits, prompt_cache_miss_tokens: misses }: Fields) {
  const missed = count(misses);
  return missed === undefined ? undefined : missed + (count(hits) ?? 0);
}

/** The counts that the server of llama.cpp adds to every stream. Source: its README, *timings*. */
function llamaUsage({ prompt_n, cache_n, predicted_n }: Fields): Fields | undefined {
  const sent = count(prompt_n);
  const made = count(predicted_n);
  if (sent === undefined || made === undefined) return undefined;
  const cached = count(cache_n) ?? 0;
  return { prompt_tokens: sent + cached, completion_tokens: made, cached_tokens: cached };
}
