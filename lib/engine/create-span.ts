import { errorName } from '../common/error-text.js';
import { UsageError } from '../common/errors.js';
import type { Log } from '../common/log.js';
import { own } from '../common/own.js';
import { SpanKind } from '../model/kinds.js';
import { asMessages } from '../model/messages.js';
import { objectJson } from '../model/object-json.js';
import type { Frame } from './frame.js';
import type { OutputOptions, SpanOptions, TraceOptions } from './handles.js';
import { labelText, modelText, nameText, tagTexts } from './normalize-text.js';
import type { Recorder } from './recorder.js';
import { currentOwner } from './session.js';
import type { SpanNode } from './span-node.js';
import { TraceNode } from './trace-node.js';

/** For a span that is current while a callback runs. */
export const asCallback = { isHandle: false, hasExplicitParent: false } as const;

/** Opens a span with the caller's name and options. An invalid one is repaired or left out, with one warning. */
export function createSpan(
  trace: TraceNode,
  parent: SpanNode | undefined,
  name: string,
  options: SpanOptions | null | undefined,
  how: { readonly isHandle: boolean; readonly hasExplicitParent: boolean },
): SpanNode {
  const { recorder } = trace;
  const node = trace.open(parent, {
    name: nameText(recorder, name, 'span', trace),
    kind: options === null || options === undefined ? 'OTHER' : kindOf(options, recorder.log),
    isHandle: how.isHandle,
    hasExplicitParent: how.hasExplicitParent,
  });
  if (options !== null && options !== undefined) fillSpan(node, options);
  return node;
}

function kindOf(options: SpanOptions, log: Log): SpanKind {
  try {
    const kind = own(options, 'kind');
    if (kind === undefined || kind === null) return 'OTHER';
    if (typeof kind === 'string' && Object.hasOwn(SpanKind, kind)) return kind;
    const got = typeof kind === 'string' ? 'another text' : typeof kind;
    log.warn('kind', `expected a span kind (${Object.keys(SpanKind).join(', ')}), got ${got}; OTHER is used`);
  } catch (error) {
    unreadable(log, 'span', error);
  }
  return 'OTHER';
}

function fillSpan(node: SpanNode, options: SpanOptions): void {
  const { draft } = node;
  try {
    const model = own(options, 'model');
    const input = own(options, 'input');
    const metadata = own(options, 'metadata');
    if (model !== undefined && model !== null) draft.model = modelText(node, model);
    if (input !== undefined) {
      const given = draft.kind === 'LLM' ? messagesIn(node.recorder.log, 'the input of an LLM span', input) : input;
      draft.input = node.captureText(given, 'input');
    }
    if (metadata !== undefined && metadata !== null) draft.metadata = objectJson(node.capture(metadata, 'metadata'));
  } catch (error) {
    unreadable(node.recorder.log, 'span', error);
  }
}

/**
 * Logs that options could not be read, because a getter of the caller threw. Its message is not logged: it may contain values
 * that must be masked.
 */
function unreadable(log: Log, what: string, error: unknown): void {
  log.warn(`${what} options`, `the options of a ${what} could not be read: ${errorName(error)} was thrown`);
}

/**
 * Opens a trace in the current frame, `outside`. Its session and user are decided now: from the options, else from `session()`
 * and `user()` around it, else from `setSession()` and `setUser()`.
 */
export function createTrace(
  recorder: Recorder,
  outside: Frame,
  name: string,
  options: TraceOptions | null | undefined,
  isHandle: boolean,
): TraceNode {
  const given = readTraceOptions(recorder.log, options);
  const traceName = nameText(recorder, name, 'trace', {});
  const owner = { traceName };
  const node = new TraceNode(recorder, {
    name: traceName,
    isHandle,
    outside,
    sessionId: labelText(recorder, given.sessionId ?? currentOwner('sessionId', outside), 'sessionId', owner),
    userId: labelText(recorder, given.userId ?? currentOwner('userId', outside), 'userId', owner),
    tags: tagTexts(recorder, given.tags, owner),
  });
  const { input, metadata } = given;
  if (input !== undefined) {
    node.input = node.captureText(messagesIn(recorder.log, 'the input of a trace', input), 'input');
  }
  if (metadata !== undefined && metadata !== null) node.addMetadata(objectJson(node.capture(metadata, 'metadata')));
  return node;
}

const noOptions: TraceOptions = Object.create(null);

function readTraceOptions(log: Log, options: TraceOptions | null | undefined): TraceOptions {
  if (options === null || options === undefined) return noOptions;
  try {
    return {
      input: own(options, 'input'),
      sessionId: own(options, 'sessionId'),
      userId: own(options, 'userId'),
      tags: own(options, 'tags'),
      metadata: own(options, 'metadata'),
    };
  } catch (error) {
    unreadable(log, 'trace', error);
    return noOptions;
  }
}

/** Converts messages of any known form to the backend's. Any other value is returned as it is, with a warning. */
export function messagesIn(log: Log, what: string, value: unknown): unknown {
  const messages = asMessages(value);
  // `what` is the cause of the log line, because an agent with plain texts as outputs warns for every span.
  if (messages === undefined) log.warn(what, `${what} is not { messages: [{ role, content }] }; it is stored as it is`);
  return messages ?? value;
}

/** Reads the two forms of arguments, `(options, fn)` and `(fn)`. */
export function withOptions<O extends OutputOptions, H, R>(
  optionsOrFn: O | ((handle: H) => R) | null | undefined,
  maybeFn: ((handle: H) => R) | undefined,
): { readonly options: O | undefined; readonly fn: (handle: H) => R } {
  if (typeof optionsOrFn === 'function') return { options: undefined, fn: optionsOrFn };
  return { options: optionsOrFn ?? undefined, fn: aFunction(maybeFn) };
}

/** @throws UsageError unless it is a function */
export function aFunction<F>(fn: F | undefined): F {
  if (typeof fn !== 'function') throw new UsageError(`expected a function to run, got ${typeof fn}`);
  return fn;
}
