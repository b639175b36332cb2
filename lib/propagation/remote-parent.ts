import { getClient } from '../client/global-client.js';
import { recorderOf } from '../client/recording/client-parts.js';
import { createMutedRecorder } from '../client/recording/muted-recorder.js';
import { errorName } from '../common/error-text.js';
import { createLog } from '../common/log.js';
import type { Frame, OwnerScope } from '../engine/frame.js';
import { frameBelow, frameOwning, framePassing } from '../engine/integration/remote-parent.js';
import { isSameDestination } from '../engine/integration/trace-context.js';
import type { RemoteContext } from '../engine/remote-origin.js';
import { currentFrame, within } from '../engine/scope.js';
import { type Carrier, extract } from './carrier.js';

const log = createLog({ debug: false });

/**
 * Runs `fn` below the span of the caller, a process that has sent its context. If the caller reports to the same project, spans in
 * `fn` are added to its trace, and a trace that starts in `fn` becomes an AGENT span of it. If the caller is not recorded by
 * PandaProbe, the first trace that starts in `fn` gets the caller's trace id.
 *
 * @param context - the result of `extract()`, or the carrier itself; without a context `fn` runs unchanged
 * @param fn - the callback
 * @returns what `fn` returns
 * @throws what `fn` throws
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { withTrace } from 'pandaprobe-ts';
 * import { extract, withRemoteParent } from 'pandaprobe-ts/propagation';
 *
 * createServer((request, response) =>
 *   withRemoteParent(extract(request.headers), () => withTrace('search', () => response.end('found'))),
 * );
 * ```
 */
export function withRemoteParent<R>(context: RemoteContext | Carrier | null | undefined, fn: () => R): R {
  const frame = frameFor(context);
  return frame === undefined ? fn() : within(frame, () => fn()); // with no argument
}

function frameFor(given: Carrier | null | undefined): Frame | undefined {
  try {
    const context = extract(given);
    return context && frameBelowCaller(context);
  } catch (error) {
    log.warn('remote parent', `a remote parent is left out: ${errorName(error)} was thrown while it was read`);
    return undefined;
  }
}

function frameBelowCaller(context: RemoteContext): Frame {
  const outside = withOwners(currentFrame(), context);
  const recorder = recorderOf(getClient(), outside, true);
  if (recorder === undefined) return framePassing(context, outside);
  if (context.reportsTo === undefined) return frameOwning(context, outside);
  const { destination } = recorder;
  if (!isSameDestination(context, destination)) return framePassing(context, outside);
  return frameBelow(context.isSampled ? recorder : createMutedRecorder(destination, () => {}), context, outside);
}

function withOwners(frame: Frame, { sessionId, userId }: RemoteContext): Frame {
  let { scope } = frame.ambient;
  const add = (owner: OwnerScope['owner'], id: string | undefined) => {
    if (id !== undefined) scope = { owner, id, outer: scope, isOver: false };
  };
  add('sessionId', sessionId);
  add('userId', userId);
  return { ...frame, ambient: { ...frame.ambient, scope } };
}
