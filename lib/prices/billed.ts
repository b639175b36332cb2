import type { EstimateFacts, RecordedTokenUsage } from '../config/options.js';

/** The billed quantities in the library's units; undefined if one of them is not known. */
export function billedUsage(
  usage: RecordedTokenUsage,
  { webSearches, fileSearches }: EstimateFacts,
): Record<string, number | undefined> | undefined {
  const { prompt_tokens: prompt, completion_tokens: completion, cache_creation_1h_tokens: hour } = usage;
  if (prompt === undefined || completion === undefined) return undefined;
  const { prompt_audio_tokens: inputAudio, prompt_image_tokens: inputImages, cache_read_tokens: cached } = usage;
  const { reasoning_tokens: reasoning = 0 } = usage;
  return {
    input_tokens: prompt,
    output_tokens: completion,
    cache_read_tokens: cached,
    cache_write_tokens: usage.cache_creation_tokens ?? hour,
    cache_write_1h_tokens: hour,
    input_audio_tokens: inputAudio,
    input_image_tokens: inputImages,
    // If both parts are given, the library also needs their overlap.
    cache_audio_read_tokens: usage.cache_read_audio_tokens ?? (inputAudio && cached ? 0 : undefined),
    cache_image_read_tokens: inputImages && cached ? 0 : undefined,
    output_reasoning_tokens: reasoning > completion ? undefined : reasoning,
    output_audio_tokens: usage.audio_tokens,
    output_image_tokens: usage.image_tokens,
    web_searches: webSearches,
    storage_searches: fileSearches,
  };
}

/** Kinds of tokens that always have a price of their own. If that price is missing, the price of the call is not known. */
const pricedApart: readonly (readonly [usage: string, price: string, providers: RegExp])[] = [
  ['cache_creation_1h_tokens', 'cache_write_1h_mtok', /./],
  ['cache_creation_12h_tokens', 'cache_write_12h_mtok', /./],
  // With other providers, audio may cost the same as text.
  ['prompt_audio_tokens', 'input_audio_mtok', /^(?:openai|azure)$/],
  ['audio_tokens', 'output_audio_mtok', /^(?:openai|azure)$/],
];

/** The kind of tokens whose price is missing; undefined if none is. */
export function unpriced(usage: RecordedTokenUsage, price: object, provider: string): string | undefined {
  return pricedApart.find(
    ([name, key, providers]) => (usage[name] ?? 0) > 0 && !(key in price) && providers.test(provider),
  )?.[0];
}

/** Service tiers at the standard price. */
const standard = new Set(['', 'auto', 'default', 'standard', 'standard_only', 'on_demand', 'unspecified']);

/**
 * Prices of other tiers as a share of the standard price. Tiers that are not in this table have prices of their own for each
 * model, or are paid in advance. Sources: OpenAI API documentation, flex processing and Batch API; Gemini API documentation,
 * pricing; Claude API documentation, batch processing; Amazon Bedrock pricing, service tiers; Groq API documentation, service
 * tiers.
 */
const tiers: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  openai: { flex: 0.5, batch: 0.5 },
  azure: { batch: 0.5 },
  google: { flex: 0.5, batch: 0.5 },
  anthropic: { batch: 0.5 },
  aws: { flex: 0.5, batch: 0.5, priority: 1.75 },
  groq: { flex: 1 },
};

/** The price of a token as a share of its standard price; undefined if it is not known. */
export function priceFactor(provider: string, model: string, facts: EstimateFacts): number | undefined {
  const tier = (facts.serviceTier ?? '')
    .toLowerCase()
    .replace(/^(?:service_tier_|traffic_type_)/, '')
    .replace(/^on_demand_/, '');
  const ofTier = standard.has(tier) ? 1 : tiers[provider]?.[tier];
  return ofTier === undefined ? undefined : ofTier * (isTiedToRegion(provider, model, facts) ? 1.1 : 1);
}

/**
 * A model that must run in one region costs a tenth more.
 * Sources: Claude API documentation, data residency (`inference_geo`); OpenAI API documentation, pricing (regional
 * processing, for models from gpt-5.4 on).
 */
function isTiedToRegion(provider: string, model: string, { region, endpoint = '' }: EstimateFacts): boolean {
  if (provider === 'anthropic') return region === 'us';
  const isRegional = /^https:\/\/[a-z]+\.api\.openai\.com(?:[:/]|$)/.test(endpoint);
  return provider === 'openai' && isRegional && /^gpt-(?:5\.[4-9]|[6-9])/.test(model);
}
