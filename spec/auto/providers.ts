import { known } from '../packaging/versions/known.js';
import { type Provider, startProvider } from '../support/provider.js';

/** Servers that answer as the providers do, by the name of the provider. */
export async function startProviders(): Promise<AsyncDisposable & { readonly urls: Readonly<Record<string, string>> }> {
  const started: [name: string, provider: Provider][] = [];
  for (const [name, { answer }] of Object.entries(known)) started.push([name, await startProvider(answer)]);
  return {
    urls: Object.fromEntries(started.map(([name, { url }]) => [name, url])),
    async [Symbol.asyncDispose]() {
      for (const [, provider] of started) await provider[Symbol.asyncDispose]();
    },
  };
}
