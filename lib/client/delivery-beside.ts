import type { Delivery, DeliveryOptions } from '../delivery/delivery-options.js';

export type CreateDelivery = (options: DeliveryOptions) => Delivery;

/**
 * Delivery for those who find no file beside this one, because it was taken into a bundle or traced into an image: a form that
 * bundlers and file tracers follow. The build has one for each kind of module; where that can be at once, it is.
 */
export async function deliveryBeside(): Promise<CreateDelivery> {
  const { createDelivery } = await import('../delivery/delivery.js');
  return createDelivery;
}
