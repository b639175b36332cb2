import type { OpenTraces } from '../live/live-traces.js';
import type { DirectDelivery, Member } from './direct-delivery.js';

/** Tells a client's deliveries that a trace was opened, which is among `open`; they may send it before it ends. */
export function tellOpened(members: readonly Member[], open: OpenTraces): void {
  const deliveries = members.map(earlyDelivery);
  let all = deliveries.every((delivery) => delivery !== undefined) ? deliveries : undefined;
  for (const delivery of deliveries) {
    delivery?.opened?.(open, all);
    all = undefined; // the first one sends parts to all of them
  }
}

/**
 * The delivery that gets a trace before its end. None if the sink is a user's, or a subclass of ours that changes what is sent:
 * what is sent before the end does not go through its methods.
 */
function earlyDelivery({ sink, direct }: Member): DirectDelivery['delivery'] | undefined {
  return direct !== undefined && sink.trace === direct.ours.trace && sink.lateSpans === direct.ours.lateSpans
    ? direct.delivery
    : undefined;
}
