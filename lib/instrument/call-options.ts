import type { UserFunction } from '../engine/handles.js';
import type { SpanKind } from '../model/kinds.js';

/** Any function of the user. */
export type AnyFunction = (...args: never[]) => unknown;

/** A function of an unknown type: TypeScript does not infer a decorator's options from the method they are for. */
export type SomeFunction = (...args: unknown[]) => unknown;

type ArgumentsOf<F> = F extends (this: never, ...args: infer A) => unknown ? A : never;
type ResultOf<F> = F extends (this: never, ...args: never[]) => infer R ? Awaited<R> : never;
/** The type of the output: for a generator or stream, the list of its chunks. */
type OutputOf<R> = [Chunk<R>] extends [never] ? R : readonly Chunk<R>[];
/** The type of one item of a generator or stream; unknown for anything else. */
type ChunkOf<R> = [Chunk<R>] extends [never] ? unknown : Chunk<R>;
type Chunk<R> = R extends { getReader(): { read(): Promise<infer Step> } }
  ? Step extends { done: false; value: infer T }
    ? T
    : never
  : R extends AsyncIterable<infer T> | Iterator<infer T, unknown, never>
    ? T
    : never;

/**
 * Options that choose which input and output are recorded for a call. With `traceFunction` and `spanFunction`, TypeScript infers
 * the parameters of these callbacks. With a decorator it cannot: write the parameter's type, or name the method, as in
 * `@span<Agent['answer']>({ … })`.
 */
export interface CaptureOptions<F extends AnyFunction = SomeFunction> {
  /**
   * `false` records no input; a function gets the arguments and returns what to record.
   * @defaultValue an object keyed by parameter name
   */
  readonly captureInput?: boolean | UserFunction<ArgumentsOf<F>> | undefined;
  /**
   * `false` records no output; a function gets the result (of a promise, its value; of a generator or stream, the list of its
   * chunks) and returns what to record.
   * @defaultValue the result
   */
  readonly captureOutput?: boolean | UserFunction<[result: OutputOf<ResultOf<F>>]> | undefined;
  /**
   * Returns the output to record for a generator or stream, from its chunks (the first 10,000).
   * @defaultValue the list of chunks
   */
  readonly reduce?: UserFunction<[chunks: readonly ChunkOf<ResultOf<F>>[]]> | undefined;
}

/** Options of `@trace` and `traceFunction`. */
export interface TraceCallOptions<F extends AnyFunction = SomeFunction> extends CaptureOptions<F> {
  /** Name of the trace, 1 to 512 characters. @defaultValue the method's name */
  readonly name?: string | undefined;
  /** Up to 255 characters. @defaultValue the current session */
  readonly sessionId?: string | null | undefined;
  /** Up to 255 characters. @defaultValue the current user */
  readonly userId?: string | null | undefined;
  /** Labels to find the trace by, up to 255 characters each. */
  readonly tags?: readonly string[] | null | undefined;
  /** An object of your own, recorded with every call. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
  /** Inside another trace: start a separate trace, or become an AGENT span of it. @defaultValue 'trace' */
  readonly nested?: 'trace' | 'span' | undefined;
}

/** Options of `@span` and `spanFunction`. */
export interface SpanCallOptions<F extends AnyFunction = SomeFunction> extends CaptureOptions<F> {
  /** Name of the span, 1 to 512 characters. @defaultValue the method's name */
  readonly name?: string | undefined;
  /** What the method does. @defaultValue 'OTHER' */
  readonly kind?: SpanKind | undefined;
  /** The model's name, up to 255 characters. */
  readonly model?: string | null | undefined;
  /** An object of your own, recorded with every call. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The name of {@link SpanCallOptions} in the `pandaprobe` package, for programs that move over. @deprecated Use `SpanCallOptions`. */
export type SpanDecoratorOptions = SpanCallOptions;
/** The name of {@link TraceCallOptions} in the `pandaprobe` package, for programs that move over. @deprecated Use `TraceCallOptions`. */
export type TraceDecoratorOptions = TraceCallOptions;
