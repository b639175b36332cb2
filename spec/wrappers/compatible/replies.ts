/*
 * What servers that speak OpenAI's language answer, in the form that each one's own documentation or client shows, and
 * what its words mean: every token it tells of once, the prompt with the cache in it, the completion with the reasoning.
 */

/** A usage of one server. */
export interface Compatible {
  readonly server: string;
  /** Fields of the whole reply, or of the stream's last chunk, beside `choices`. */
  readonly reply: Readonly<Record<string, unknown>>;
  /** Fields of the only choice, beside its message. */
  readonly choice?: Readonly<Record<string, unknown>>;
  readonly tokens: Readonly<Record<string, number>> | undefined;
  readonly cost?: Readonly<Record<string, number>>;
}

const plain = { prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 };

export const compatible: readonly Compatible[] = [
  {
    server: 'Groq: reasoning in the details',
    reply: {
      usage: { ...plain, queue_time: 0.02, total_time: 0.1, completion_tokens_details: { reasoning_tokens: 4 } },
    },
    tokens: { ...plain, reasoning_tokens: 4 },
  },
  { server: 'Groq: under a name of its own', reply: { x_groq: { id: 'r', usage: plain } }, tokens: plain },
  {
    server: 'Kimi: in the choice, the cache beside',
    reply: {},
    choice: { usage: { ...plain, cached_tokens: 8 } },
    tokens: { ...plain, cache_read_tokens: 8 },
  },
  {
    server: 'DeepSeek: cache hits and misses',
    reply: {
      usage: {
        ...plain,
        prompt_cache_hit_tokens: 16,
        prompt_cache_miss_tokens: 4,
        completion_tokens_details: { reasoning_tokens: 6 },
      },
    },
    tokens: { ...plain, cache_read_tokens: 16, reasoning_tokens: 6 },
  },
  {
    server: 'DeepSeek: the prompt in two halves only',
    reply: { usage: { prompt_cache_hit_tokens: 16, prompt_cache_miss_tokens: 4, completion_tokens: 10 } },
    tokens: { ...plain, cache_read_tokens: 16 },
  },
  {
    server: 'xAI: reasoning beside the completion, cost in ticks',
    reply: {
      usage: {
        prompt_tokens: 20,
        completion_tokens: 10,
        total_tokens: 130,
        prompt_tokens_details: { text_tokens: 20, audio_tokens: 0, image_tokens: 0, cached_tokens: 5 },
        completion_tokens_details: { reasoning_tokens: 100, audio_tokens: 0 },
        num_sources_used: 0,
        cost_in_usd_ticks: 37_756_000,
      },
    },
    tokens: {
      prompt_tokens: 20,
      completion_tokens: 110,
      total_tokens: 130,
      reasoning_tokens: 100,
      cache_read_tokens: 5,
    },
    cost: { total: 0.0037756 },
  },
  {
    server: 'Together: cached tokens at the top',
    reply: { usage: { ...plain, cached_tokens: 2 } },
    tokens: { ...plain, cache_read_tokens: 2 },
  },
  {
    server: 'Fireworks: cached tokens in the details',
    reply: { usage: { ...plain, prompt_tokens_details: { cached_tokens: 12 } } },
    tokens: { ...plain, cache_read_tokens: 12 },
  },
  {
    server: 'OpenRouter: cost as a number, with the same upstream',
    reply: {
      usage: {
        ...plain,
        cost: 0.0033789,
        is_byok: false,
        cost_details: { upstream_inference_cost: 0.0033789 },
        prompt_tokens_details: { cached_tokens: 0, cache_write_tokens: 3, audio_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    },
    tokens: { ...plain, cache_creation_tokens: 3 },
    cost: { total: 0.0033789 },
  },
  {
    server: 'OpenRouter: a fee beside what the own key was charged',
    reply: { usage: { ...plain, cost: 0.05, is_byok: true, cost_details: { upstream_inference_cost: 1 } } },
    tokens: plain,
    cost: { total: 1.05 },
  },
  {
    server: 'OpenRouter: nothing beside a real cost',
    reply: { usage: { ...plain, cost: 0, cost_details: { upstream_inference_cost: 0.25 } } },
    tokens: plain,
    cost: { total: 0.25 },
  },
  { server: 'OpenRouter: a free model', reply: { usage: { ...plain, cost: 0 } }, tokens: plain, cost: { total: 0 } },
  {
    server: 'Vercel AI Gateway: the price where nothing was charged',
    reply: { usage: { ...plain, cost: 0, market_cost: 0.00025, is_byok: true } },
    tokens: plain,
    cost: { total: 0.00025 },
  },
  {
    server: 'Perplexity: cost in parts, reasoning beside everything',
    reply: {
      usage: {
        prompt_tokens: 33,
        completion_tokens: 7163,
        total_tokens: 7196,
        search_context_size: 'low',
        citation_tokens: 19_028,
        num_search_queries: 30,
        reasoning_tokens: 193_947,
        cost: { input_tokens_cost: 0.01, output_tokens_cost: 0.2, request_cost: 0.3, total_cost: 0.51 },
      },
    },
    tokens: {
      prompt_tokens: 33,
      completion_tokens: 201_110,
      total_tokens: 201_143,
      reasoning_tokens: 193_947,
      citation_tokens: 19_028,
    },
    cost: { total: 0.51, input_tokens_cost: 0.01, output_tokens_cost: 0.2, request_cost: 0.3 },
  },
  {
    server: 'DeepInfra',
    reply: { usage: { ...plain, estimated_cost: 0.00001 } },
    tokens: plain,
    cost: { total: 0.00001 },
  },
  {
    server: 'AI/ML API',
    reply: { usage: plain, meta: { usage: { credits_used: 3390, usd_spent: 0.001695 } } },
    tokens: plain,
    cost: { total: 0.001695 },
  },
  {
    server: 'LiteLLM: Anthropic’s names beside OpenAI’s, a cost as text',
    reply: {
      usage: { ...plain, cache_read_input_tokens: 7, cache_creation_input_tokens: 5, cost: '0.004' },
    },
    tokens: { ...plain, cache_read_tokens: 7, cache_creation_tokens: 5 },
    cost: { total: 0.004 },
  },
  {
    server: 'a proxy of Anthropic: the cache beside the prompt',
    reply: { usage: { prompt_tokens: 3, completion_tokens: 10, total_tokens: 13, cache_read_input_tokens: 17 } },
    tokens: { ...plain, cache_read_tokens: 17 },
  },
  {
    server: 'vLLM: details that are null',
    reply: { usage: { ...plain, prompt_tokens_details: null } },
    tokens: plain,
  },
  {
    server: 'Azure: details that are there',
    reply: { usage: { ...plain, completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 } } },
    tokens: plain,
  },
  { server: 'Ollama', reply: { usage: plain, system_fingerprint: 'fp_ollama' }, tokens: plain },
  {
    server: 'llama.cpp: timings',
    reply: { timings: { cache_n: 15, prompt_n: 5, prompt_ms: 3.1, predicted_n: 10, predicted_ms: 80.2 } },
    tokens: { ...plain, cache_read_tokens: 15 },
  },
  {
    server: 'DashScope: the cache it made',
    reply: { usage: { ...plain, prompt_tokens_details: { cached_tokens: 0, cache_creation_input_tokens: 6 } } },
    tokens: { ...plain, cache_creation_tokens: 6 },
  },
  {
    server: 'Mistral: cached tokens under two names of its own',
    reply: { usage: { ...plain, num_cached_tokens: 8, prompt_token_details: { cached_tokens: 8 } } },
    tokens: { ...plain, cache_read_tokens: 8 },
  },
  {
    server: 'Fireworks: cached tokens beside the usage, as text',
    reply: { usage: plain, perf_metrics: { 'cached-prompt-tokens': '12', 'prompt-tokens': '20' } },
    tokens: { ...plain, cache_read_tokens: 12 },
  },
  {
    server: 'SiliconFlow: 0 in the details beside the real count of the cache',
    reply: { usage: { ...plain, prompt_tokens_details: { cached_tokens: 0 }, prompt_cache_hit_tokens: 16 } },
    tokens: { ...plain, cache_read_tokens: 16 },
  },
  {
    server: 'a gateway: 0 in the details beside the real count of reasoning',
    reply: { usage: { ...plain, reasoning_tokens: 4, completion_tokens_details: { reasoning_tokens: 0 } } },
    tokens: { ...plain, reasoning_tokens: 4 },
  },
  {
    server: 'Ollama behind a proxy: its own names',
    reply: { usage: { prompt_eval_count: 20, eval_count: 10, total_duration: 4_935_886_791 } },
    tokens: plain,
  },
  {
    server: 'OpenRouter: pictures among what was generated',
    reply: { usage: { ...plain, completion_tokens_details: { image_tokens: 7, reasoning_tokens: 0 } } },
    tokens: { ...plain, image_tokens: 7 },
  },
  {
    server: 'OpenRouter: a cost as text, and one of the upstream alone',
    reply: { usage: { ...plain, cost: '0', cost_details: { upstream_inference_cost: '0.25' } } },
    tokens: plain,
    cost: { total: 0.25 },
  },
  {
    server: 'Perplexity: a currency among the parts of a cost, and no total',
    reply: { usage: { ...plain, cost: { currency: 'USD', input_cost: 0.25, output_cost: '0.5' } } },
    tokens: plain,
    cost: { total: 0.75, input_cost: 0.25, output_cost: 0.5 },
  },
  { server: 'responses’ names', reply: { usage: { input_tokens: 20, output_tokens: 10 } }, tokens: plain },
  {
    server: 'text and fractions',
    reply: { usage: { prompt_tokens: '20', completion_tokens: 9.6, total_tokens: '30.0' } },
    tokens: plain,
  },
  { server: 'a total that is too small', reply: { usage: { ...plain, total_tokens: 0 } }, tokens: plain },
  {
    server: 'a total with more in it',
    reply: { usage: { ...plain, total_tokens: 45 } },
    tokens: { ...plain, total_tokens: 45 },
  },
  { server: 'no counts', reply: {}, tokens: undefined },
  { server: 'counts that are null', reply: { usage: null }, tokens: undefined },
];
