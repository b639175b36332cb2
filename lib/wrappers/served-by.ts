import type { WrapOptions } from '../calls/wrap-options.js';
import { ownOnly } from '../common/own.js';

/** Adds the client's provider and address to the options, because the price of a call depends on them. */
export function servedBy(provider: string, baseUrl: unknown, options: WrapOptions): WrapOptions {
  return ownOnly({ ...options, served: { provider, endpoint: endpointOf(baseUrl) } });
}

/** The URL without what may be a secret: credentials, query and fragment. */
function endpointOf(baseUrl: unknown): string | undefined {
  if (typeof baseUrl !== 'string' && !(baseUrl instanceof URL)) return undefined;
  try {
    const { origin, pathname } = new URL(baseUrl);
    return origin + pathname;
  } catch {
    return undefined; // the client itself reports it
  }
}
