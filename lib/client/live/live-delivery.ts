import { createDelivery } from '../../delivery/delivery.js';
import type { Delivery, DeliveryOptions } from '../../delivery/options.js';
import { LiveTraces, type OpenTraces } from './live-traces.js';

/** A delivery that may send traces before they end. */
export interface LiveDelivery extends Delivery {
  /** A trace was opened; it is among `open`. */
  opened?(open: OpenTraces): void;
}

/** Makes a delivery; `live` as the option of a client. */
export function createLiveDelivery(options: DeliveryOptions & { readonly live?: boolean | 'auto' }): LiveDelivery {
  const delivery: LiveDelivery = createDelivery(options);
  const { live = false, endpoint, log } = options;
  if (live === false) return delivery;
  const liveTraces = new LiveTraces(delivery, live, endpoint, log);
  delivery.opened = (open) => liveTraces.opened(open);
  return delivery;
}
