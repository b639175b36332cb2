import { maxTokens } from '../../model/limits.js';
import type { Numbers } from '../values.js';
import { type Attributes, isObject } from '../wire/any-value.js';
import { genkitUsage } from './genkit.js';
import { entryOf, parsed } from './parsed.js';

/** The attributes of each count, in the dialects' order. The last ones are Sentry's. */
const counts: readonly (readonly [string, readonly string[]])[] = [
  [
    'prompt_tokens',
    [
      ...['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.token_count.prompt', 'ai.usage.inputTokens'],
      ...['ai.usage.promptTokens', 'ai.usage.tokens', 'llm.usage.prompt_tokens'],
    ],
  ],
  [
    'completion_tokens',
    [
      ...['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.token_count.completion'],
      ...['ai.usage.outputTokens', 'ai.usage.completionTokens', 'llm.usage.completion_tokens'],
    ],
  ],
  [
    'total_tokens',
    [
      ...['pandaprobe.usage.total_tokens', 'gen_ai.usage.total_tokens', 'llm.token_count.total'],
      ...['llm.usage.total_tokens', 'ai.usage.totalTokens'],
    ],
  ],
  [
    'reasoning_tokens',
    [
      ...['gen_ai.usage.reasoning.output_tokens', 'gen_ai.usage.reasoning_tokens', 'ai.usage.reasoningTokens'],
      ...['llm.token_count.completion_details.reasoning', 'gen_ai.usage.details.reasoning_tokens'],
      ...['gen_ai.usage.output_tokens.reasoning'],
    ],
  ],
  [
    'cache_read_tokens',
    [
      ...['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens'],
      ...['llm.token_count.prompt_details.cache_read', 'ai.usage.cachedInputTokens'],
      ...['ai.usage.inputTokenDetails.cacheReadTokens', 'gen_ai.usage.details.cache_read_tokens'],
      ...['gen_ai.usage.cache_read_tokens', 'gen_ai.usage.input_tokens.cached'],
    ],
  ],
  [
    'cache_creation_tokens',
    [
      ...['gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_write.input_tokens'],
      ...['gen_ai.usage.cache_creation_input_tokens', 'gen_ai.usage.cache_write_input_tokens'],
      ...['llm.token_count.prompt_details.cache_write', 'ai.usage.inputTokenDetails.cacheWriteTokens'],
      ...['gen_ai.usage.details.cache_write_tokens', 'gen_ai.usage.cache_write_tokens'],
      ...['gen_ai.usage.input_tokens.cache_write'],
    ],
  ],
];

/** Names that Langfuse, MLflow and the reader of Genkit's spans use for counts, each with PandaProbe's name. */
const knownAs: Readonly<Record<string, string | undefined>> = {
  ...{ input: 'prompt_tokens', output: 'completion_tokens', total: 'total_tokens' },
  ...{ input_tokens: 'prompt_tokens', output_tokens: 'completion_tokens' },
  ...{ input_cached_tokens: 'cache_read_tokens', input_cache_read: 'cache_read_tokens' },
  ...{ cache_read_input_tokens: 'cache_read_tokens', cache_creation_input_tokens: 'cache_creation_tokens' },
  ...{ input_cache_creation: 'cache_creation_tokens', output_reasoning: 'reasoning_tokens' },
  output_reasoning_tokens: 'reasoning_tokens',
};

const ownUsage = 'pandaprobe.usage.';

/** The token counts of a span, under PandaProbe's names; undefined if it has none. */
export function usageOf(attributes: Attributes): Numbers | undefined {
  const all: Record<string, number> = {};
  const langfuse = parsed(attributes['langfuse.observation.usage_details']);
  const details = langfuse ?? parsed(attributes['mlflow.chat.tokenUsage']) ?? genkitUsage(attributes);
  if (isObject(details)) {
    for (const [name, value] of Object.entries(details)) set(all, entryOf(knownAs, name) ?? name, value);
    if (details === langfuse) addParts(all, details);
  } else {
    for (const [name, places] of counts) {
      for (const place of places) if (set(all, name, attributes[place])) break;
    }
  }
  for (const name in attributes) {
    if (name.startsWith(ownUsage)) set(all, name.slice(ownUsage.length), attributes[name]);
  }
  return nonEmpty(all);
}

/**
 * Adds Langfuse's parts to their wholes. In Langfuse, `input` does not count `input_cached_tokens`; PandaProbe's counts include their
 * parts. Older SDKs of Langfuse sent `input` with its parts: then the total is the sum of `input` and `output`. Source: Langfuse documentation, *Token & Cost Tracking*.
 */
function addParts(all: Record<string, number>, details: Attributes): void {
  const sums = { input: 0, output: 0 };
  for (const [name, value] of Object.entries(details)) {
    const which = name.includes('input') ? 'input' : name.includes('output') ? 'output' : undefined;
    if (which !== undefined && isCount(value)) sums[which] += value;
  }
  const { prompt_tokens: input = 0, completion_tokens: output = 0, total_tokens: total } = all;
  if (total === input + output || sums.input + sums.output > maxTokens) return;
  if (sums.input > input) all.prompt_tokens = sums.input;
  if (sums.output > output) all.completion_tokens = sums.output;
}

const costs: readonly (readonly [string, readonly string[]])[] = [
  ['total', ['llm.cost.total', 'operation.cost', 'gen_ai.usage.cost']],
  ['prompt', ['llm.cost.prompt']],
  ['completion', ['llm.cost.completion']],
];

const ownCost = 'pandaprobe.cost.';

/** The cost of a span's call, in US dollars; undefined if the span does not say. */
export function costOf(attributes: Attributes): Numbers | undefined {
  const all: Record<string, number> = {};
  const details = parsed(attributes['langfuse.observation.cost_details'] ?? attributes['mlflow.llm.cost']);
  if (isObject(details)) for (const [name, value] of Object.entries(details)) setAmount(all, name, value);
  else for (const [name, places] of costs) for (const place of places) setAmount(all, name, attributes[place]);
  for (const name in attributes) {
    if (name.startsWith(ownCost)) setAmount(all, name.slice(ownCost.length), attributes[name]);
  }
  return nonEmpty(all);
}

function set(into: Record<string, number>, name: string, value: unknown): boolean {
  const count = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (!isCount(count)) return false;
  into[name] = count;
  return true;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= maxTokens;
}

function setAmount(into: Record<string, number>, name: string, value: unknown): void {
  const amount = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof amount === 'number' && amount >= 0 && amount < Number.POSITIVE_INFINITY) into[name] ??= amount;
}

function nonEmpty(all: Record<string, number>): Numbers | undefined {
  return Object.keys(all).length === 0 ? undefined : all;
}
