import type { CapturedLateSpans } from '../../model/records.js';
import type { Sink } from '../../model/sink.js';
import type { LiveDelivery } from '../live/live-delivery.js';

/** The parts of a sink that a client calls without the sink's public methods between them. */
export interface DirectDelivery {
  readonly delivery: Pick<LiveDelivery, 'trace' | 'opened' | 'sendPart' | 'isReadyForExit'>;
  lateSpans(record: CapturedLateSpans): void;
  /** Whether its protocol has scores. */
  readonly hasScores: boolean;
  /** Hands over the late spans that wait for others. */
  handOver(): void;
  /** The sink's methods as we wrote them. A method of the user's in place of one of these gets records with all texts as JSON. */
  readonly ours: Pick<Sink, 'trace' | 'lateSpans'>;
}

/** A sink, and the delivery behind it if it is one of ours. */
export interface Member {
  readonly sink: Sink;
  readonly direct: DirectDelivery | undefined;
}

/**
 * The delivery of each sink that has one. Not a property of the sink, on which users should find nothing internal; and not in the
 * sink's file, whose declarations are public: delivery's declarations need the types of Node.
 */
const deliveries = /* @__PURE__ */ new WeakMap<Sink, DirectDelivery>();

/** Lets {@link deliveryOf} find the delivery behind `sink`. */
export function offerDelivery(sink: Sink, direct: DirectDelivery): void {
  deliveries.set(sink, direct);
}

/** The delivery behind one of this package's sinks. */
export function deliveryOf(sink: Sink): DirectDelivery | undefined {
  return deliveries.get(sink);
}
