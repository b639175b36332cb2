import { asyncHooks } from '../common/builtins.js';
import { noteOutside } from '../common/outside.js';
import { emptyFrame, type Frame } from './frame.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/**
 * The one store of what is current. It lives on `globalThis` under a versioned key, so that an ESM copy, a
 * CommonJS copy and a bundled copy of this package in one process share it; a later version that lays
 * frames out differently takes another key.
 */
const key = Symbol.for('pandaprobe.scope.v2');
const shared = globalThis as { [key]?: ReturnType<typeof createStorage> };
shared[key] ??= createStorage();
noteOutside(asyncHooks().AsyncResource);
const storage: ReturnType<typeof createStorage> & { bridge?: Bridge | undefined } = shared[key];

function createStorage() {
  const { AsyncLocalStorage } = asyncHooks();
  return new AsyncLocalStorage<Frame>();
}

/** The frame of the flow that is running. */
export function currentFrame(): Frame {
  return storage.getStore() ?? emptyFrame;
}

/** The frame of the flow that is running; undefined if no trace is current, so that no span can be opened. */
export function currentFrameInTrace(): Frame | undefined {
  const frame = currentFrame();
  return frame.trace && frame;
}

/** Runs `callback` with the span of `frame` current in another tracer, too. */
export type Bridge = <R>(frame: Frame, callback: () => R) => R;

/**
 * Runs every callback of this package through `bridge` from now on, in every copy of the package; `undefined` stops that.
 * @returns the previous bridge
 */
export function bridgeTo(bridge: Bridge | undefined): Bridge | undefined {
  const before = storage.bridge;
  storage.bridge = bridge;
  return before;
}

let enters: boolean | undefined;

/**
 * Whether a callback's frame can be entered in the current flow. Not with a bridge, because the other tracer must run the
 * callback as a function.
 */
export function canEnterCallback(): boolean {
  return storage.bridge === undefined && canEnter();
}

/** Whether this platform can make a frame current in the flow that is running. */
export function canEnter(): boolean {
  enters ??= tryToEnter();
  return enters;
}

function tryToEnter(): boolean {
  try {
    enter(currentFrame());
    return true;
  } catch {
    return false;
  }
}

/** Makes `frame` current in this flow from here on, and in the flows that it starts. */
export function enter(frame: Frame): void {
  storage.enterWith(frame);
}

/** Runs `fn` with `frame` current in `fn` and in the flows that it starts. */
export function within<R>(frame: Frame, fn: () => R): R;
/** Runs `fn(given)` with `frame` current. The argument saves a closure on the hot path. */
export function within<Given, R>(frame: Frame, fn: (given: Given) => R, given: Given): R;
export function within<R>(frame: Frame, fn: (given: unknown) => R, given?: unknown): R {
  const { bridge } = storage;
  if (bridge === undefined || isSamePlace(frame, currentFrame())) return storage.run(frame, fn, given);
  return storage.run(frame, () => bridge(frame, () => fn(given)));
}

/**
 * Whether both frames have the same trace and span. If so, the other tracer's current span is not changed: it may be a child of
 * ours.
 */
function isSamePlace(a: Frame, b: Frame): boolean {
  return a.span === b.span && a.trace === b.trace;
}

/** `span`, or the nearest span above it that is still open; with `isCallback`, the nearest one whose callback still runs. */
export function nearestOpen(span: SpanNode | undefined, isCallback?: boolean): SpanNode | undefined {
  let at = span;
  while (at !== undefined && (at.ended || (isCallback && at.isHandle))) at = at.parent;
  return at;
}

/** A trace, and the span of it that is current in a frame. */
export interface Place {
  readonly trace: TraceNode;
  readonly span: SpanNode | undefined;
}

/** The innermost open trace and span of `frame`; ended ones are skipped. */
export function openPlaceIn(frame: Frame): Place | undefined {
  for (let at: Frame | undefined = frame; at?.trace !== undefined; at = at.trace.outer) {
    const span = nearestOpen(at.span);
    // A stream may outlive its trace. Spans that it opens are still its children.
    if (span !== undefined || !at.trace.ended) return { trace: at.trace, span };
  }
  return undefined;
}

/**
 * The trace and span below which a new span in `frame` belongs. A trace that has ended still counts if `frame` is certainly in
 * its callback; the new span is then a late span.
 */
export function placeIn(frame: Frame): Place | undefined {
  for (let at: Frame | undefined = frame; at?.trace !== undefined; at = at.trace.outer) {
    const span = parentIn(at);
    if (!at.trace.ended || !at.trace.isHandle || span?.ended === false || at.callbackSpan?.trace === at.trace) {
      return { trace: at.trace, span };
    }
  }
  return undefined;
}

/**
 * Like {@link placeIn}, but falls back to an ended trace of a handle, so that the span is recorded at all. That trace may be
 * wrong: a function that this flow called may have left it current.
 */
export function anyPlaceIn(frame: Frame): Place | undefined {
  const place = placeIn(frame);
  if (place !== undefined || frame.trace === undefined) return place;
  return { trace: frame.trace, span: parentIn(frame) };
}

/** The parent of a span of exactly `trace` that is opened in `frame`; undefined makes a root of it. */
export function parentOf(trace: TraceNode, frame: Frame): SpanNode | undefined {
  for (let at: Frame | undefined = frame; at?.trace !== undefined; at = at.trace.outer) {
    if (at.trace === trace) return parentIn(at);
  }
  return undefined;
}

/**
 * The parent of a span that opens in the frame. A callback's span stays the parent of its code after its end; a handle's only while
 * it is open.
 */
export function parentIn({ span, callbackSpan }: Pick<Frame, 'span' | 'callbackSpan'>): SpanNode | undefined {
  let at = span;
  while (at?.ended === true && at.isHandle && at !== callbackSpan) at = at.parent;
  return at;
}

/**
 * `frame`, or the nearest frame outside it whose trace is still open, or in which a callback of an ended trace still runs. An open
 * handle of an ended trace does not count: if nobody ends it, each later trace of the flow would keep it.
 */
export function openFrame(frame: Frame): Frame | undefined {
  let at: Frame | undefined = frame;
  while (at?.trace?.ended === true && nearestOpen(at.span, true) === undefined) at = at.trace.outer;
  return at?.trace === undefined ? undefined : at;
}
