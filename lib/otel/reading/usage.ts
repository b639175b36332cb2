import { maxTokens } from '../../model/limits.js';
import type { Numbers } from '../values.js';
import { type Attributes, isObject } from '../wire/any-value.js';
import { entryOf, parsed } from './parsed.js';

/** The attributes of each count, in the dialects' order. */
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
      ...['llm.token_count.completion_details.reasoning'],
    ],
  ],
  [
    'cache_read_tokens',
    [
      ...['gen_ai.usage.cache_read.input_tokens', 'gen_ai.usage.cache_read_input_tokens'],
      ...['llm.token_count.prompt_details.cache_read', 'ai.usage.cachedInputTokens'],
      ...['ai.usage.inputTokenDetails.cacheReadTokens'],
    ],
  ],
  [
    'cache_creation_tokens',
    [
      ...['gen_ai.usage.cache_creation.input_tokens', 'gen_ai.usage.cache_write.input_tokens'],
      ...['gen_ai.usage.cache_creation_input_tokens', 'gen_ai.usage.cache_write_input_tokens'],
      ...['llm.token_count.prompt_details.cache_write', 'ai.usage.inputTokenDetails.cacheWriteTokens'],
    ],
  ],
];

/** Names that Langfuse and MLflow use for counts, each with PandaProbe's name. */
const knownAs: Readonly<Record<string, string | undefined>> = {
  ...{ input: 'prompt_tokens', output: 'completion_tokens', total: 'total_tokens' },
  ...{ input_tokens: 'prompt_tokens', output_tokens: 'completion_tokens' },
};

const ownUsage = 'pandaprobe.usage.';

/** The token counts of a span, under PandaProbe's names; undefined if it has none. */
export function usageOf(attributes: Attributes): Numbers | undefined {
  const all: Record<string, number> = {};
  const details = parsed(attributes['langfuse.observation.usage_details'] ?? attributes['mlflow.chat.tokenUsage']);
  if (isObject(details)) {
    for (const [name, value] of Object.entries(details)) set(all, entryOf(knownAs, name) ?? name, value);
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

const costs: readonly (readonly [string, readonly string[]])[] = [
  ['total', ['llm.cost.total', 'operation.cost']],
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
  if (typeof count !== 'number' || !Number.isInteger(count) || count < 0 || count > maxTokens) return false;
  into[name] = count;
  return true;
}

function setAmount(into: Record<string, number>, name: string, value: unknown): void {
  const amount = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (typeof amount === 'number' && amount >= 0 && amount < Number.POSITIVE_INFINITY) into[name] ??= amount;
}

function nonEmpty(all: Record<string, number>): Numbers | undefined {
  return Object.keys(all).length === 0 ? undefined : all;
}
