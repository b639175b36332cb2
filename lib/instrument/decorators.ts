import { ownOnly } from '../common/own.js';
import type { AnyFunction, SomeFunction, SpanCallOptions, TraceCallOptions } from './call-options.js';
import { decorate, isDecoratorCall, type MethodContext, type TracingDecorator } from './decorate.js';
import { recordAsSpan, recordAsTrace } from './recorded-call.js';

/**
 * Records each call of a method as a trace, with its input under the names of the parameters, its output, its error, and every
 * span under it. If input or output have messages, only the last user message and the last assistant message are recorded. Works
 * for sync and async methods, generators, and methods that return a stream; the caller gets exactly what the method returns.
 *
 * Write `@trace` or `@trace({ … })`, in both dialects: standard decorators and `experimentalDecorators`.
 *
 * @throws UsageError `ERR_USAGE` on anything but a method
 * @example
 * ```ts
 * class SupportAgent {
 *   @trace({ name: 'support-agent', tags: ['support'] })
 *   async run(messages: { role: string; content: string }[]) {
 *     return { messages: [{ role: 'assistant', content: `You said: ${messages.at(-1)?.content}` }] };
 *   }
 * }
 * ```
 */
export function trace<M extends AnyFunction>(method: M, context: MethodContext): M;
/** `@trace` with the compiler option `experimentalDecorators`: records each call of the method as a trace. */
export function trace<M extends AnyFunction>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
): TypedPropertyDescriptor<M> | undefined;
/**
 * `@trace({ … })`, in both dialects: records each call of the method as a trace, with these options.
 *
 * Callbacks in the options do not know the method's types: write the type of their parameter, or name the method's type,
 * `@trace<Agent['answer']>({ … })`.
 *
 * @param options - the name, what is recorded of input and output, metadata
 */
export function trace<F extends AnyFunction = SomeFunction>(options?: TraceCallOptions<F>): TracingDecorator;
export function trace(...args: readonly unknown[]): unknown {
  return dialect('trace', recordAsTrace, args);
}

/**
 * Records each call of a method as a span of the current trace, under the span that is current. Without a current trace the
 * method just runs.
 *
 * Write `@span` or `@span({ … })`, in both dialects: standard decorators and `experimentalDecorators`.
 *
 * @throws UsageError `ERR_USAGE` on anything but a method
 * @example
 * ```ts
 * class Retriever {
 *   @span({ kind: 'RETRIEVER' })
 *   async retrieve(query: string) {
 *     return [`a document about ${query}`];
 *   }
 * }
 * ```
 */
export function span<M extends AnyFunction>(method: M, context: MethodContext): M;
/** `@span` with the compiler option `experimentalDecorators`: records each call of the method as a span of the current trace. */
export function span<M extends AnyFunction>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
): TypedPropertyDescriptor<M> | undefined;
/**
 * `@span({ … })`, in both dialects: records each call of the method as a span of the current trace, with these options.
 *
 * Callbacks in the options do not know the method's types: write the type of their parameter, or name the method's type,
 * `@span<Agent['answer']>({ … })`.
 *
 * @param options - the name, what is recorded of input and output, metadata
 */
export function span<F extends AnyFunction = SomeFunction>(options?: SpanCallOptions<F>): TracingDecorator;
export function span(...args: readonly unknown[]): unknown {
  return dialect('span', recordAsSpan, args);
}

/** `@span` is called with the method itself; `@span({ … })` with options, and returns the decorator. */
function dialect<O extends { readonly name?: string | undefined }>(
  decorator: 'trace' | 'span',
  recordAs: <F extends AnyFunction>(fn: F, name: string, options: O) => F,
  args: readonly unknown[],
): unknown {
  const isDirect = isDecoratorCall(args);
  const options = ownOnly(isDirect ? undefined : (args[0] as O | undefined)); // the overloads let only options through
  const decoration: Parameters<typeof decorate>[1] = {
    decorator,
    options: { ...options },
    record: (fn, name) => recordAs(fn, options.name ?? name, options),
  };
  return isDirect ? decorate(args, decoration) : (...inner: readonly unknown[]) => decorate(inner, decoration);
}
