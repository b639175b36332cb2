import { types } from '../common/builtins.js';
import { collected } from '../common/collected.js';
import { errorName } from '../common/error-text.js';
import { asMessages } from '../model/messages.js';
import { isControlFlow } from '../model/thrown-text.js';
import { ChunkList } from './chunk-list.js';
import { type CallObserver, followResult } from './follow.js';
import type { Frame } from './frame.js';
import { callbackFrame, isSpan, markStart } from './frames-of-node.js';
import type { Recorder } from './recorder.js';
import { canEnterCallback, currentFrame, enter, within } from './scope.js';
import type { SpanNode } from './span-node.js';
import type { TraceNode } from './trace-node.js';

/** How the recorded output is made from a call's result. */
export interface OutputRule {
  /** The output to record for a returned value; undefined records nothing. */
  of(value: unknown, recorder: Recorder): unknown;
  /** Whether the chunks of a stream are recorded. */
  recordsChunks(recorder: Recorder): boolean;
  /** Makes the output of a stream's chunks; without it, the list of chunks is the output. */
  readonly reduce: ((chunks: readonly unknown[]) => unknown) | undefined;
  /** The function that is called. */
  readonly fn: unknown;
  /** Whether the function is async. If so, nobody else holds the promise that it returns. */
  readonly isAsync: boolean;
}

