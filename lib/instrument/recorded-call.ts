import { currentRecorder, isRecording } from '../client/global-client.js';
import { errorName } from '../common/error-text.js';
import { Call, type OutputRule, toRecord } from '../engine/call.js';
import { asCallback, createSpan, createTrace } from '../engine/create-span.js';
import type { Frame } from '../engine/frame.js';
import { outputRule } from '../engine/output-rule.js';
import type { Recorder } from '../engine/recorder.js';
import { anyPlaceIn, currentFrame, currentFrameInTrace, placeIn } from '../engine/scope.js';
import type { SpanNode } from '../engine/span-node.js';
import type { TraceNode } from '../engine/trace-node.js';
import { lastAssistantMessage, lastUserMessage } from '../model/messages.js';
import type { AnyFunction, CaptureOptions, SpanCallOptions, TraceCallOptions } from './call-options.js';
import { type ParamNames, type Pattern, readParamNames } from './param-names.js';

/** Returns the current frame; undefined if nothing is recorded. */
type FrameLookup = () => Frame | undefined;
/** Opens the span or trace of a call in the current frame; undefined if the call is not recorded. */
type Opener = (args: readonly unknown[], outside: Frame) => SpanNode | TraceNode | undefined;

/** Returns a function that records each call of `fn` as a span of the current trace. Without a current trace it just calls `fn`. */
export function recordAsSpan<F extends AnyFunction>(fn: F, name: string, options: SpanCallOptions): F {
  const inputOf = inputReader(fn, options);
  const open: Opener = (args, outside) => {
    const current = anyPlaceIn(outside);
    if (current === undefined) return undefined;
    const node = createSpan(current.trace, current.span, name, options, asCallback);
    setInput(node, () => inputOf(args, node.recorder));
    return node;
  };
  return recorded(
    fn,
    currentFrameInTrace,
    open,
    outputRule(fn, options, (value) => value),
  );
}

/** Returns a function that records each call of `fn` as a trace. */
export function recordAsTrace<F extends AnyFunction>(fn: F, name: string, options: TraceCallOptions): F {
  const inputOf = inputReader(fn, options);
  const isNestable = options.nested === 'span';
  const { sessionId, userId, tags, metadata } = options;
  const open: Opener = (args, outside) => {
    const current = isNestable ? placeIn(outside) : undefined;
    if (current !== undefined) {
      const node = createSpan(current.trace, current.span, name, { kind: 'AGENT', metadata }, asCallback);
      setInput(node, () => inputOf(args, node.recorder));
      return node;
    }
    const recorder: Recorder | undefined = currentRecorder(outside);
    if (recorder === undefined) return undefined;
    const around = placeIn(outside)?.trace;
    if (around !== undefined) around.hasSeparate = true;
    const node = createTrace(recorder, outside, name, { sessionId, userId, tags, metadata }, false);
    setInput(node, () => {
      const input = inputOf(args, node.recorder);
      return lastUserMessage(input) ?? input;
    });
    return node;
  };
  const frameHere: FrameLookup = () => {
    if (isRecording()) return currentFrame();
    // Another client may have an open trace although the process-wide client is off.
    return isNestable ? currentFrameInTrace() : undefined;
  };
  return recorded(
    fn,
    frameHere,
    open,
    outputRule(fn, options, (value) => lastAssistantMessage(value) ?? value),
  );
}

/**
 * The replacement of `fn`: same parameters, result, `this`, name and length. If nothing is recorded, a call costs one check and one
 * more call. `arguments` is passed on as it is, because copying it would cost more than the rest.
 */
function recorded<F extends AnyFunction>(fn: F, frameHere: FrameLookup, open: Opener, output: OutputRule): F {
  // One signature for all functions. The cast to F at the end is right because parameters and result pass through unchanged.
  const original = fn as unknown as (this: unknown, ...args: ArrayLike<unknown>[]) => unknown;
  function begin(self: unknown, args: IArguments): Call<unknown, unknown> | undefined {
    const outside = frameHere();
    const node = outside && open(Array.from(args), outside);
    if (outside === undefined || node === undefined) return undefined;
    return new Call(node, outside, (it) => original.apply(it, args as unknown as []), self, output);
  }
  function replacement(this: unknown): unknown {
    // biome-ignore lint/complexity/noArguments: see above
    const call = begin(this, arguments);
    // biome-ignore lint/complexity/noArguments: see above
    return call === undefined ? original.apply(this, arguments as unknown as []) : call.run();
  }
  return replacement as unknown as F;
}

type InputReader = (args: readonly unknown[], recorder: Recorder) => unknown;

/** Chooses what is recorded of the arguments. */
function inputReader(fn: AnyFunction, options: CaptureOptions): InputReader {
  const { captureInput } = options;
  if (typeof captureInput === 'function') return (args) => captureInput(...args);
  let names: ParamNames | undefined | null = null;
  return (args, recorder) => {
    if (!(captureInput ?? recorder.captureInput)) return undefined;
    if (names === null) names = readParamNames(fn);
    return namedArguments(names, args);
  };
}

/** The arguments keyed by parameter name; as a list if the names cannot be read. */
function namedArguments(params: ParamNames | undefined, args: readonly unknown[]): unknown {
  if (args.length === 0) return undefined;
  if (params === undefined) return { args };
  const named: Record<string, unknown> = {};
  const { names, rest } = params;
  for (let i = 0; i < args.length && i < names.length; i += 1) {
    const name = names[i];
    if (typeof name !== 'object') named[name ?? `arg${i}`] = args[i];
    else if (!addParts(name, args[i], named)) named[`arg${i}`] = args[i];
  }
  if (args.length > names.length) named[rest ?? 'args'] = args.slice(names.length);
  return named;
}

/**
 * Adds the parts of a destructured argument under their names.
 * @returns false if the argument has another form, or a name is already used
 */
function addParts(pattern: Pattern, arg: unknown, named: Record<string, unknown>): boolean {
  const { isArray, names, rest } = pattern;
  if (typeof arg !== 'object' || arg === null || Array.isArray(arg) !== isArray) return false;
  if ([...names, rest].some((name) => name !== undefined && Object.hasOwn(named, name))) return false;
  for (const [at, name] of names.entries()) {
    if (name !== undefined) named[name] = (arg as Readonly<Record<string, unknown>>)[isArray ? at : name];
  }
  if (rest !== undefined) {
    named[rest] = Array.isArray(arg)
      ? arg.slice(names.length)
      : Object.fromEntries(Object.entries(arg).filter(([name]) => !names.includes(name)));
  }
  return true;
}

/** Records the input. If the user's `captureInput` throws, the call goes on without an input. */
function setInput(node: SpanNode | TraceNode, input: () => unknown): void {
  try {
    const value = input();
    if (value !== undefined) node.setInputText(node.captureText(toRecord(node, value), 'input'));
  } catch (error) {
    // The error's message is not logged: it may contain values that must not be recorded.
    node.recorder.log.warn('input', `captureInput threw ${errorName(error)}; the input is left out`);
  }
}
