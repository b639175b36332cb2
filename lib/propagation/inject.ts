import type { Frame } from '../engine/frame.js';
import { carrierOf, carrierOfContext } from '../engine/integration/trace-context.js';
import { labelText } from '../engine/normalize-text.js';
import { currentFrame, type Place, placeIn } from '../engine/scope.js';
import { currentOwner } from '../engine/session.js';
import { baggageOf, type Owners } from './baggage.js';

/** What is sent in addition to the ids. */
export interface InjectOptions {
  /** Sends the session and the user as well; every receiver can read them. @defaultValue false */
  readonly baggage?: boolean | undefined;
}

/**
 * Returns the current trace and span as headers, which are plain JSON, to be sent with a request, a message or a job. With them,
 * spans of the receiver become children of the current span.
 *
 * @param options - whether session and user are sent
 * @returns `traceparent`, `tracestate` and, if asked for, `baggage`; an empty object if no trace is current
 * @example
 * ```ts
 * import { withTrace } from 'pandaprobe-ts';
 * import { inject } from 'pandaprobe-ts/propagation';
 *
 * const search = () => withTrace('agent', () => fetch('http://localhost:3000/search', { headers: inject() }));
 * ```
 */
export function inject(options: InjectOptions = {}): Record<string, string> {
  return injectBeside(() => undefined, options);
}

/**
 * Makes the environment of a child process: a copy of `env` with the current span as `TRACEPARENT`, `TRACESTATE` and, if asked
 * for, `BAGGAGE`.
 *
 * @param env - the other variables of the child
 * @param options - whether session and user go along
 * @returns a new object
 * @example
 * ```ts
 * import { fork } from 'node:child_process';
 * import { injectEnv } from 'pandaprobe-ts/propagation';
 *
 * fork('worker.js', { env: injectEnv(process.env) });
 * // in worker.js: withRemoteParent(process.env, () => …)
 * ```
 */
export function injectEnv<Env extends Readonly<Record<string, string | undefined>>>(
  env: Env,
  options: InjectOptions = {},
): Env & Record<string, string> {
  const carried = Object.entries(inject(options)).map(([name, value]) => [name.toUpperCase(), value]);
  return { ...env, ...Object.fromEntries(carried) };
}

/** Reads a header that a request already has. */
type GivenHeader = (name: 'traceparent' | 'tracestate' | 'baggage') => string | undefined;

/** The headers to set on a request for the current span. What other tracers have put into the given ones stays. */
export function injectBeside(given: GivenHeader, { baggage = false }: InjectOptions): Record<string, string> {
  const frame = currentFrame();
  const place = placeIn(frame);
  const carried = place === undefined ? passedOn(frame, given) : carriedBy(place, frame, given);
  if (carried === undefined) return {};
  const text = baggage ? baggageOf(ownersOf(place, frame), given('baggage')) : undefined;
  return text === undefined ? { ...carried } : { ...carried, baggage: text };
}

function carriedBy(place: Place, { ambient }: Frame, given: GivenHeader): Readonly<Record<string, string>> {
  const tracestate = given('tracestate') ?? ambient.remote?.context.tracestate;
  const { traceparent, tracestate: state } = carrierOf(place, { traceparent: given('traceparent'), tracestate });
  return { traceparent: String(traceparent), tracestate: state };
}

/**
 * The received context of another process, to be passed on if no recorded trace is current here, for example because recording is
 * off.
 */
function passedOn({ ambient }: Frame, given: GivenHeader): Readonly<Record<string, string>> | undefined {
  const theirs = { traceparent: given('traceparent'), tracestate: given('tracestate') };
  return ambient.remote && carrierOfContext(ambient.remote.context, theirs);
}

function ownersOf(place: Place | undefined, frame: Frame): Owners {
  if (place === undefined) return frame.ambient.remote?.context ?? {};
  const { trace } = place;
  const owner = (of: 'sessionId' | 'userId') =>
    trace[of] ?? labelText(trace.recorder, currentOwner(of, frame), of, { traceName: trace.name });
  const sessionId = owner('sessionId');
  const userId = owner('userId');
  return { ...(sessionId === undefined ? {} : { sessionId }), ...(userId === undefined ? {} : { userId }) };
}
