import type { EstimateFacts, RecordedTokenUsage } from '../../lib/index.js';

/** A day on which all prices below held. */
export const startedAt = Date.UTC(2026, 10, 2, 12);

export const openai = { provider: 'openai', endpoint: 'https://api.openai.com/v1' };
const anthropic = { provider: 'anthropic', endpoint: 'https://api.anthropic.com/' };
/** An API like OpenAI's at this endpoint. */
export const at = (endpoint: string) => ({ provider: 'openai', endpoint });

/** A call, and what it costs by the provider's own page. */
interface PublishedPrice {
  readonly title: string;
  readonly model: string;
  readonly call?: Partial<EstimateFacts>;
  readonly usage: RecordedTokenUsage;
  /** In millionths of a dollar, put together from the provider's own page: tokens times dollars for a million of them. */
  readonly micros: number;
}

/** Calls with their costs. */
export const priced: readonly PublishedPrice[] = [
  {
    title: 'OpenAI gpt-5: cached input at a tenth, reasoning within the output',
    model: 'gpt-5-2025-08-07',
    call: openai,
    usage: { prompt_tokens: 10_000, completion_tokens: 2000, cache_read_tokens: 4000, reasoning_tokens: 1500 },
    micros: 6000 * 1.25 + 4000 * 0.125 + 2000 * 10,
  },
  {
    title: 'OpenAI gpt-4o: cached input at half',
    model: 'gpt-4o-2024-08-06',
    call: openai,
    usage: { prompt_tokens: 2000, completion_tokens: 300, cache_read_tokens: 1024 },
    micros: 976 * 2.5 + 1024 * 1.25 + 300 * 10,
  },
  {
    title: 'OpenAI gpt-4o: an older day had another price',
    model: 'gpt-4o-2024-05-13',
    call: openai,
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 5 + 100 * 15,
  },
  {
    title: 'OpenAI o3: mostly reasoning',
    model: 'o3-2025-04-16',
    call: openai,
    usage: { prompt_tokens: 1000, completion_tokens: 5000, cache_read_tokens: 600, reasoning_tokens: 4600 },
    micros: 400 * 2 + 600 * 0.5 + 5000 * 8,
  },
  {
    title: 'OpenAI gpt-4.1-mini',
    model: 'gpt-4.1-mini-2025-04-14',
    call: openai,
    usage: { prompt_tokens: 50_000, completion_tokens: 1000, cache_read_tokens: 30_000 },
    micros: 20_000 * 0.4 + 30_000 * 0.1 + 1000 * 1.6,
  },
  {
    title: 'OpenAI gpt-5.4: a long prompt makes all of the call dearer',
    model: 'gpt-5.4',
    call: openai,
    usage: { prompt_tokens: 300_000, completion_tokens: 1000, cache_read_tokens: 100_000 },
    micros: 200_000 * 5 + 100_000 * 0.5 + 1000 * 22.5,
  },
  {
    title: 'OpenAI gpt-5 in the flex tier: half',
    model: 'gpt-5-2025-08-07',
    call: { ...openai, serviceTier: 'flex' },
    usage: { prompt_tokens: 10_000, completion_tokens: 2000, cache_read_tokens: 4000 },
    micros: 6000 * 0.625 + 4000 * 0.0625 + 2000 * 5,
  },
  {
    title: 'OpenAI gpt-5 with two searches of the web, at 10 dollars for a thousand, also in the flex tier',
    model: 'gpt-5',
    call: { ...openai, serviceTier: 'flex', webSearches: 2 },
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 0.625 + 100 * 5 + 2 * 10_000,
  },
  {
    title: 'OpenAI embeddings',
    model: 'text-embedding-3-small',
    call: openai,
    usage: { prompt_tokens: 1_000_000, completion_tokens: 0 },
    micros: 1_000_000 * 0.02,
  },
  {
    title: 'OpenAI gpt-realtime-mini: sound has prices of its own',
    model: 'gpt-realtime-mini',
    call: openai,
    usage: { prompt_tokens: 1000, completion_tokens: 200, prompt_audio_tokens: 800, audio_tokens: 150 },
    micros: 200 * 0.6 + 800 * 10 + 50 * 2.4 + 150 * 20,
  },
  {
    title: 'OpenAI gpt-image-1: pictures that are sent have a price of their own',
    model: 'gpt-image-1',
    call: openai,
    usage: { prompt_tokens: 500, completion_tokens: 1056, prompt_image_tokens: 400, image_tokens: 1056 },
    micros: 100 * 5 + 400 * 10 + 1056 * 40,
  },
  {
    title: 'Anthropic Claude Sonnet 4.5: cache read, written for five minutes and for an hour',
    model: 'claude-sonnet-4-5-20250929',
    call: { ...anthropic, serviceTier: 'standard' },
    usage: {
      prompt_tokens: 13_000,
      completion_tokens: 400,
      cache_read_tokens: 10_000,
      cache_creation_tokens: 2000,
      cache_creation_1h_tokens: 500,
    },
    micros: 1000 * 3 + 10_000 * 0.3 + 1500 * 3.75 + 500 * 6 + 400 * 15,
  },
  {
    title: 'Anthropic Claude Opus 4.1 with a search of the web',
    model: 'claude-opus-4-1-20250805',
    call: { ...anthropic, webSearches: 1 },
    usage: { prompt_tokens: 5000, completion_tokens: 1000, cache_creation_tokens: 4000 },
    micros: 1000 * 15 + 4000 * 18.75 + 1000 * 75 + 10_000,
  },
  {
    title: 'Anthropic Claude Haiku 4.5 in a batch',
    model: 'claude-haiku-4-5-20251001',
    call: { ...anthropic, serviceTier: 'batch' },
    usage: { prompt_tokens: 2000, completion_tokens: 500, cache_read_tokens: 1000 },
    micros: (1000 * 1 + 1000 * 0.1 + 500 * 5) / 2,
  },
  {
    title: 'Anthropic Claude Opus 4.8 that must run in the US: a tenth more',
    model: 'claude-opus-4-8',
    call: { ...anthropic, region: 'us' },
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: (1000 * 5 + 100 * 25) * 1.1,
  },
  {
    title: 'Google Gemini 2.5 Pro: thoughts within the output',
    model: 'gemini-2.5-pro',
    call: { provider: 'google', serviceTier: 'ON_DEMAND' },
    usage: { prompt_tokens: 8000, completion_tokens: 3000, reasoning_tokens: 2500, cache_read_tokens: 2000 },
    micros: 6000 * 1.25 + 2000 * 0.125 + 3000 * 10,
  },
  {
    title: 'Google Gemini 2.5 Pro over 200,000 tokens',
    model: 'models/gemini-2.5-pro',
    call: { provider: 'google' },
    usage: { prompt_tokens: 250_000, completion_tokens: 1000 },
    micros: 250_000 * 2.5 + 1000 * 15,
  },
  {
    title: 'Google Gemini 2.5 Flash with sound, some of both from the cache',
    model: 'gemini-2.5-flash',
    call: { provider: 'google' },
    usage: {
      prompt_tokens: 3000,
      completion_tokens: 100,
      prompt_audio_tokens: 1000,
      cache_read_tokens: 700,
      cache_read_audio_tokens: 200,
    },
    micros: 1500 * 0.3 + 800 * 1 + 500 * 0.03 + 200 * 0.1 + 100 * 2.5,
  },
  {
    title: 'Google Gemini 2.5 Flash Image',
    model: 'gemini-2.5-flash-image',
    call: { provider: 'google' },
    usage: { prompt_tokens: 100, completion_tokens: 1300, image_tokens: 1290 },
    micros: 100 * 0.3 + 10 * 2.5 + 1290 * 30,
  },
  {
    title: 'Google Gemini 2.5 Flash in the flex tier: half',
    model: 'gemini-2.5-flash',
    call: { provider: 'google', serviceTier: 'ON_DEMAND_FLEX' },
    usage: { prompt_tokens: 1000, completion_tokens: 1000 },
    micros: (1000 * 0.3 + 1000 * 2.5) / 2,
  },
  {
    title: 'Claude on Vertex, by its name there',
    model: 'claude-sonnet-4-5@20250929',
    call: { provider: 'anthropic', endpoint: 'https://aiplatform.googleapis.com/v1' },
    usage: { prompt_tokens: 1000, completion_tokens: 100, cache_read_tokens: 500 },
    micros: 500 * 3 + 500 * 0.3 + 100 * 15,
  },
  {
    title: 'Claude on Bedrock in one region: a tenth more than worldwide, whatever the reply calls it',
    model: 'claude-haiku-4-5-20251001',
    call: { provider: 'aws', requestedModel: 'eu.anthropic.claude-haiku-4-5-20251001-v1:0' },
    usage: { prompt_tokens: 1000, completion_tokens: 100, cache_read_tokens: 500 },
    micros: (500 * 1 + 500 * 0.1 + 100 * 5) * 1.1,
  },
  {
    title: 'Claude on Bedrock worldwide, by ARN',
    model: 'claude-haiku-4-5-20251001',
    call: {
      provider: 'aws',
      requestedModel:
        'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/global.anthropic.claude-haiku-4-5-20251001-v1:0',
    },
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 1 + 100 * 5,
  },
  {
    title: 'Amazon Nova Pro in the priority tier: three quarters more',
    model: 'us.amazon.nova-pro-v1:0',
    call: { provider: 'aws', serviceTier: 'priority' },
    usage: { prompt_tokens: 1000, completion_tokens: 100, cache_read_tokens: 400 },
    micros: (600 * 0.8 + 400 * 0.2 + 100 * 3.2) * 1.75,
  },
  {
    title: 'OpenAI on Azure, by the model that answered',
    model: 'gpt-4.1-2025-04-14',
    call: { ...at('https://acme.openai.azure.com/openai'), requestedModel: 'our-deployment' },
    usage: { prompt_tokens: 1000, completion_tokens: 100, cache_read_tokens: 500 },
    micros: 500 * 2 + 500 * 0.5 + 100 * 8,
  },
  {
    title: 'OpenRouter, with a route that changes no price',
    model: 'anthropic/claude-sonnet-4.5:nitro',
    call: at('https://openrouter.ai/api/v1'),
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 3 + 100 * 15,
  },
  {
    title: 'Groq Llama 3.3 70B; its flex tier costs the same',
    model: 'llama-3.3-70b-versatile',
    call: { ...at('https://api.groq.com/openai/v1'), serviceTier: 'flex' },
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 0.59 + 100 * 0.79,
  },
  {
    title: 'xAI Grok 4',
    model: 'grok-4-0709',
    call: at('https://api.x.ai/v1'),
    usage: { prompt_tokens: 1000, completion_tokens: 900, reasoning_tokens: 800, cache_read_tokens: 500 },
    micros: 500 * 3 + 500 * 0.75 + 900 * 15,
  },
  {
    title: 'Kimi K2',
    model: 'kimi-k2-0905-preview',
    call: at('https://api.moonshot.ai/v1'),
    usage: { prompt_tokens: 1000, completion_tokens: 100, cache_read_tokens: 500 },
    micros: 500 * 0.6 + 500 * 0.15 + 100 * 2.5,
  },
  {
    title: 'Mistral Large',
    model: 'mistral-large-2411',
    call: { provider: 'mistral', endpoint: 'https://api.mistral.ai/' },
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 2 + 100 * 6,
  },
  {
    title: 'a proxy of the user’s own, where the maker alone offers the model',
    model: 'openai/gpt-4o',
    call: at('http://litellm.internal:4000/'),
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 2.5 + 100 * 10,
  },
  {
    title: 'Cloudflare’s gateway, which names the provider in its path',
    model: 'llama-3.3-70b-versatile',
    call: at('https://gateway.ai.cloudflare.com/v1/account/gateway/groq'),
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 0.59 + 100 * 0.79,
  },
  {
    title: 'a span recorded by hand, by the name on Bedrock',
    model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: (1000 * 1 + 100 * 5) * 1.1,
  },
  {
    title: 'a span recorded by hand, by a name with a day nobody knows yet',
    model: 'gpt-5-mini-2026-10-31',
    usage: { prompt_tokens: 1000, completion_tokens: 100 },
    micros: 1000 * 0.25 + 100 * 2,
  },
];

