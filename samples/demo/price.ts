import type { EstimateCost } from 'pandaprobe-ts';
import { genaiPrices } from 'pandaprobe-ts/prices';

/** Nothing here costs anything: each model of the demo is priced as one that does its work for money. */
const standsFor: Readonly<Record<string, string>> = {
  'tf-idf': 'text-embedding-3-small',
  'extractive-1': 'gpt-5-mini',
};

const prices = genaiPrices();

/** What so many tokens would cost. */
export const estimateCost: EstimateCost = (model, usage, facts) => prices(standsFor[model] ?? model, usage, facts);
