import { TraceStatus } from '../model/kinds.js';
import { objectJson } from '../model/object-json.js';
import { Call, handleFrame } from './call.js';
import type { Frame } from './frame.js';
import type { SpanHandle, SpanOptions, TraceHandle, WithSpanOptions } from './handles.js';
import { spanHandle, startSpan } from './live-span.js';
import { asBody, messagesIn, openSpan, withOptions } from './open.js';
import { bodyOutput } from './output-rule.js';
import { currentFrame, enter, parentOf } from './scope.js';
import type { TraceNode } from './trace-node.js';

/** The view of a trace that users hold. Nothing here throws; after the end nothing changes. */
export class LiveTrace implements TraceHandle {
  readonly #node: TraceNode;

  constructor(node: TraceNode) {
    this.#node = node;
  }

  get traceId(): string {
    return this.#node.traceId;
  }

  setInput(value: unknown): this {
    const node = this.#open('setInput');
    if (node === undefined) return this;
    node.setInputText(node.captureFolded(messagesIn(node.recorder.log, 'the input of a trace', value), 'input'));
    return this;
  }

  setOutput(value: unknown): this {
    const node = this.#open('setOutput');
    if (node === undefined) return this;
    node.setOutput(messagesIn(node.recorder.log, 'the output of a trace', value));
    return this;
  }

  setMetadata(metadata: Readonly<Record<string, unknown>>): this {
    const node = this.#open('setMetadata');
    node?.addMetadata(objectJson(node.capture(metadata, 'metadata')));
    return this;
  }

  setStatus(status: TraceStatus): this {
    const node = this.#open('setStatus');
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

  span(name: string, options?: SpanOptions): SpanHandle {
    const parent = parentOf(this.#node, currentFrame());
    return startSpan(openSpan(this.#node, parent, name, options, { isHandle: true, isFixed: false }));
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

  run<R>(fn: (trace: TraceHandle) => R): R {
    return new Call<TraceHandle, R>(this.#node, currentFrame(), fn, this).run();
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
  #open(what: string): TraceNode | undefined {
    const node = this.#node;
    if (!node.ended) return node;
    node.recorder.log.debug(`${what}() after the trace ${node.name} has ended is ignored`);
    return undefined;
  }
}

/** In a function of its own, so that what it needs is off the stack when the body runs. */
function childCall<R>(
  of: TraceNode,
  name: string,
  optionsOrFn: WithSpanOptions | null | undefined | ((span: SpanHandle) => R),
  maybeFn: ((span: SpanHandle) => R) | undefined,
): Call<SpanHandle, R> {
  const { options, fn } = withOptions<WithSpanOptions, SpanHandle, R>(optionsOrFn, maybeFn);
  const outside = currentFrame();
  const node = openSpan(of, parentOf(of, outside), name, options, asBody);
  return new Call(node, outside, fn, spanHandle(node), bodyOutput(fn, options));
}

/** A handle of a trace that was opened in the current frame, `outside`; it is current from here on in this flow. */
export function enterTrace(node: TraceNode, outside: Frame): TraceHandle {
  enter(handleFrame(node, outside));
  return traceHandle(node);
}

/** The one view of a trace. */
export function traceHandle(node: TraceNode): TraceHandle {
  node.handle ??= new LiveTrace(node);
  return node.handle;
}
