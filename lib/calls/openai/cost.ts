import type { Counts, ReplyFacts } from '../call-adapter.js';
import { amount, type Fields, fields, isFields, list } from '../read-unknown.js';

/*
 * The cost of a call in US dollars, as servers state it. OpenAI itself does not.
 *
 *   usage.cost                  OpenRouter, LiteLLM (when asked): a number; Perplexity: an object with its parts
 *   usage.cost_details          OpenRouter: what the user's own key was charged, beside OpenRouter's fee in `cost`
 *   usage.market_cost           Vercel AI Gateway: the price where `cost` is 0, because the user's own key was charged
 *   usage.estimated_cost        DeepInfra
 *   usage.cost_in_usd_ticks     xAI: in units of 1e-10 dollars
 *   meta.usage.usd_spent        AI/ML API
 *   x-litellm-response-cost     LiteLLM, in the head of the response; of a stream it is not known yet, and 0
 *   provider_metadata.gateway   Vercel AI Gateway, at the message: `cost` and `marketCost`, as texts
 */

/** 1 dollar. Source: xAI API documentation, cost tracking. */
const ticksPerDollar = 1e10;

/** The cost stated by the provider; undefined if there is none. */
export function statedCost(reply: unknown, usage: unknown): Counts | undefined {
  const counts = fields(usage);
  if (isFields(counts.cost)) return costOfParts(counts.cost);
  const { meta, choices } = fields(reply);
  const total = dollars(counts) ?? amount(fields(fields(meta).usage).usd_spent) ?? costAtGateway(list(choices));
  return total === undefined ? undefined : { total };
}

/** The cost that Vercel's gateway states in the first choice that has its fields. */
function costAtGateway(choices: readonly unknown[]): number | undefined {
  for (const choice of choices) {
    const gateway = gatewayOf(choice);
    if (gateway !== undefined) return dollars({ cost: gateway.cost, market_cost: gateway.marketCost });
  }
  return undefined;
}

/** The fields of Vercel's gateway in a choice. */
export function gatewayOf(choice: unknown): Fields | undefined {
  const { message, delta } = fields(choice);
  const { gateway } = fields(fields(message ?? delta).provider_metadata);
  return isFields(gateway) ? gateway : undefined;
}

function dollars(usage: Fields): number | undefined {
  const cost = amount(usage.cost) ?? amount(usage.total_cost);
  const upstream = amount(fields(usage.cost_details).upstream_inference_cost);
  if (usage.is_byok === true && upstream !== undefined) return (cost ?? 0) + upstream;
  const ticks = amount(usage.cost_in_usd_ticks);
  const others = [upstream, amount(usage.market_cost), amount(usage.estimated_cost)];
  if (ticks !== undefined) others.push(ticks / ticksPerDollar);
  // If one cost is 0 and another is not, another account was charged.
  return cost || (others.find((other) => other !== undefined && other > 0) ?? cost ?? others.find(isKnown));
}

const isKnown = (cost: number | undefined): cost is number => cost !== undefined;

/** A cost in parts: its total as stated, or their sum. */
function costOfParts(cost: Fields): Counts | undefined {
  const { total_cost, total, ...rest } = cost;
  const parts = Object.entries(rest).flatMap(([name, value]) => {
    const part = amount(value);
    return part === undefined ? [] : [[name, part] as const];
  });
  const stated = amount(total_cost) ?? amount(total);
  if (stated === undefined && parts.length === 0) return undefined;
  return { total: stated ?? parts.reduce((sum, [, part]) => sum + part, 0), ...Object.fromEntries(parts) };
}

/** The cost in the headers of a response. */
export function costInHeaders(header: (name: string) => unknown): ReplyFacts {
  const total = amount(header('x-litellm-response-cost'));
  return total === undefined || total <= 0 ? {} : { cost: { total } };
}
