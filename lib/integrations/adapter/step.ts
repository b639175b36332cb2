import { getClient } from '../../client/global-client.js';
import { recorderOf } from '../../client/recording/client-parts.js';
import { asCallback, createSpan, createTrace } from '../../engine/create-span.js';
import type { Frame } from '../../engine/frame.js';
import { openGivenSpan } from '../../engine/integration/given-times.js';
import { openFrame, placeIn } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import type { TraceNode } from '../../engine/trace-node.js';
import type { SpanKind } from '../../model/kinds.js';
import type { AdapterOptions } from './options.js';

/** One step of a framework's run. */
export interface Step {
  readonly span: SpanNode;
  /** The step's own trace, if it started outside of any trace. It ends with the step. */
  readonly trace: TraceNode | undefined;
}

const asHandle = { isHandle: true, hasExplicitParent: false } as const;

/** Optional facts of a step that opens. */
interface StepPlace {
  /** The parent span that the framework's ids name. @defaultValue the current span */
  readonly parent?: SpanNode | undefined;
  /** Name of the trace, if the step has one of its own. @defaultValue the step's name */
  readonly traceName?: string | undefined;
  /** Milliseconds since the epoch. @defaultValue now */
  readonly startedAt?: number | undefined;
  /** Whether the step may stay current in code that is not in it, as a handle does. @defaultValue false */
  readonly isHandle?: boolean | undefined;
}

/**
 * Opens a step below the span that the framework names, else below the current span of `outside`, else in a trace of its own.
 * Undefined if nothing is recorded.
 */
export function openStep(
  name: string,
  kind: SpanKind,
  options: AdapterOptions,
  outside: Frame,
  { parent, traceName, startedAt, isHandle = false }: StepPlace = {},
): Step | undefined {
  const { metadata } = options;
  const given = { kind, metadata };
  if (parent !== undefined) {
    return { span: openGivenSpan({ trace: parent.trace, parent, startedAt, isHandle }, name, given), trace: undefined };
  }
  const current = placeIn(outside);
  const how = isHandle ? asHandle : asCallback;
  if (current !== undefined) {
    return { span: createSpan(current.trace, current.span, name, given, how), trace: undefined };
  }
  const recorder = recorderOf(options.client ?? getClient(), outside);
  if (recorder === undefined) return undefined;
  const { sessionId, userId, tags } = options;
  const trace = createTrace(recorder, outside, traceName ?? name, { sessionId, userId, tags, metadata }, false);
  return { span: createSpan(trace, undefined, name, given, how), trace };
}

/**
 * Returns `frame`, or the nearest frame outside it, whose trace is open; else a frame without a trace. A connection's events run
 * in the frame in which the connection was opened, perhaps long ago. They do not belong to a trace that has ended since.
 */
export function ifOpen(frame: Frame): Frame {
  return openFrame(frame) ?? inTrace(frame, undefined);
}

/** The frame directly under another trace, or outside of any trace, with the session and user of `frame`. */
export function inTrace(frame: Frame, trace: TraceNode | undefined): Frame {
  return { ...frame, trace, span: undefined, callbackSpan: undefined, history: undefined };
}
