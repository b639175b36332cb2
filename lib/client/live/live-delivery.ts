import { createDelivery } from '../../delivery/delivery.js';
import type { Delivery, DeliveryOptions } from '../../delivery/options.js';
import { LargeTraces } from './large-traces.js';
import { LiveTraces, type OpenTraces } from './live-traces.js';

/** A delivery that may send traces before they end. */
export interface LiveDelivery extends Delivery {
  /**
   * A trace was opened; it is among `open`.
   * @param isOnly - whether the client has no other sink; if so, spans of an open trace may be released once they are sent
   */
  opened?(open: OpenTraces, isOnly: boolean): void;
}

/** Makes a delivery; `live` as the option of a client. */
export function createLiveDelivery(options: DeliveryOptions & { readonly live?: boolean | 'auto' }): LiveDelivery {
  const parts = createDelivery(options);
  const delivery: LiveDelivery = parts;
  const { live = false, endpoint, log } = options;
  const liveTraces = live === false ? undefined : new LiveTraces(delivery, live, endpoint, log);
  const largeTraces = new LargeTraces(parts, log, (trace) => liveTraces?.released(trace));
  delivery.opened = (open, isOnly) => {
    if (isOnly) largeTraces.opened(open);
    liveTraces?.opened(open);
  };
  const shutdown = delivery.shutdown.bind(delivery);
  delivery.shutdown = (options) => {
    largeTraces.stop();
    liveTraces?.stop();
    return shutdown(options);
  };
  return delivery;
}
