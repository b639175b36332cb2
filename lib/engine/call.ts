import { errorName } from '../common/error-text.js';
import { ChunkList } from './chunk-list.js';
import { type CallWatcher, follow } from './follow.js';
import type { Frame } from './frame.js';
import { needsMarker, relevantHistory } from './placement.js';
import type { Recorder } from './recorder.js';
import { currentFrame, enter, within } from './scope.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** What of a call's result is recorded. */
export interface OutputRule {
  /** The output to record for a returned value; undefined records nothing. */
  of(value: unknown, recorder: Recorder): unknown;
  /** What to make of a stream's chunks; without it the list of them is the output. */
  readonly reduce: ((chunks: readonly unknown[]) => unknown) | undefined;
}

/**
 * Runs `fn` as the body of a span or trace, and ends it when the call is over.
 * @param outside - the frame that is current
 * @param given - what `fn` gets
 */
export function runBody<Given, R>(
  node: SpanNode | TraceNode,
  outside: Frame,
  fn: (given: Given) => R,
  given: Given,
  output?: OutputRule,
): R {
  const result = follow(fn, new Call(node, bodyFrame(node, outside), output), given);
  markStart(node, outside);
  return result;
}

/**
 * Leaves in the flow that has started the body of `node` that control came back past it. For whoever starts a body
 * in its {@link bodyFrame} and follows it in a way of its own; `runBody` does it by itself.
 */
export function markStart(node: SpanNode | TraceNode, outside: Frame): void {
  if (isSpan(node) && needsMarker(node)) {
    enter({ ...outside, seen: node, prior: relevantHistory(outside) });
  }
}

/** By shape: a span of another copy of this package in the process is of another class. */
function isSpan(node: SpanNode | TraceNode): node is SpanNode {
  return 'trace' in node;
}

/** The frame in which a span or trace is current by its body. */
export function bodyFrame(node: SpanNode | TraceNode, outside: Frame): Frame {
  return frameOf(node, outside, isSpan(node) ? node : undefined);
}

/** The frame that a handle leaves current. */
export function handleFrame(node: SpanNode | TraceNode, outside: Frame): Frame {
  return frameOf(node, outside, outside.body);
}

function frameOf(node: SpanNode | TraceNode, outside: Frame, body: SpanNode | undefined): Frame {
  const { who } = outside;
  const prior = outside.seen === undefined && outside.prior === undefined ? undefined : relevantHistory(outside);
  return isSpan(node)
    ? { trace: node.trace, span: node, who, body, seen: node.isHandle ? node : undefined, prior }
    : { trace: node, span: undefined, who, body, seen: undefined, prior };
}

/** One call that is being followed: the first ending counts. */
class Call implements CallWatcher {
  #frame: Frame;
  readonly #node: SpanNode | TraceNode;
  readonly #output: OutputRule | undefined;
  #chunks: ChunkList | undefined = undefined;
  #isOver = false;

  constructor(node: SpanNode | TraceNode, frame: Frame, output: OutputRule | undefined) {
    this.#node = node;
    this.#frame = frame;
    this.#output = output;
  }

  start<Given, R>(fn: (given: Given) => R, given: Given): R {
    return within(this.#frame, fn, given);
  }

  pull<R>(fn: () => R): R {
    return within(this.#frame, () => {
      try {
        return fn();
      } finally {
        this.#frame = currentFrame(); // what the generator has opened is current in its next pull, too
      }
    });
  }

  chunk(value: unknown): void {
    if (this.#isOver) return;
    this.#node.firstChunk();
    if (this.#output === undefined) return;
    if (this.#chunks === undefined) {
      this.#chunks = new ChunkList(this.#output.reduce !== undefined);
      this.#node.partial = () => this.#recordChunks();
    }
    this.#chunks.add(value, this.#node);
  }

  returned(value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#record(() => this.#output?.of(value, this.#node.recorder));
    this.#node.end();
  }

  streamed(_value: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#recordChunks();
    this.#node.end();
  }

  threw(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#recordChunks();
    this.#node.fail(error);
    this.#node.end();
  }

  #recordChunks(): void {
    const chunks = this.#chunks;
    if (chunks === undefined) return;
    this.#node.partial = undefined;
    const reduce = this.#output?.reduce;
    if (reduce !== undefined) this.#record(() => reduce(chunks.values));
    else this.#node.setOutputText(chunks.text());
  }

  /** The rules may be the user's own functions: what they throw is logged and goes no further. */
  #record(output: () => unknown): void {
    try {
      const value = output();
      if (value !== undefined) this.#node.setOutput(value);
    } catch (error) {
      // Not its message, which may hold what was to be left out.
      this.#node.recorder.log.warn(
        'output',
        `captureOutput or reduce threw ${errorName(error)}; the output is left out`,
      );
    }
  }
}
