import type * as DeliveryFile from './delivery-file.js';

export type { DeliveryFile };

/**
 * Delivery for those who find no file beside this one, because it was taken into a bundle or traced into an image: a form that
 * bundlers and file tracers follow. The build has one for each kind of module; where that can be at once, it is.
 */
export function deliveryBeside(): typeof DeliveryFile | Promise<typeof DeliveryFile> {
  return import('./delivery-file.js');
}
