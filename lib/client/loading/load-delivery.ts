import { VERSION } from '../../common/version.js';
import { type DeliveryFile, deliveryBeside } from './delivery-beside.js';

/** Where this file is. Not read as the module loads: Node makes `import.meta` when it is first asked for, which takes 0.2 ms. */
const place = (): unknown => import.meta.url;

/**
 * Delivery, and what else only a client that records needs, is a file of its own, loaded by the first one: it is half of this
 * package.
 *
 * ```
 *  our files as installed ──── require ──> dist/cjs/pandaprobe-delivery.cjs    at once, for both module systems
 *  taken into a bundle ──────────────────> what the bundler made of it         at once, but for bundlers that
 *                                                                              know no condition `module`
 * ```
 *
 * At once, because a program may record and end without its event loop ever turning. The file shares nothing with the rest of
 * the package but its arguments, so that it may be CommonJS beside ES modules. Its name is one that no application's own
 * file has, and it must be of this version: code taken into a bundle looks beside the bundle, or where it was built.
 */
export function loadDelivery(): typeof DeliveryFile | Promise<typeof DeliveryFile> {
  const required = requireDelivery();
  if (required !== undefined) return required;
  try {
    return deliveryBeside();
  } catch (error) {
    return Promise.reject(error);
  }
}

function requireDelivery(): typeof DeliveryFile | undefined {
  const here = place();
  if (typeof here !== 'string') return undefined;
  const path = here.endsWith('.ts') ? './delivery-file.ts' : '../cjs/pandaprobe-delivery.cjs';
  try {
    // In this form bundlers leave it alone.
    const loaded = process.getBuiltinModule('node:module').createRequire(here)(path);
    return loaded.VERSION === VERSION ? loaded : undefined;
  } catch {
    return undefined;
  }
}
