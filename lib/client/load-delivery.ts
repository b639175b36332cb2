import { VERSION } from '../common/version.js';
import type { Delivery, DeliveryOptions } from '../delivery/delivery-options.js';

type CreateDelivery = (options: DeliveryOptions) => Delivery;

/** Read as the module loads: the CommonJS build requires a module for it, and Jest lets nothing be required once a test file is over. */
const here: unknown = import.meta.url;

/**
 * Delivery is a file of its own, loaded by the first client that sends: it is a third of this package.
 *
 * ```
 *  our files as installed ── require ──> dist/cjs/pandaprobe-delivery.cjs    at once, for both module systems
 *  taken into a bundle ───── import() ─> what the bundler made of it         as a promise
 * ```
 *
 * At once, because a program may record and end without its event loop ever turning. The file shares nothing with the rest of
 * the package but what is handed to it, so that it may be CommonJS beside ES modules. Its name is one that no application's own
 * file has, and it must be of this version: code taken into a bundle looks beside the bundle, or where it was built.
 */
export function loadDelivery(): CreateDelivery | Promise<CreateDelivery> {
  return requireDelivery() ?? importDelivery();
}

function requireDelivery(): CreateDelivery | undefined {
  if (typeof here !== 'string') return undefined;
  const path = here.endsWith('.ts') ? '../delivery/delivery.ts' : '../cjs/pandaprobe-delivery.cjs';
  try {
    // In this form bundlers leave it alone.
    const loaded = process.getBuiltinModule('node:module').createRequire(here)(path);
    return loaded.VERSION === VERSION ? loaded.createDelivery : undefined;
  } catch {
    return undefined;
  }
}

async function importDelivery(): Promise<CreateDelivery> {
  const { createDelivery } = await import('../delivery/delivery.js');
  return createDelivery;
}
