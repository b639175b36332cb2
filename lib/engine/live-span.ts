import { errorText } from '../common/error-text.js';
import { timeRangeMs } from '../model/limits.js';
import { mergeObjects } from '../model/merge-json.js';
import { objectJson } from '../model/object-json.js';
import type { JsonText } from '../model/records.js';
import { costJson, tokenUsage } from '../model/usage.js';
import { bodyFrame, runBody } from './call.js';
import { modelText } from './given-text.js';
import type { Cost, SpanHandle, SpanOptions, TokenUsage } from './handles.js';
import { openSpan, warnUnlessMessages, withOptions } from './open.js';
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
    return this.#set('setInput', (node) => {
      if (node.draft.kind === 'LLM') warnUnlessMessages(node.recorder.log, 'the input of an LLM span', value);
      node.draft.input = node.capture(value, 'input');
    });
  }

  setOutput(value: unknown): this {
    return this.#set('setOutput', (node) => {
      if (node.draft.kind === 'LLM') warnUnlessMessages(node.recorder.log, 'the output of an LLM span', value);
      node.setOutput(value);
    });
  }

  setModel(model: string): this {
    return this.#set('setModel', (node) => {
      node.draft.model = modelText(node, model);
    });
  }

  setModelParameters(parameters: Readonly<Record<string, unknown>>): this {
    return this.#set('setModelParameters', (node) => {
      node.draft.modelParameters = objectJson(node.capture(parameters, 'modelParameters'));
    });
  }

  setTokenUsage(usage: TokenUsage): this {
    return this.#set('setTokenUsage', (node) => {
      const counts = { prompt_tokens: 0, completion_tokens: 0, ...tokenUsage(usage, node.recorder.log.debug) };
      node.draft.tokenUsage = JSON.stringify(counts) as JsonText; // clean keys and whole numbers
    });
  }

  setCost(cost: Cost): this {
    return this.#set('setCost', (node) => {
      node.draft.cost = costJson(cost, node.recorder.log.debug);
    });
  }

  setCompletionStartTime(time: Date | number): this {
    return this.#set('setCompletionStartTime', (node) => {
      const at = typeof time === 'number' ? time : Number(time);
      const isInRange = at >= timeRangeMs.first && at <= timeRangeMs.last;
      if (isInRange) node.draft.completionStartTime = at;
      else node.recorder.log.debug('setCompletionStartTime: expected a valid date; left out');
    });
  }

  setError(error: unknown): this {
    return this.#set('setError', (node) => node.fail(error));
  }

  setMetadata(metadata: Readonly<Record<string, unknown>>): this {
    return this.#set('setMetadata', (node) => {
      node.draft.metadata = mergeObjects(node.draft.metadata, objectJson(node.capture(metadata, 'metadata')));
    });
  }

  span(name: string, options?: SpanOptions): SpanHandle {
    return startSpan(openSpan(this.#node.trace, this.#node, name, options, { isHandle: true, isFixed: true }));
  }

  withSpan<R>(name: string, fn: (span: SpanHandle) => R): R;
  withSpan<R>(name: string, options: SpanOptions | null | undefined, fn: (span: SpanHandle) => R): R;
  withSpan<R>(
    name: string,
    optionsOrFn: SpanOptions | null | undefined | ((span: SpanHandle) => R),
    maybeFn?: (span: SpanHandle) => R,
  ): R {
    const { options, fn } = withOptions<SpanOptions, SpanHandle, R>(optionsOrFn, maybeFn);
    const node = openSpan(this.#node.trace, this.#node, name, options, { isHandle: false, isFixed: true });
    return runSpan(node, fn);
  }

  run<R>(fn: (span: SpanHandle) => R): R {
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

  #set(what: string, change: (node: SpanNode) => void): this {
    const node = this.#node;
    if (node.ended) node.recorder.log.debug(`${what}() after the span ${node.draft.name} has ended is ignored`);
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

/** A handle of a span that is current from here on in this flow. */
export function startSpan(node: SpanNode): SpanHandle {
  enter(bodyFrame(node, currentFrame()));
  return spanHandle(node);
}

/** Runs `fn` as the body of a span. */
export function runSpan<R>(node: SpanNode, fn: (span: SpanHandle) => R): R {
  return runBody(node, () => fn(spanHandle(node)));
}

/** The one view of a span. */
export function spanHandle(node: SpanNode): SpanHandle {
  node.handle ??= new LiveSpan(node);
  return node.handle;
}
