import { carrierOf } from '../engine/integration/trace-context.js';
import { type Bridge, bridgeTo, openPlaceIn } from '../engine/scope.js';
import { isLeftOutAbove } from './read-span.js';
import { safely } from './safely.js';
import type { OTelTraceState } from './types.js';

/** The part of `@opentelemetry/api` that the bridge calls. Pass the program's own copy of the package. */
export interface OTelApi<Context = unknown> {
  readonly context: {
    /** The context of the flow that is running. */
    active(): Context;
    /** Runs a function in a context. */
    with<R>(context: Context, fn: () => R): R;
  };
  readonly trace: {
    /** A context with a span as the active one. */
    setSpan(context: Context, span: never): Context;
    /** Makes a span that only represents another one. */
    wrapSpanContext(context: {
      readonly traceId: string;
      readonly spanId: string;
      readonly traceFlags: number;
      readonly isRemote: boolean;
      readonly traceState?: never;
    }): unknown;
  };
  /** Reads `tracestate`. */
  createTraceState(text: string): OTelTraceState;
}

/**
 * Makes OpenTelemetry's spans children of this package's spans. A span that starts in a callback (`withTrace`, `withSpan`, a
 * decorated or wrapped function) gets the callback's span as its parent, and its trace id; so do requests that OpenTelemetry
 * instruments. With {@link pandaProbeSpanProcessor} they also become part of the trace here. A handle (`startTrace`, `using`)
 * has no callback: its span is a parent only inside the callback of another one.
 *
 * @param api - the program's own `@opentelemetry/api`
 * @returns a function that removes the bridge
 * @example
 * ```ts
 * import * as api from '@opentelemetry/api';
 * import { bridgeOpenTelemetry } from 'pandaprobe-ts/opentelemetry';
 *
 * bridgeOpenTelemetry(api);
 * ```
 */
export function bridgeOpenTelemetry<Context>(api: OTelApi<Context>): () => void {
  let isRemoved = false;
  const bridge: Bridge = (frame, body) => {
    // A bridge that was set later puts this one back when it is removed, even if this one was removed before.
    if (isRemoved) return before === undefined ? body() : before(frame, body);
    const context = safely(() => contextOf(api, frame));
    if (context === undefined) return body();
    let isRunning = false;
    try {
      return api.context.with(context, () => {
        isRunning = true;
        return body();
      });
    } catch (error) {
      if (isRunning) throw error;
      return body(); // the error is not from the callback
    }
  };
  const before = bridgeTo(bridge);
  return () => {
    isRemoved = true;
    const current = bridgeTo(before);
    if (current !== bridge) bridgeTo(current); // another bridge was set meanwhile
  };
}

/** OpenTelemetry's context with our current span as the active span; undefined if none of ours is current. */
function contextOf<Context>(api: OTelApi<Context>, frame: Parameters<Bridge>[0]): Context | undefined {
  const place = openPlaceIn(frame);
  if (place === undefined) return undefined;
  const { traceparent, tracestate } = carrierOf(place);
  const [, traceId = '', spanId = ''] = String(traceparent).split('-');
  const traceState = api.createTraceState(tracestate) as never; // made by the program's own copy of the API
  const active = api.context.active();
  // If OpenTelemetry's sampling has left out the span above ours, it leaves out the spans below ours, too.
  const traceFlags = isLeftOutAbove(active) ? 0 : 1;
  const ours = api.trace.wrapSpanContext({ traceId, spanId, traceFlags, isRemote: true, traceState });
  return api.trace.setSpan(active, ours as never);
}
