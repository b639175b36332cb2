import { types } from '../common/builtins.js';
import { TraceStatus } from '../model/kinds.js';
import { isTime } from '../model/limits.js';
import { objectJson } from '../model/object-json.js';
import { costJson, summedUsageJson } from '../model/usage.js';
import { Call } from './call.js';
import { createSpan, messagesIn, withOptions } from './create-span.js';
import type { Frame } from './frame.js';
import { handleFrame, isSpan } from './frames-of-node.js';
import type { Cost, SpanHandle, SpanOptions, TokenUsage, TraceHandle, WithSpanOptions } from './handles.js';
import { modelText } from './normalize-text.js';
import { callbackOutput } from './output-rule.js';
import { currentFrame, enter, parentOf } from './scope.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/**
 * The common part of the handles of traces and spans. Nothing in them throws, and after the end nothing changes. Each class keeps
 * the node in a private field of its own, so that nothing of the engine is reachable on an object that users hold.
 */
class LiveHandle {
  readonly #node: SpanNode | TraceNode;

  constructor(node: SpanNode | TraceNode) {
    this.#node = node;
  }

  setMetadata(metadata: Readonly<Record<string, unknown>>): this {
    const node = ifOpen(this.#node, 'setMetadata');
    node?.addMetadata(objectJson(node.capture(metadata, 'metadata')));
    return this;
  }

  span(name: string, options?: SpanOptions): SpanHandle {
    const outside = currentFrame();
    return enterSpan(openChild(this.#node, outside, name, options, true), outside);
  }

  withSpan<R>(name: string, fn: (span: SpanHandle) => R): R;
  withSpan<R>(name: string, options: WithSpanOptions | null | undefined, fn: (span: SpanHandle) => R): R;
  withSpan<R>(
    name: string,
    optionsOrFn: WithSpanOptions | null | undefined | ((span: SpanHandle) => R),
    maybeFn?: (span: SpanHandle) => R,
  ): R {
    return childCall(this.#node, name, optionsOrFn, maybeFn).run();
  }

  run<R>(fn: (handle: this) => R): R {
    return new Call<this, R>(this.#node, currentFrame(), fn, this).run();
  }

  end(error?: unknown): void {
    if (error !== undefined) ifOpen(this.#node, 'end')?.fail(error);
    this.#node.end();
  }

  [Symbol.dispose](): void {
    this.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }
}

class LiveTrace extends LiveHandle implements TraceHandle {
  readonly #node: TraceNode;

  constructor(node: TraceNode) {
    super(node);
    this.#node = node;
  }

  get traceId(): string {
    return this.#node.traceId;
  }

  setInput(value: unknown): this {
    const node = ifOpen(this.#node, 'setInput');
    if (node === undefined) return this;
    node.setInputText(node.captureText(messagesIn(node.recorder.log, 'the input of a trace', value), 'input'));
    return this;
  }

  setOutput(value: unknown): this {
    const node = ifOpen(this.#node, 'setOutput');
    if (node === undefined) return this;
    node.setOutput(messagesIn(node.recorder.log, 'the output of a trace', value));
    return this;
  }

  setStatus(status: TraceStatus): this {
    const node = ifOpen(this.#node, 'setStatus');
    if (node === undefined) return this;
    if (typeof status === 'string' && Object.hasOwn(TraceStatus, status)) {
      node.status = status;
      return this;
    }
    const expected = Object.keys(TraceStatus).join(', ');
    const got = typeof status === 'string' ? 'another text' : typeof status;
    node.recorder.log.warn('status', `expected a trace status (${expected}), got ${got}; left as it was`);
    return this;
  }
}

class LiveSpan extends LiveHandle implements SpanHandle {
  readonly #node: SpanNode;

  constructor(node: SpanNode) {
    super(node);
    this.#node = node;
  }

  get spanId(): string {
    return this.#node.draft.spanId;
  }

  get traceId(): string {
    return this.#node.trace.traceId;
  }

  setInput(value: unknown): this {
    const node = ifOpen(this.#node, 'setInput');
    if (node === undefined) return this;
    const given = node.draft.kind === 'LLM' ? messagesIn(node.recorder.log, 'the input of an LLM span', value) : value;
    node.setInputText(node.captureText(given, 'input'));
    return this;
  }

  setOutput(value: unknown): this {
    const node = ifOpen(this.#node, 'setOutput');
    if (node === undefined) return this;
    const given = node.draft.kind === 'LLM' ? messagesIn(node.recorder.log, 'the output of an LLM span', value) : value;
    node.setOutput(given);
    return this;
  }

  setModel(model: string): this {
    const node = ifOpen(this.#node, 'setModel');
    if (node !== undefined) node.draft.model = modelText(node, model) ?? node.draft.model;
    return this;
  }

  setModelParameters(parameters: Readonly<Record<string, unknown>>): this {
    const node = ifOpen(this.#node, 'setModelParameters');
    if (node !== undefined) node.draft.modelParameters = objectJson(node.capture(parameters, 'modelParameters'));
    return this;
  }

  setTokenUsage(usage: TokenUsage): this {
    const node = ifOpen(this.#node, 'setTokenUsage');
    if (node !== undefined) node.draft.tokenUsage = summedUsageJson(usage, node.recorder.log);
    return this;
  }

  setCost(cost: Cost): this {
    const node = ifOpen(this.#node, 'setCost');
    if (node !== undefined) node.draft.cost = costJson(cost, node.recorder.log);
    return this;
  }

  setCompletionStartTime(time: Date | number): this {
    const node = ifOpen(this.#node, 'setCompletionStartTime');
    if (node === undefined) return this;
    const at = types.isDate(time) ? time.getTime() : time;
    if (isTime(at))
      node.draft.completionStartTime = Math.max(at, node.draft.startedAt); // a date has no microseconds
    else node.recorder.log.debug('setCompletionStartTime: expected a valid date; left out');
    return this;
  }

  setError(error: unknown): this {
    ifOpen(this.#node, 'setError')?.fail(error);
    return this;
  }
}

/** The node; undefined after its end, with a debug line. */
function ifOpen<N extends SpanNode | TraceNode>(node: N, method: string): N | undefined {
  if (!node.ended) return node;
  const what = isSpan(node) ? `span ${node.draft.name}` : `trace ${node.name}`;
  node.recorder.log.debug(`${method}() after the ${what} has ended is ignored`);
  return undefined;
}

/** Opens a span below the given node; if that is a trace, below the current span of the trace. */
function openChild(
  of: SpanNode | TraceNode,
  outside: Frame,
  name: string,
  options: SpanOptions | null | undefined,
  isHandle: boolean,
): SpanNode {
  return isSpan(of)
    ? createSpan(of.trace, of, name, options, { isHandle, hasExplicitParent: true })
    : createSpan(of, parentOf(of, outside), name, options, { isHandle, hasExplicitParent: false });
}

/** A separate function, so that its variables are not on the stack while the callback runs. */
function childCall<R>(
  of: SpanNode | TraceNode,
  name: string,
  optionsOrFn: WithSpanOptions | null | undefined | ((span: SpanHandle) => R),
  maybeFn: ((span: SpanHandle) => R) | undefined,
): Call<SpanHandle, R> {
  const { options, fn } = withOptions<WithSpanOptions, SpanHandle, R>(optionsOrFn, maybeFn);
  const outside = currentFrame();
  const node = openChild(of, outside, name, options, false);
  return new Call(node, outside, fn, spanHandle(node), callbackOutput(fn, options));
}

/** Makes a span that was opened in the current frame, `outside`, current from here on in this flow. @returns its handle */
function enterSpan(node: SpanNode, outside: Frame): SpanHandle {
  if (node.trace.ended) node.before = outside;
  enter(handleFrame(node, outside));
  return spanHandle(node);
}

/** The handle of a span; there is only one for each. */
export function spanHandle(node: SpanNode): SpanHandle {
  node.handle ??= new LiveSpan(node);
  return node.handle;
}

/** Makes a trace that was opened in the current frame, `outside`, current from here on in this flow. @returns its handle */
export function enterTrace(node: TraceNode, outside: Frame): TraceHandle {
  enter(handleFrame(node, outside));
  return traceHandle(node);
}

/** The handle of a trace; there is only one for each. */
export function traceHandle(node: TraceNode): TraceHandle {
  node.handle ??= new LiveTrace(node);
  return node.handle;
}
