import { errorText } from '../common/error-text.js';
import { TraceStatus } from '../model/kinds.js';
import { mergeObjects } from '../model/merge-json.js';
import { objectJson } from '../model/object-json.js';
import { bodyFrame, runBody } from './call.js';
import type { SpanHandle, SpanOptions, TraceHandle } from './handles.js';
import { runSpan, startSpan } from './live-span.js';
import { openSpan, warnUnlessMessages, withOptions } from './open.js';
import { currentFrame, enter, nearestOpenOf } from './scope.js';
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
    return this.#set('setInput', (node) => {
      warnUnlessMessages(node.recorder.log, 'the input of a trace', value);
      node.input = node.capture(value, 'input');
    });
  }

  setOutput(value: unknown): this {
    return this.#set('setOutput', (node) => {
      warnUnlessMessages(node.recorder.log, 'the output of a trace', value);
      node.setOutput(value);
    });
  }

  setMetadata(metadata: Readonly<Record<string, unknown>>): this {
    return this.#set('setMetadata', (node) => {
      node.metadata = mergeObjects(node.metadata, objectJson(node.capture(metadata, 'metadata')));
    });
  }

  setStatus(status: TraceStatus): this {
    return this.#set('setStatus', (node) => {
      if (Object.hasOwn(TraceStatus, status)) node.status = status;
      else {
        const expected = Object.keys(TraceStatus).join(', ');
        node.recorder.log.warn(
          'status',
          `expected a trace status (${expected}), got ${String(status)}; left as it was`,
        );
      }
    });
  }

  span(name: string, options?: SpanOptions): SpanHandle {
    const parent = nearestOpenOf(this.#node, currentFrame());
    return startSpan(openSpan(this.#node, parent, name, options, { isHandle: true, isFixed: false }));
  }

  withSpan<R>(name: string, fn: (span: SpanHandle) => R): R;
  withSpan<R>(name: string, options: SpanOptions | null | undefined, fn: (span: SpanHandle) => R): R;
  withSpan<R>(
    name: string,
    optionsOrFn: SpanOptions | null | undefined | ((span: SpanHandle) => R),
    maybeFn?: (span: SpanHandle) => R,
  ): R {
    const { options, fn } = withOptions<SpanOptions, SpanHandle, R>(optionsOrFn, maybeFn);
    const parent = nearestOpenOf(this.#node, currentFrame());
    const node = openSpan(this.#node, parent, name, options, { isHandle: false, isFixed: false });
    return runSpan(node, fn);
  }

  run<R>(fn: (trace: TraceHandle) => R): R {
    return runBody(this.#node, () => fn(this));
  }

  end(error?: unknown): void {
    if (error !== undefined) this.#set('end', (node) => node.fail(error));
    this.#node.end();
  }

  [Symbol.dispose](): void {
    this.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }

  #set(what: string, change: (node: TraceNode) => void): this {
    const node = this.#node;
    if (node.ended) node.recorder.log.debug(`${what}() after the trace ${node.name} has ended is ignored`);
    else {
      try {
        change(node);
      } catch (error) {
        node.recorder.log.warn('setter', `${what}() could not record what it was given: ${errorText(error)}`);
      }
    }
    return this;
  }
}

/** A handle of a trace that is current from here on in this flow. */
export function enterTrace(node: TraceNode): TraceHandle {
  enter(bodyFrame(node, currentFrame()));
  return traceHandle(node);
}

/** Runs `fn` as the body of a trace. */
export function runTrace<R>(node: TraceNode, fn: (trace: TraceHandle) => R): R {
  return runBody(node, () => fn(traceHandle(node)));
}

/** The one view of a trace. */
export function traceHandle(node: TraceNode): TraceHandle {
  node.handle ??= new LiveTrace(node);
  return node.handle;
}
