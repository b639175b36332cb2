import type { SpanKind, TraceStatus } from '../model/kinds.js';

/** Token counts of one model call: whole numbers from 0 to 2147483647, camelCase or snake_case. */
export interface TokenUsage {
  /** Tokens sent, including cached ones. @defaultValue 0 */
  readonly promptTokens?: number | undefined;
  /** Tokens generated, including reasoning. @defaultValue 0 */
  readonly completionTokens?: number | undefined;
  /** Further counts, which are shown but not added up: `reasoningTokens`, `cacheReadTokens`, `totalTokens`, … */
  readonly [extra: string]: number | undefined;
}

/** The cost of one step, in US dollars. The platform adds up `total` over the trace; other keys are only shown. */
export interface Cost {
  /** The cost of the step in US dollars, from 0. */
  readonly total?: number | undefined;
  /** Parts of the total, which are only shown: `input`, `output`, `cacheRead`, … */
  readonly [extra: string]: number | undefined;
}

/** A user's function that is called with `Args`. Its parameters may have narrower types than `Args`. */
export type UserFunction<Args extends readonly unknown[]> = {
  bivarianceHack(...args: Args): unknown;
}['bivarianceHack'];

/** Options that choose whether a callback's result is recorded. */
export interface OutputOptions {
  /**
   * `true` records the callback's result as the output, as decorators do; a function gets the result and returns what to record.
   * The result of a promise is its value, that of a generator or stream the list of its chunks.
   * @defaultValue false: only `setOutput` sets the output
   */
  readonly captureOutput?: boolean | UserFunction<[result: unknown]> | undefined;
  /**
   * With `captureOutput`: returns the output to record for a generator or stream, from its chunks (the first 10,000).
   * @defaultValue the list of chunks
   */
  readonly reduce?: UserFunction<[chunks: readonly unknown[]]> | undefined;
}

