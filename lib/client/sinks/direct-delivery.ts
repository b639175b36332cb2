import type { Sink } from '../../model/sink.js';
import type { LiveDelivery } from '../live/live-delivery.js';
import type { LateBatch } from './late-batch.js';

/** The parts of a sink that a client calls without the sink's public methods between them. */
export interface DirectDelivery {
  readonly delivery: Pick<LiveDelivery, 'trace' | 'opened' | 'isReadyForExit'>;
  readonly late: Pick<LateBatch, 'add'>;
}

/**
 * Of each sink that has a delivery. Kept here and not on the sink, which shows users only what is theirs; and not in the sink's
 * file, because its declarations are public and those of delivery need the types of Node.
 */
const deliveries = /* @__PURE__ */ new WeakMap<Sink, DirectDelivery>();

/** Lets {@link deliveryOf} find the delivery behind `sink`. */
export function offerDelivery(sink: Sink, direct: DirectDelivery): void {
  deliveries.set(sink, direct);
}

/** The delivery behind a sink of ours. */
export function deliveryOf(sink: Sink): DirectDelivery | undefined {
  return deliveries.get(sink);
}
