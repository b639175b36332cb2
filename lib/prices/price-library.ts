import { errorName } from '../common/error-text.js';
import { createLog } from '../common/log.js';

/** The part of `@pydantic/genai-prices` in use. */
export interface PriceLibrary {
  /** The price of a call; null if it is not known. */
  calcPrice(
    usage: Record<string, number | undefined>,
    modelId: string,
    options?: { providerId?: string; timestamp?: Date },
  ): LibraryPrice | null;
  /** Finds a provider by its id, or by the address of its API. */
  findProvider(options: { providerId?: string; providerApiUrl?: string }): { readonly id: string } | undefined;
}

/** What a call cost, in US dollars, and by which prices. */
export interface LibraryPrice {
  readonly input_price: number;
  readonly output_price: number;
  readonly total_price: number;
  readonly model_price: object;
  readonly provider: { readonly id: string };
}

const log = createLog({ debug: false });

/**
 * Starts to load the library.
 * @returns a function that returns the library once it is loaded; undefined before, and if it is not installed, which is logged
 * once
 */
export function loadLibrary(): () => PriceLibrary | undefined {
  let library: PriceLibrary | undefined;
  let isFinal = false;
  importLibrary().then(
    (loaded) => {
      library = loaded;
      isFinal = true;
    },
    (error: unknown) => {
      library ??= required(); // test runners with their own module loader, such as Jest, may not support import()
      isFinal = true;
      if (library === undefined) log.warn('genaiPrices', missing(error));
    },
  );
  return () => {
    // A call that ends before the import has finished must still get a cost.
    if (library === undefined && !isFinal) library = required();
    return library;
  };
}

/** Imports the program's own copy, so that prices which the program updates are used. */
const importLibrary = (): Promise<PriceLibrary> => import('@pydantic/genai-prices');

function required(): PriceLibrary | undefined {
  try {
    const { createRequire } = process.getBuiltinModule('node:module');
    return createRequire(import.meta.url)('@pydantic/genai-prices') as PriceLibrary; // a package with declarations
  } catch {
    return undefined;
  }
}

function missing(error: unknown): string {
  return `genaiPrices() needs the package @pydantic/genai-prices, which could not be loaded (${errorName(error)}): no cost is estimated. Install it: npm install @pydantic/genai-prices`;
}
