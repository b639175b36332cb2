import { createDelivery } from '../../delivery/delivery.js';
import type { Delivery, DeliveryOptions, EarlyDelivery } from '../../delivery/options.js';
import { LargeTraces, type PartReceiver } from './large-traces.js';
import { LiveTraces, type OpenTraces } from './live-traces.js';

/** A delivery that may send traces before they end. */
export interface LiveDelivery extends Delivery, PartReceiver {
  /**
   * A trace was opened; it is among `open`.
   * @param all - the deliveries to which this one sends parts of large traces, itself included. Undefined if another one does
   * that, or if a sink of the client needs its traces whole.
   */
  opened?(open: OpenTraces, all: readonly PartReceiver[] | undefined): void;
}

/** Makes a delivery. `live` is the client's option of that name. */
export function createLiveDelivery(options: DeliveryOptions & { readonly live?: boolean | 'auto' }): LiveDelivery {
  const delivery: LiveDelivery & EarlyDelivery = createDelivery(options);
  const { live = false, endpoint, log } = options;
  const liveTraces = live === false ? undefined : new LiveTraces(delivery, live, endpoint, log);
  const largeTraces = new LargeTraces(log, options.maxQueueBytes);
  delivery.opened = (open, all) => {
    if (all !== undefined) largeTraces.opened(open, all);
    liveTraces?.opened(open);
  };
  delivery.sendPart = (part, of) => {
    delivery.part(part);
    liveTraces?.released(of);
  };
  const shutdown = delivery.shutdown.bind(delivery);
  delivery.shutdown = (options) => {
    largeTraces.stop();
    liveTraces?.stop();
    return shutdown(options);
  };
  return delivery;
}
