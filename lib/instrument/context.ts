import { currentRecorder } from '../client/global-client.js';
import { copyProperties } from '../common/copy-properties.js';
import { Call } from '../engine/call.js';
import { aFunction, asCallback, createSpan, createTrace, withOptions } from '../engine/create-span.js';
import type { SpanHandle, TraceHandle, TraceOptions, WithSpanOptions, WithTraceOptions } from '../engine/handles.js';
import { enterTrace, spanHandle, traceHandle } from '../engine/live-handles.js';
import { NoopSpan, NoopTrace } from '../engine/noop.js';
import { callbackOutput } from '../engine/output-rule.js';
import { anyPlaceIn, currentFrame, openPlaceIn, within } from '../engine/scope.js';
import { lastAssistantMessage } from '../model/messages.js';

/**
 * Starts a trace, current from here on in this flow until its `end()` or the end of its `using` block.
 *
 * A disposer cannot see whether its block threw: call `end(error)`, or use `withTrace`.
 *
 * @param name - 1 to 512 characters
 * @param options - what the trace has from its start
 * @returns the trace; if nothing is recorded, a handle whose methods do nothing
 * @example
 * ```ts
 * using t = startTrace('rag', { input: { messages: [{ role: 'user', content: 'Why?' }] } });
 * using s = t.span('generate', { kind: 'LLM', model: 'gpt-5.4' });
 * s.setTokenUsage({ promptTokens: 150, completionTokens: 80 }).setCost({ total: 0.002 });
 * ```
 */
export function startTrace(name: string, options?: TraceOptions | null): TraceHandle {
  const outside = currentFrame();
  const recorder = currentRecorder(outside);
  if (recorder === undefined) return new NoopTrace();
  return enterTrace(createTrace(recorder, outside, name, options, true), outside);
}

/**
 * Runs `fn` in a new trace and returns its result unchanged: a value stays a value, a promise a promise. An error makes the trace
 * ERROR and reaches the caller unchanged.
 *
 * The result of `fn` is not recorded: set the output with `setOutput`, or with the option `captureOutput: true`.
 *
 * @param name - 1 to 512 characters
 * @param fn - the callback; gets the trace, which is current in it
 * @returns what `fn` returns
 * @throws what `fn` throws
 * @example
 * ```ts
 * const answer = await withTrace('agent', { sessionId: 'chat-7' }, async (t) => {
 *   t.setOutput({ messages: [{ role: 'assistant', content: 'Because.' }] });
 *   return 'Because.';
 * });
 * ```
 */
export function withTrace<R>(name: string, fn: (trace: TraceHandle) => R): R;
/**
 * Runs `fn` in a new trace created with `options`, and returns what `fn` returns. An error makes the trace ERROR and reaches
 * the caller unchanged. With `captureOutput` the result of `fn` is recorded as the output.
 *
 * @param name - 1 to 512 characters
 * @param options - what the trace has from its start, and whether the result is recorded
 * @param fn - the callback; gets the trace, which is current in it
 */
export function withTrace<R>(
  name: string,
  options: WithTraceOptions | null | undefined,
  fn: (trace: TraceHandle) => R,
): R;
export function withTrace<R>(
  name: string,
  optionsOrFn: WithTraceOptions | null | undefined | ((trace: TraceHandle) => R),
  maybeFn?: (trace: TraceHandle) => R,
): R {
  const call = traceCall(name, optionsOrFn, maybeFn);
  return typeof call === 'function' ? call(new NoopTrace()) : call.run();
}

const traceOutput = (value: unknown): unknown => lastAssistantMessage(value) ?? value;

/** Prepares a call in a new trace. @returns the callback itself if nothing is recorded */
function traceCall<R>(
  name: string,
  optionsOrFn: WithTraceOptions | null | undefined | ((trace: TraceHandle) => R),
  maybeFn: ((trace: TraceHandle) => R) | undefined,
): Call<TraceHandle, R> | ((trace: TraceHandle) => R) {
  const { options, fn } = withOptions<WithTraceOptions, TraceHandle, R>(optionsOrFn, maybeFn);
  const outside = currentFrame();
  const recorder = currentRecorder(outside);
  if (recorder === undefined) return fn;
  const node = createTrace(recorder, outside, name, options, false);
  return new Call(node, outside, fn, traceHandle(node), callbackOutput(fn, options, traceOutput));
}

