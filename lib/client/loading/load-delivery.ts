import { VERSION } from '../../common/version.js';
import { type DeliveryFile, deliveryBeside } from './delivery-beside.js';

/** The URL of this file. Not read while the module loads, because Node creates `import.meta` at its first use, which takes 0.2 ms. */
const place = (): unknown => import.meta.url;

/**
 * Loads the package's second file: delivery, and what else only a client that records needs. It is half of the package.
 *
 * ```
 *  our files as installed ──── require ──> dist/cjs/pandaprobe-delivery.cjs    synchronously, for both module systems
 *  our files in a bundle ────────────────> what the bundler made of it         synchronously, except with bundlers that
 *                                                                              do not know the condition `module`
 * ```
 *
 * Synchronously, because a program may record and end without its event loop ever turning. The file shares nothing with the rest
 * of the package but its arguments, so it may be CommonJS beside ES modules. Code in a bundle looks for it beside the bundle, or
 * where that was built. So no application has a file of this name, and the version is compared.
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
    // Bundlers do not resolve this form.
    const loaded = process.getBuiltinModule('node:module').createRequire(here)(path);
    return loaded.VERSION === VERSION ? loaded : undefined;
  } catch {
    return undefined;
  }
}