/** Calls without a cost, and the reason that is logged. */
export const unpriced: readonly (readonly [
  title: string,
  model: string,
  call: Partial<EstimateFacts>,
  usage: RecordedTokenUsage,
  reason: RegExp,
])[] = [
  ['a model nobody knows', 'acme-1', openai, {}, /^no cost: acme-1 has no known price with openai$/],
  [
    'an open model on a server of one’s own',
    'meta-llama/Llama-3.3-70B-Instruct',
    at('http://localhost:8000/v1'),
    {},
    /who serves/,
  ],
  ['a model of Ollama', 'deepseek-r1:7b', at('http://localhost:11434/v1'), {}, /who serves/],
  ['a model of Ollama by hand', 'deepseek-r1:7b', {}, {}, /who serves/],
  ['an open model of OpenAI elsewhere', 'gpt-oss-120b', at('http://vllm.internal/v1'), {}, /who serves/],
  ['a tier with prices for each model', 'gpt-5', { ...openai, serviceTier: 'priority' }, {}, /tier priority/],
  ['a tier that is paid in advance', 'claude-opus-4-1', { ...anthropic, serviceTier: 'priority' }, {}, /tier priority/],
  ['the fast mode', 'claude-opus-4-6', { ...anthropic, serviceTier: 'fast' }, {}, /tier fast/],
  [
    'throughput that is paid in advance',
    'gemini-2.5-pro',
    { provider: 'google', serviceTier: 'PROVISIONED_THROUGHPUT' },
    {},
    /tier PROVISIONED/,
  ],
  [
    'sound without a price',
    'gpt-4o-audio-preview',
    openai,
    { prompt_audio_tokens: 5 },
    /price for prompt_audio_tokens/,
  ],
  [
    'a cache for an hour without a price',
    'us.amazon.nova-pro-v1:0',
    { provider: 'aws' },
    { cache_creation_1h_tokens: 5 },
    /price for cache_creation_1h/,
  ],
  [
    'a cache for 12 hours without a price',
    'gpt-5',
    openai,
    { cache_creation_12h_tokens: 5 },
    /price for cache_creation_12h/,
  ],
  ['counts that contradict each other', 'gpt-5', openai, { cache_read_tokens: 5000 }, /gpt-5: .*cannot exceed/],
  ['an answer that is not counted', 'gpt-5', openai, { completion_tokens: undefined }, /not counted/],
  [
    'an application’s own profile on Bedrock',
    'arn:aws:bedrock:us-east-1:1:application-inference-profile/x',
    { provider: 'aws' },
    {},
    /no known price/,
  ],
];
