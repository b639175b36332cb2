import { errorText } from '../common/error-text.js';
import type { EstimateCost, EstimateFacts, RecordedTokenUsage } from '../config/options.js';
import type { Cost } from '../engine/handles.js';
import { billedUsage, priceFactor, unpriced } from './billed.js';
import { namesOf } from './model-names.js';
import { type LibraryPrice, loadLibrary, type PriceLibrary } from './price-library.js';
import { providerOf, type Served } from './provider.js';

export type { LibraryPrice, PriceLibrary } from './price-library.js';

/** Options of {@link genaiPrices}. */
export interface GenaiPricesOptions {
  /**
   * The provider that serves the models, if neither the address nor the client shows it, for example behind your own proxy. An id
   * of the library, such as `azure`.
   */
  readonly provider?: string | undefined;
  /**
   * The module `@pydantic/genai-prices` as you import it, for a bundle that must contain it.
   * @defaultValue the one that is installed
   */
  readonly library?: PriceLibrary | undefined;
}

/** Most reasons that are logged: each names a model, so there could be any number. */
const maxLogged = 200;

/**
 * Makes a function for `estimateCost` that takes prices from the package `@pydantic/genai-prices`, which you install in addition.
 * It makes no requests. A cost that the provider states is kept. If a price is not known, there is no cost, and with `debug:
 * true` one line says why. Without the package, one line says what to install.
 *
 * @param options - for proxies and bundles
 * @returns the function for the option `estimateCost`; its costs have `total`, `input` and `output`, in US dollars
 * @example
 * ```ts
 * import { init } from 'pandaprobe-ts';
 * import { genaiPrices } from 'pandaprobe-ts/prices';
 *
 * init({ estimateCost: genaiPrices() });
 * ```
 */
export function genaiPrices(options: GenaiPricesOptions = {}): EstimateCost {
  const { library, provider } = options;
  const loaded = library === undefined ? loadLibrary() : () => library;
  const logged = new Set<string>();

  /** Returns no cost, and logs the reason once. */
  function none(facts: EstimateFacts, reason: string): undefined {
    if (logged.has(reason) || logged.size >= maxLogged) return;
    logged.add(reason);
    facts.debug(`no cost: ${reason}`);
  }

  return (model, usage, facts) => {
    const prices = loaded();
    if (prices === undefined) return none(facts, '@pydantic/genai-prices is not there');
    const served = providerOf(prices, model, facts, provider);
    if (served === undefined) return none(facts, `who serves ${model} at ${facts.endpoint} is not known`);
    try {
      return costOf(prices, served, model, usage, facts, (reason) => none(facts, reason));
    } catch (error) {
      return none(facts, `${model}: ${errorText(error)}`); // the counts contradict each other
    }
  };
}

function costOf(
  library: PriceLibrary,
  served: Served,
  model: string,
  usage: RecordedTokenUsage,
  facts: EstimateFacts,
  none: (reason: string) => undefined,
): Cost | undefined {
  const billed = billedUsage(usage, facts);
  if (billed === undefined) return none(`${model}: what was sent or what was generated is not counted`);
  const found = priceOf(library, served, billed, facts);
  if (found === undefined) return none(`${model} has no known price${served.provider && ` with ${served.provider}`}`);
  const { price, name } = found;
  const { id } = price.provider;
  const lacking = unpriced(usage, price.model_price, id);
  if (lacking !== undefined) return none(`${name} has no known price for ${lacking} with ${id}`);
  const share = priceFactor(id, name, facts);
  if (share === undefined) return none(`${name} has no known price in the tier ${facts.serviceTier} with ${id}`);
  const input = price.input_price * share;
  const output = price.output_price * share;
  const other = price.total_price - price.input_price - price.output_price; // such as that of searches, the same in each tier
  return { total: rounded(input + output + other), input: rounded(input), output: rounded(output) };
}

function priceOf(
  library: PriceLibrary,
  { provider, model }: Served,
  usage: Record<string, number | undefined>,
  { requestedModel, startedAt }: EstimateFacts,
): { readonly price: LibraryPrice; readonly name: string } | undefined {
  const options = { timestamp: new Date(startedAt), ...(provider === '' ? {} : { providerId: provider }) };
  for (const name of namesOf(provider, model, requestedModel)) {
    const price = library.calcPrice(usage, name, options);
    if (price !== null) return { price, name };
  }
  return undefined;
}

/** Rounded, without the error of binary fractions. */
function rounded(dollars: number): number {
  return Number(dollars.toPrecision(12));
}
