import { types } from '../common/builtins.js';
import { isTime } from '../model/limits.js';
import { objectJson } from '../model/object-json.js';
import { costJson, summedUsageJson } from '../model/usage.js';
import { Call, handleFrame } from './call.js';
import { modelText } from './given-text.js';
import type { Cost, SpanHandle, SpanOptions, TokenUsage, WithSpanOptions } from './handles.js';
import { messagesIn, openSpan, withOptions } from './open.js';
import { bodyOutput } from './output-rule.js';
import { currentFrame, enter } from './scope.js';
import type { SpanNode } from './span-node.js';

/** The view of a span that users hold. Nothing here throws; after the end nothing changes. */
export class LiveSpan implements SpanHandle {
  readonly #node: SpanNode;

  constructor(node: SpanNode) {
    this.#node = node;
  }

  get spanId(): string {
    return this.#node.draft.spanId;
  }

  get traceId(): string {
    return this.#node.trace.traceId;
  }

  setInput(value: unknown): this {
    const node = this.#open('setInput');
    if (node === undefined) return this;
    const given = node.draft.kind === 'LLM' ? messagesIn(node.recorder.log, 'the input of an LLM span', value) : value;
    node.setInputText(node.captureFolded(given, 'input'));
    return this;
  }

  setOutput(value: unknown): this {
    const node = this.#open('setOutput');
    if (node === undefined) return this;
    const given = node.draft.kind === 'LLM' ? messagesIn(node.recorder.log, 'the output of an LLM span', value) : value;
    node.setOutput(given);
    return this;
  }

  setModel(model: string): this {
    const node = this.#open('setModel');
    if (node !== undefined) node.draft.model = modelText(node, model);
    return this;
  }

  setModelParameters(parameters: Readonly<Record<string, unknown>>): this {
    const node = this.#open('setModelParameters');
    if (node !== undefined) node.draft.modelParameters = objectJson(node.capture(parameters, 'modelParameters'));
    return this;
  }

  setTokenUsage(usage: TokenUsage): this {
    const node = this.#open('setTokenUsage');
    if (node !== undefined) node.draft.tokenUsage = summedUsageJson(usage, node.recorder.log);
    return this;
  }

  setCost(cost: Cost): this {
    const node = this.#open('setCost');
    if (node !== undefined) node.draft.cost = costJson(cost, node.recorder.log);
    return this;
  }

  setCompletionStartTime(time: Date | number): this {
    const node = this.#open('setCompletionStartTime');
    if (node === undefined) return this;
    const at = types.isDate(time) ? time.getTime() : time;
    if (isTime(at)) node.draft.completionStartTime = at;
    else node.recorder.log.debug('setCompletionStartTime: expected a valid date; left out');
    return this;
  }

  setError(error: unknown): this {
    this.#open('setError')?.fail(error);
    return this;
  }

  setMetadata(metadata: Readonly<Record<string, unknown>>): this {
    const node = this.#open('setMetadata');
    node?.addMetadata(objectJson(node.capture(metadata, 'metadata')));
    return this;
  }

  span(name: string, options?: SpanOptions): SpanHandle {
    return startSpan(openSpan(this.#node.trace, this.#node, name, options, { isHandle: true, isFixed: true }));
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

  run<R>(fn: (span: SpanHandle) => R): R {
    return new Call<SpanHandle, R>(this.#node, currentFrame(), fn, this).run();
  }

  end(error?: unknown): void {
    if (error !== undefined) this.#open('end')?.fail(error);
    this.#node.end();
  }

  [Symbol.dispose](): void {
    this.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }

  /** The node to change; undefined, with a debug line, after the end. */
  #open(what: string): SpanNode | undefined {
    const node = this.#node;
    if (!node.ended) return node;
    node.recorder.log.debug(`${what}() after the span ${node.draft.name} has ended is ignored`);
    return undefined;
  }
}

/** In a function of its own, so that what it needs is off the stack when the body runs. */
function childCall<R>(
  of: SpanNode,
  name: string,
  optionsOrFn: WithSpanOptions | null | undefined | ((span: SpanHandle) => R),
  maybeFn: ((span: SpanHandle) => R) | undefined,
): Call<SpanHandle, R> {
  const { options, fn } = withOptions<WithSpanOptions, SpanHandle, R>(optionsOrFn, maybeFn);
  const node = openSpan(of.trace, of, name, options, { isHandle: false, isFixed: true });
  return new Call(node, currentFrame(), fn, spanHandle(node), bodyOutput(fn, options));
}

/** A handle of a span that is current from here on in this flow. */
export function startSpan(node: SpanNode): SpanHandle {
  const outside = currentFrame();
  if (node.trace.ended) node.before = outside;
  enter(handleFrame(node, outside));
  return spanHandle(node);
}

/** The one view of a span. */
export function spanHandle(node: SpanNode): SpanHandle {
  node.handle ??= new LiveSpan(node);
  return node.handle;
}
