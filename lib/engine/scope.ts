import { asyncHooks } from '../common/builtins.js';
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
const storage: ReturnType<typeof createStorage> & { bridge?: Bridge | undefined } = shared[key];

function createStorage() {
  const { AsyncLocalStorage } = asyncHooks();
  return new AsyncLocalStorage<Frame>();
}

/** The frame of the flow that is running. */
export function currentFrame(): Frame {
  return storage.getStore() ?? emptyFrame;
}

/** The frame of the flow that is running; undefined where no trace is current: nothing to open a span in. */
export function currentFrameInTrace(): Frame | undefined {
  const frame = currentFrame();
  return frame.trace && frame;
}

/** Runs a body of ours with `frame` current for another tracer, too. */
export type Bridge = <R>(frame: Frame, body: () => R) => R;

/** Has every body run by `bridge`, in every copy of this package; `undefined` ends that. @returns the one before */
export function bridgeTo(bridge: Bridge | undefined): Bridge | undefined {
  const before = storage.bridge;
  storage.bridge = bridge;
  return before;
}

let enters: boolean | undefined;

/** Whether a body can run with its frame made current in the flow that is running: another tracer wants a function. */
export function canEnterBody(): boolean {
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

/** Makes `frame` current in this flow from here on, and in what it starts. */
export function enter(frame: Frame): void {
  storage.enterWith(frame);
}

/** Runs `fn` with `frame` current, and only `fn` and what it starts. */
export function within<R>(frame: Frame, fn: () => R): R;
/** The same for a function that is given something: the hot path makes no closure for it. */
export function within<Given, R>(frame: Frame, fn: (given: Given) => R, given: Given): R;
export function within<R>(frame: Frame, fn: (given: unknown) => R, given?: unknown): R {
  const { bridge } = storage;
  if (bridge === undefined || isSamePlace(frame, currentFrame())) return storage.run(frame, fn, given);
  return storage.run(frame, () => bridge(frame, () => fn(given)));
}

/** Whether the same is current for another tracer: what is current there may be a child of it. */
function isSamePlace(a: Frame, b: Frame): boolean {
  return a.span === b.span && a.trace === b.trace;
}

/** `span`, or the nearest span above it that is still open. */
function nearestOpen(span: SpanNode | undefined): SpanNode | undefined {
  let at = span;
  while (at?.ended === true) at = at.parent;
  return at;
}

/** What is open of a trace in a frame. */
export interface Place {
  readonly trace: TraceNode;
  readonly span: SpanNode | undefined;
}

/** The open trace and span that are current in `frame`: ended ones are passed over. */
export function resolveOpen(frame: Frame): Place | undefined {
  for (let at: Frame | undefined = frame; at?.trace !== undefined; at = at.trace.outer) {
    const span = nearestOpen(at.span);
    // A stream may outlive its trace: what it opens is still its child.
    if (span !== undefined || !at.trace.ended) return { trace: at.trace, span };
  }
  return undefined;
}

/**
 * The trace and span that something opened in `frame` belongs to. A trace that has ended is one of them where `frame` is
 * of its body for certain: what opens there is a late span of it.
 */
export function resolve(frame: Frame): Place | undefined {
  for (let at: Frame | undefined = frame; at?.trace !== undefined; at = at.trace.outer) {
    const span = parentIn(at);
    if (!at.trace.ended || !at.trace.isHandle || span?.ended === false || at.body?.trace === at.trace) {
      return { trace: at.trace, span };
    }
  }
  return undefined;
}

/**
 * The same for what would be recorded nowhere else. A handle's trace that has ended is better than none, although it may have
 * been left current here by a function that this flow has called.
 */
export function resolveAtLast(frame: Frame): Place | undefined {
  const place = resolve(frame);
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

/** A body is what its code stands in for good, so it is a parent also when it has ended; a handle only while it is open. */
export function parentIn({ span, body }: Pick<Frame, 'span' | 'body'>): SpanNode | undefined {
  let at = span;
  while (at?.ended === true && at.isHandle && at !== body) at = at.parent;
  return at;
}

/** `frame`, or the nearest frame outside it whose trace is still open. */
export function openFrame(frame: Frame): Frame | undefined {
  let at: Frame | undefined = frame;
  while (at?.trace?.ended === true && nearestOpen(at.span) === undefined) at = at.trace.outer;
  return at?.trace === undefined ? undefined : at;
}