/** Finds code that handles a rejection in a function's source. It may be the rejection of the promise that the function returns. */
const handling = /\.(?:catch|allSettled|race)\b|\.then\s*\(\s*(?:null|undefined|void 0)\b/;

/** The value to record of an argument or a result: messages of an LLM span in the backend's form, any other value unchanged. */
export function toRecord(node: SpanNode | TraceNode, value: unknown): unknown {
  return isSpan(node) && node.kind === 'LLM' ? (asMessages(value) ?? value) : value;
}

/** Takes the place of a call's function when it has run, so that the function can be garbage-collected. Nobody calls it. */
const hasRun = (): never => undefined as never;

/** One run of a span's or trace's callback. It ends the span or trace when the result is over; only the first end counts. */
export class Call<Given, R> implements CallObserver {
  readonly #node: SpanNode | TraceNode;
  readonly #outside: Frame;
  #fn: (given: Given) => R;
  #given: Given;
  readonly #output: OutputRule | undefined;
  #frame: Frame | undefined = undefined;
  #chunks: ChunkList | undefined = undefined;
  #isOver = false;

  /**
   * @param outside - the frame that is current
   * @param given - the argument of `fn`
   */
  constructor(
    node: SpanNode | TraceNode,
    outside: Frame,
    fn: (given: Given) => R,
    given: Given,
    output?: OutputRule | undefined,
  ) {
    this.#node = node;
    this.#outside = outside;
    this.#fn = fn;
    this.#given = given;
    this.#output = output;
  }

  /** Makes the call. It has few local variables, because in recursive code each level needs stack for them. */
  run(): R {
    if (!this.#enter()) return this.#runWithin();
    const fn = this.#fn;
    let result: R;
    try {
      result = fn(this.#given);
    } catch (error) {
      enter(this.#outside);
      throw this.#afterThrow(error);
    }
    enter(this.#outside);
    return this.#afterReturn(result);
  }

  /** Enters the callback's frame. @returns false if the platform cannot */
  #enter(): boolean {
    if (!canEnterCallback()) return false;
    enter(this.#inside);
    return true;
  }

  /**
   * Makes the call on a platform that can only run a function in a frame, and cannot enter a frame. Source: Cloudflare Workers
   * have no `enterWith`.
   */
  #runWithin(): R {
    let result: R;
    try {
      result = this.start(this.#fn, this.#given);
    } catch (error) {
      throw this.#afterThrow(error);
    }
    return this.#afterReturn(result);
  }

  #afterReturn(result: R): R {
    const isAsync = this.#output?.isAsync ?? types.isAsyncFunction(this.#fn);
    const given = followResult(result, this, isAsync);
    markStart(this.#node, this.#outside);
    return given;
  }

  /** @returns the error, to be thrown on */
  #afterThrow(error: unknown): unknown {
    try {
      this.threw(error);
      markStart(this.#node, this.#outside);
    } catch {
      // The stack is used up, so even recording fails. The program gets its own error, not ours.
    }
    return error;
  }

  start<Given, R>(fn: (given: Given) => R, given: Given): R {
    return within(this.#inside, fn, given);
  }

  pull<R>(fn: () => R): R {
    return within(this.#inside, () => {
      try {
        return fn();
      } finally {
        this.#frame = currentFrame(); // handles that the generator has opened stay current in its next pull
      }
    });
  }

  chunk(value: unknown): void {
    if (this.#isOver) return;
    this.#node.firstChunk();
    if (this.#chunks === undefined) {
      const output = this.#output;
      if (output?.recordsChunks(this.#node.recorder) !== true) return;
      const chunks = new ChunkList(output.reduce !== undefined);
      this.#chunks = chunks;
      if (output.reduce === undefined) this.#node.progress = () => chunks.text();
      this.#node.partial ??= () => this.#recordChunks();
    }
    this.#chunks.add(value, this.#node);
  }

  mayStayOpen(holder: object, end: (isFlush?: boolean) => void, value?: unknown): void {
    if (value !== undefined) this.#recordValue(value);
    this.#node.partial = end;
    if (!isSpan(this.#node)) this.#node.recorder.unread?.add(end);
    this.#endWith(holder, end);
  }

  tieTo(holder?: object): void {
    // A span that nobody can read ends with its trace.
    if (!isSpan(this.#node)) this.#endWith(holder, () => this.streamed(undefined));
  }

  #endWith(holder: object | undefined, end: () => void): void {
    collected()?.unregister(this);
    if (holder !== undefined) collected()?.register(holder, end, this);
    // `end` leads to this call. From here, nothing may lead to `holder`, or it would never be collected.
    this.#fn = hasRun;
    this.#given = undefined as Given;
  }

  get self(): unknown {
    return this.#given;
  }

  /** Read only if nobody has used the promise. Decided by the function's source, because nothing else shows it. */
  get mayHandleRejection(): boolean {
    return handling.test(Function.prototype.toString.call(this.#output?.fn ?? this.#fn));
  }

  returned(value: unknown): void {
    if (!this.#close()) return;
    this.#recordValue(value);
    this.#node.end();
  }

  streamed(_value: unknown): void {
    if (!this.#close()) return;
    this.#recordChunks();
    this.#node.end();
  }

  threw(error: unknown): void {
    if (!this.#close()) return;
    try {
      this.#recordChunks();
      if (!isControlFlow(error)) this.#node.fail(error);
    } finally {
      this.#node.end();
    }
  }

  /** @returns false when the call was over already */
  #close(): boolean {
    if (this.#isOver) return false;
    const { partial, recorder } = this.#node;
    if (partial !== undefined) {
      recorder.unread?.delete(partial);
      collected()?.unregister(this);
    }
    this.#node.partial = undefined;
    this.#node.progress = undefined;
    this.#isOver = true;
    return true;
  }

  #recordValue(value: unknown): void {
    const output = this.#output;
    if (output !== undefined) recordOutput(this.#node, () => output.of(value, this.#node.recorder));
  }

  #recordChunks(): void {
    const chunks = this.#chunks;
    if (chunks === undefined) return;
    const reduce = this.#output?.reduce;
    if (reduce !== undefined) recordOutput(this.#node, () => reduce(chunks.values));
    else this.#node.setOutputText(chunks.text());
  }

  get #inside(): Frame {
    this.#frame ??= callbackFrame(this.#node, this.#outside);
    return this.#frame;
  }
}

/** Records the result of `output`, which may call the user's functions. Their errors are logged and not thrown. */
function recordOutput(node: SpanNode | TraceNode, output: () => unknown): void {
  try {
    const value = output();
    if (value !== undefined) node.setOutput(toRecord(node, value));
  } catch (error) {
    // Not the error's message, which may hold values that were to be left out.
    node.recorder.log.warn('output', `captureOutput or reduce threw ${errorName(error)}; the output is left out`);
  }
}