/**
 * Runs `fn` in a span of the current trace and returns its result unchanged. Without a current trace, `fn` runs with a span that
 * records nothing. An error makes the span ERROR and reaches the caller unchanged.
 *
 * The result of `fn` is not recorded: set the output with `setOutput`, or with the option `captureOutput: true`.
 *
 * @param name - 1 to 512 characters
 * @param fn - the callback; gets the span, which is current in it
 * @returns what `fn` returns
 * @throws what `fn` throws
 * @example
 * ```ts
 * await withTrace('agent', () =>
 *   withSpan('search', { kind: 'TOOL' }, async (s) => {
 *     s.setInput({ query: 'pandas' });
 *     return ['a document'];
 *   }),
 * );
 * ```
 */
export function withSpan<R>(name: string, fn: (span: SpanHandle) => R): R;
/**
 * Runs `fn` in a span of the current trace created with `options`, and returns what `fn` returns. An error makes the span ERROR
 * and reaches the caller unchanged. With `captureOutput` the result of `fn` is recorded as the output.
 *
 * @param name - 1 to 512 characters
 * @param options - what the span has from its start, and whether the result is recorded
 * @param fn - the callback; gets the span, which is current in it
 */
export function withSpan<R>(name: string, options: WithSpanOptions | null | undefined, fn: (span: SpanHandle) => R): R;
export function withSpan<R>(
  name: string,
  optionsOrFn: WithSpanOptions | null | undefined | ((span: SpanHandle) => R),
  maybeFn?: (span: SpanHandle) => R,
): R {
  const call = spanCall(name, optionsOrFn, maybeFn);
  return typeof call === 'function' ? call(new NoopSpan()) : call.run();
}

/** Prepares a call in a span of the current trace. @returns the callback itself if no trace is current */
function spanCall<R>(
  name: string,
  optionsOrFn: WithSpanOptions | null | undefined | ((span: SpanHandle) => R),
  maybeFn: ((span: SpanHandle) => R) | undefined,
): Call<SpanHandle, R> | ((span: SpanHandle) => R) {
  const { options, fn } = withOptions<WithSpanOptions, SpanHandle, R>(optionsOrFn, maybeFn);
  const outside = currentFrame();
  const current = anyPlaceIn(outside);
  if (current === undefined) return fn;
  const node = createSpan(current.trace, current.span, name, options, asCallback);
  return new Call(node, outside, fn, spanHandle(node), callbackOutput(fn, options));
}

/**
 * The trace that is current here, or undefined.
 *
 * @example
 * ```ts
 * getCurrentTrace()?.setMetadata({ plan: 'pro' });
 * ```
 */
export function getCurrentTrace(): TraceHandle | undefined {
  const current = openPlaceIn(currentFrame());
  return current === undefined ? undefined : traceHandle(current.trace);
}

/**
 * The innermost span that is current here, or undefined.
 *
 * @example
 * ```ts
 * getCurrentSpan()?.setTokenUsage({ promptTokens: 150, completionTokens: 80 });
 * ```
 */
export function getCurrentSpan(): SpanHandle | undefined {
  const span = openPlaceIn(currentFrame())?.span;
  return span === undefined ? undefined : spanHandle(span);
}

/**
 * The ids of the spans that are current here, outermost first.
 *
 * @example
 * ```ts
 * withTrace('agent', () => withSpan('step', (s) => getSpanStack().at(-1) === s.spanId)); // true
 * ```
 */
export function getSpanStack(): string[] {
  const ids: string[] = [];
  for (let at = openPlaceIn(currentFrame())?.span; at !== undefined; at = at.parent) ids.push(at.draft.spanId);
  return ids.reverse();
}

/**
 * Returns a function that calls `fn` in the trace and span that are current now. For callbacks that other code calls later (event
 * emitters, connection pools, job queues).
 *
 * @param fn - the callback; its arguments, its `this` and its result are passed through unchanged
 * @returns the callback to pass on
 * @throws UsageError `ERR_USAGE` on anything but a function
 * @example
 * ```ts
 * process.once('message', bind((job) => withSpan('job', (s) => s.setInput(job))));
 * ```
 */
export function bind<This, Args extends readonly unknown[], R>(
  fn: (this: This, ...args: Args) => R,
): (this: This, ...args: Args) => R {
  const frame = currentFrame();
  function bound(this: This, ...args: Args): R {
    return within(frame, () => Reflect.apply(fn, this, args));
  }
  copyProperties(aFunction(fn), bound);
  return bound;
}