/** Fields of a new span. */
export interface SpanOptions {
  /** What the step does. @defaultValue 'OTHER' */
  readonly kind?: SpanKind | undefined;
  /** The model's name, up to 255 characters. */
  readonly model?: string | null | undefined;
  /** The input: any value, captured at once. For an LLM span `{ messages: [{ role, content }] }` by convention. */
  readonly input?: unknown;
  /** An object of your own. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Fields of a new trace. */
export interface TraceOptions {
  /** The input: any value, captured at once. By convention `{ messages: [{ role: 'user', content }] }`. */
  readonly input?: unknown;
  /** Up to 255 characters. @defaultValue the current session */
  readonly sessionId?: string | null | undefined;
  /** Up to 255 characters. @defaultValue the current user */
  readonly userId?: string | null | undefined;
  /** Labels to find the trace by, up to 255 characters each. */
  readonly tags?: readonly string[] | null | undefined;
  /** An object of your own. */
  readonly metadata?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Options of `withSpan`: fields of the span, and whether the callback's result is its output. */
export interface WithSpanOptions extends SpanOptions, OutputOptions {}

/** Options of `withTrace`: fields of the trace, and whether the callback's result is its output. */
export interface WithTraceOptions extends TraceOptions, OutputOptions {}

/**
 * A span that is being recorded. Setters return the span, so they chain. They capture their value
 * at once, never throw, and do nothing after the end.
 *
 * A disposer cannot see whether its block threw: with `using`, call `setError(error)` or `end(error)`,
 * or use `withSpan`, which records the error by itself.
 */
export interface SpanHandle extends Disposable, AsyncDisposable {
  /** UUID. */
  readonly spanId: string;
  /** UUID of the trace this span belongs to. */
  readonly traceId: string;
  /** Sets the input: any value. For an LLM span `{ messages: [{ role, content }] }` by convention. */
  setInput(value: unknown): this;
  /** Sets the output: any value. For an LLM span `{ messages: [{ role, content }] }` by convention. */
  setOutput(value: unknown): this;
  /** Sets the model's name, up to 255 characters. */
  setModel(model: string): this;
  /** Sets the parameters of the model call, such as `{ temperature: 0.2 }`; they replace earlier ones. */
  setModelParameters(parameters: Readonly<Record<string, unknown>>): this;
  /**
   * Sets the token counts; they replace earlier ones. `promptTokens` and `completionTokens` are 0 if they are absent. Counts that are
   * undefined, which is for unknown ones, or no whole numbers from 0 to 2147483647 are left out.
   */
  setTokenUsage(usage: TokenUsage): this;
  /** Sets the cost in US dollars; it replaces an earlier one. Entries that are not finite numbers from 0 are left out. */
  setCost(cost: Cost): this;
  /** Sets when the first token came: a date, or milliseconds since the epoch. A time before the span's start becomes its start. */
  setCompletionStartTime(time: Date | number): this;
  /** Records an error (a message, or any thrown value); the status becomes ERROR. */
  setError(error: unknown): this;
  /** Merges these properties over earlier ones, shallowly. */
  setMetadata(metadata: Readonly<Record<string, unknown>>): this;
  /** Opens a child of exactly this span, whatever is current. */
  span(name: string, options?: SpanOptions): SpanHandle;
  /** Runs `fn` in a child of exactly this span, whatever is current, and returns what `fn` returns. The output is what you pass to `setOutput`. */
  withSpan<R>(name: string, fn: (span: SpanHandle) => R): R;
  /** Runs `fn` in a child of exactly this span, created with `options`. With `captureOutput` its result is recorded as the output. */
  withSpan<R>(name: string, options: WithSpanOptions | null | undefined, fn: (span: SpanHandle) => R): R;
  /** Runs `fn` with this span current, ends the span when `fn` is over, and returns what `fn` returns. */
  run<R>(fn: (span: SpanHandle) => R): R;
  /** Ends the span; with an error its status is ERROR, else UNSET becomes OK. */
  end(error?: unknown): void;
}

/**
 * A trace that is being recorded. Setters return the trace, so they chain. They capture their value
 * at once, never throw, and do nothing after the end.
 *
 * A disposer cannot see whether its block threw: with `using`, call `end(error)` or
 * `setStatus('ERROR')`, or use `withTrace`, which records the error by itself.
 */
export interface TraceHandle extends Disposable, AsyncDisposable {
  /** UUID. */
  readonly traceId: string;
  /** Sets the input: any value. By convention `{ messages: [{ role: 'user', content }] }` with only the last user message. */
  setInput(value: unknown): this;
  /**
   * Sets the output: any value. By convention `{ messages: [{ role: 'assistant', content }] }` with only the last assistant
   * message.
   */
  setOutput(value: unknown): this;
  /** Merges these properties over earlier ones, shallowly. */
  setMetadata(metadata: Readonly<Record<string, unknown>>): this;
  /** Sets the status that the trace ends with, instead of COMPLETED. After an error it is always ERROR. */
  setStatus(status: TraceStatus): this;
  /** Opens a span of this trace: a child of the current span if that belongs to this trace, else a root. */
  span(name: string, options?: SpanOptions): SpanHandle;
  /** Runs `fn` in a span of this trace and returns what `fn` returns. The output is what you pass to `setOutput`. */
  withSpan<R>(name: string, fn: (span: SpanHandle) => R): R;
  /** Runs `fn` in a span of this trace, created with `options`. With `captureOutput` its result is recorded as the output. */
  withSpan<R>(name: string, options: WithSpanOptions | null | undefined, fn: (span: SpanHandle) => R): R;
  /** Runs `fn` with this trace current, ends the trace when `fn` is over, and returns what `fn` returns. */
  run<R>(fn: (trace: TraceHandle) => R): R;
  /** Ends the trace; with an error its status is ERROR, else COMPLETED or that of `setStatus`. */
  end(error?: unknown): void;
}

/** The name of {@link SpanHandle} in the `pandaprobe` package, for programs that move over. @deprecated Use `SpanHandle`. */
export type SpanContext = SpanHandle;
/** The name of {@link TraceHandle} in the `pandaprobe` package, for programs that move over. @deprecated Use `TraceHandle`. */
export type TraceContext = TraceHandle;
