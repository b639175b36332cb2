import { errorFacts, errorMessage } from '../../calls/error-facts.js';
import { type Fields, fields, omitNullish } from '../../calls/read-unknown.js';
import { capturedWithoutBytes, textWithoutBytes } from '../../calls/without-bytes.js';
import type { ResultObserver } from '../../engine/follow.js';
import { followResult } from '../../engine/follow.js';
import type { Frame } from '../../engine/frame.js';
import { callbackFrame, markStart } from '../../engine/frames-of-node.js';
import { within } from '../../engine/scope.js';
import type { SpanNode } from '../../engine/span-node.js';
import { objectJson } from '../../model/object-json.js';
import { guarded } from '../adapter/guarded.js';
import { OpenSteps } from '../adapter/open-steps.js';
import type { Step } from '../adapter/step.js';
import { type Asked, failureOf, outputOf } from './methods.js';
import type { MCPOptions } from './options.js';

/**
 * The calls that are running in this process, by the id of their span, because the other side of a call may be in this process, too.
 * Some never return: a tool may ignore that its caller has given up.
 */
const running = new OpenSteps<string, McpCall>();

/** The span of a call that runs in this process. */
export function runningSpan(spanId: string): SpanNode | undefined {
  return running.get(spanId)?.span;
}

/** One request while it is followed, on the side of the client or of the server. */
export class McpCall implements ResultObserver {
  readonly span: SpanNode;
  /** The frame in which it runs; no other call has the same. */
  readonly frame: Frame;
  readonly outside: Frame;
  readonly #step: Step;
  readonly #isMerged: boolean;
  readonly #options: MCPOptions;
  readonly #signal: unknown;
  readonly #onEnd: ((call: McpCall) => void) | undefined;
  /** Of a task: the last of its messages. */
  #last: unknown;
  #isOver = false;

  /**
   * @param isMerged - whether the span belongs to another integration, which ends it
   * @param signal - tells whether the request was cancelled
   */
  constructor(
    step: Step,
    outside: Frame,
    options: MCPOptions,
    how: {
      readonly isMerged?: boolean;
      readonly signal?: unknown;
      readonly onEnd?: (call: McpCall) => void;
    },
  ) {
    this.#step = step;
    this.span = step.span;
    this.outside = outside;
    this.#options = options;
    this.#isMerged = how.isMerged === true;
    this.#signal = how.signal;
    this.#onEnd = how.onEnd;
    this.frame = this.#isMerged ? { ...outside } : callbackFrame(step.span, outside);
    running.add(step.span.draft.spanId, this);
  }

  /** Writes the input, and which server and method are called. */
  asked({ input }: Asked, mcp: Fields): void {
    const { span } = this;
    this.#addMetadata({ mcp: omitNullish(mcp) });
    if (this.#isMerged || input === undefined) return;
    if (!(this.#options.captureInput ?? span.recorder.captureInput)) return;
    span.setInputText(capturedWithoutBytes(input, span, 'input'));
    this.#step.trace?.setInputText(span.draft.input);
  }

  /** Makes the call with its span current, and follows the result. */
  run<R>(fn: () => R, isAsync: boolean): R {
    let result: R;
    try {
      result = within(this.frame, fn);
    } catch (error) {
      this.threw(error);
      throw error;
    }
    if (!this.#isMerged) markStart(this.span, this.outside);
    return followResult(result, this, isAsync);
  }

  returned(value: unknown): void {
    this.#end('a result', () => {
      const failure = failureOf(value);
      if (failure !== undefined) this.#fail(errorMessage(failure));
      const { span } = this;
      if (!(this.#options.captureOutput ?? span.recorder.captureOutput)) return;
      const output = capturedWithoutBytes(outputOf(value), span, 'output');
      span.draft.output = output;
      if (this.#step.trace !== undefined) this.#step.trace.output = output;
    });
  }

  threw(error: unknown): void {
    this.#end('an error', () => {
      const facts = errorFacts(error);
      this.#fail(facts.text);
      this.#addMetadata(facts.metadata);
    });
  }

  /** A task was created, goes on, or is over. */
  chunk(message: unknown): void {
    this.#last = message;
  }

  /** The messages of a task are over. The last one has its result, unless the reader has left early. */
  streamed(): void {
    const { type, result, error } = fields(this.#last);
    if (type === 'result') this.returned(result);
    else if (type === 'error') this.threw(error);
    else this.end();
  }

  /** Ends it without a result: nobody waits for it any more. */
  end(): void {
    this.#end('the end of a call', () => this.#addMetadata({ incomplete: true }));
  }

  pull<R>(fn: () => R): R {
    return within(this.frame, fn);
  }

  #fail(text: string): void {
    const short = textWithoutBytes(text);
    this.span.fail(short);
    this.#step.trace?.fail(short);
  }

  #addMetadata(metadata: Fields): void {
    this.span.addMetadata(objectJson(this.span.capture(metadata, 'metadata')));
  }

  #end(what: string, write: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { span } = this;
    running.take(span.draft.spanId);
    this.#onEnd?.(this);
    if (this.#isMerged) return;
    guarded('MCP', what, write);
    guarded('MCP', 'the end of a call', () => {
      if (fields(this.#signal).aborted === true) this.#addMetadata({ aborted: true });
      span.end();
      this.#step.trace?.end();
    });
  }
}
