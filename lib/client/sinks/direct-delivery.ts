import type { Delivery } from '../../delivery/options.js';
import type { Sink } from '../../model/sink.js';
import type { Source } from '../live/live-traces.js';

/** What a client calls of a delivery that is not among the public methods of its sink. */
export interface DirectDelivery extends Pick<Delivery, 'trace' | 'lateSpans' | 'isReadyForExit'> {
  /** A trace of the source was opened. */
  opened(source: Source): void;
}

/**
 * Of each sink that has a delivery. Kept here and not on the sink, which shows users only what is theirs; and not in the sink's
 * file, because its declarations are public and those of delivery need the types of Node.
 */
const deliveries = /* @__PURE__ */ new WeakMap<Sink, DirectDelivery>();

/** Lets {@link deliveryOf} find the delivery behind `sink`. */
export function offerDelivery(sink: Sink, delivery: DirectDelivery): void {
  deliveries.set(sink, delivery);
}

/** The delivery behind a sink of ours. */
export function deliveryOf(sink: Sink): DirectDelivery | undefined {
  return deliveries.get(sink);
}
