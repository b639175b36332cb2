import { readdirSync } from 'node:fs';

/** The entries that users import, by the name of the file in dist. Each is built for both module kinds and has declarations. */
export const publicEntries = {
  index: 'lib/index.ts',
  prices: 'lib/prices/genai-prices.ts',
  platform: 'lib/platform/platform-client.ts',
  testing: 'lib/testing/testing.ts',
  otlp: 'lib/otlp/otlp-sink.ts',
  propagation: 'lib/propagation/propagation.ts',
  opentelemetry: 'lib/opentelemetry/opentelemetry.ts',
  'wrappers/openai': 'lib/wrappers/openai.ts',
  'wrappers/anthropic': 'lib/wrappers/anthropic.ts',
  'wrappers/gemini': 'lib/wrappers/gemini.ts',
  'wrappers/mistral': 'lib/wrappers/mistral.ts',
  'wrappers/bedrock': 'lib/wrappers/bedrock.ts',
  ...Object.fromEntries(
    readdirSync(new URL('../lib/integrations', import.meta.url))
      .filter((name) => name.endsWith('.ts'))
      .map((name) => [`integrations/${name.slice(0, -'.ts'.length)}`, `lib/integrations/${name}`]),
  ),
};

/**
 * Entries that a process loads before its program, by the module kinds for which they are built. Each is one file with everything
 * it needs, because the entries' shared core would take longer to load than the rest.
 */
export const earlyEntries = {
  auto: { esm: 'lib/auto/auto.ts', cjs: 'lib/auto/required.ts' },
  'auto-loader': { esm: 'lib/auto/loader.ts' },
  'auto-probe': { esm: 'lib/auto/probe.ts' },
};
