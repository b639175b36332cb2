import type { EstimateFacts } from '../config/options.js';
import type { PriceLibrary } from './price-library.js';

/** The provider that serves a model, by the library's id, and the model's name there. */
export interface Served {
  /** Empty if it is not known: the library then looks for the model's name among those of all providers. */
  readonly provider: string;
  readonly model: string;
}

/** Models that only their maker offers, so that their price is known even behind an unknown address. */
const soldByMakerOnly = /^(?:gpt-(?!oss)|chatgpt-|o[134](?:-|$)|text-embedding-|claude-|gemini-|grok-[3-9])/i;

/** Addresses of providers that the library does not know. */
const moreHosts: readonly (readonly [host: RegExp, provider: string])[] = [
  [/^[a-z]+\.api\.openai\.com$/, 'openai'],
  [/\.api\.x\.ai$/, 'x-ai'],
  [/^bedrock-mantle\.[a-z0-9-]+\.api\.aws$/, 'aws'],
  [/^bedrock-runtime-fips\.[a-z0-9-]+\.amazonaws\.com$/, 'aws'],
  [/^api\.together\.ai$/, 'together'],
  [/^generativelanguage\.googleapis\.com$/, 'google'],
];

/** Amazon's names of models: a maker and a dot, often with a region before them. */
const amazonModel = /^(?:[a-z-]+\.)?(?:ai21|amazon|anthropic|cohere|deepseek|meta|mistral|openai|qwen|writer)\./;

/** Names of models that run on the user's own machine: Ollama's have a size. */
const ownModel = /:(?:latest$|\d+(?:\.\d+)?b)/i;

/**
 * The provider that serves `model`, decided by the address of the requests, else by the provider's client, else by the model's
 * name. Undefined if it is not known. At an unknown address, such as a proxy or the user's own server, only models that nobody
 * but their maker offers have a price.
 * @param configured - the provider to assume if neither the address nor the client shows it
 */
export function providerOf(
  library: PriceLibrary,
  model: string,
  { provider, endpoint }: Pick<EstimateFacts, 'provider' | 'endpoint'>,
  configured: string | undefined,
): Served | undefined {
  const known = endpoint === undefined ? provider : providerAt(library, endpoint);
  if (known !== undefined) return { provider: known, model };
  if (configured !== undefined) return { provider: configured, model };
  if (endpoint === undefined && amazonModel.test(model)) return { provider: 'aws', model };
  const [prefix, name] = splitPrefix(model);
  const named = prefix === undefined ? undefined : library.findProvider({ providerId: prefix })?.id;
  // The user's own server may have models with the same names.
  if (endpoint !== undefined && !soldByMakerOnly.test(name)) return undefined;
  if (named !== undefined) return { provider: named, model: name };
  if (ownModel.test(name)) return undefined;
  return { provider: '', model: prefix === undefined || endpoint === undefined ? model : name };
}

function providerAt(library: PriceLibrary, endpoint: string): string | undefined {
  const known = library.findProvider({ providerApiUrl: endpoint })?.id;
  if (known !== undefined) return known;
  const { hostname, pathname } = new URL(endpoint);
  const other = moreHosts.find(([host]) => host.test(hostname))?.[1];
  if (other !== undefined) return other;
  // Cloudflare's gateway has the provider in the path, after the account and the gateway.
  if (hostname !== 'gateway.ai.cloudflare.com') return undefined;
  const [, , , , name] = pathname.split('/');
  return name === undefined || name === '' ? undefined : library.findProvider({ providerId: name })?.id;
}

/** `openai/gpt-5.4` → `openai`, `gpt-5.4`. */
function splitPrefix(model: string): readonly [prefix: string | undefined, name: string] {
  const parts = /^([a-z0-9_-]+)[/:](.+)$/i.exec(model);
  if (parts === null || ownModel.test(model)) return [undefined, model];
  return [parts[1], parts[2] ?? model];
}
