import { ownOnly } from '../common/own.js';
import { aFunction } from '../engine/create-span.js';
import type { AnyFunction, SpanCallOptions, TraceCallOptions } from './call-options.js';
import { carryOver } from './decorate.js';
import { recordAsSpan, recordAsTrace } from './recorded-call.js';

/**
 * Returns a function that calls `fn` and records each call as a trace: `@trace` for plain functions. Types, `this`, name and
 * length stay the same.
 *
 * @param fn - sync, async, a generator, or one that gives a stream
 * @param options - as for `@trace`; the default name is the function's
 * @returns the function to call instead
 * @throws UsageError `ERR_USAGE` on anything but a function
 * @example
 * ```ts
 * const answer = traceFunction(async (question: string) => `You asked: ${question}`, { name: 'answer' });
 * await answer('why?');
 * ```
 */
export function traceFunction<F extends AnyFunction>(fn: F, options: TraceCallOptions<F> = {}): F {
  return recordedAs(recordAsTrace, 'trace', fn, options);
}

/**
 * Returns a function that calls `fn` and records each call as a span of the current trace: `@span` for plain functions. Without a
 * current trace it just calls `fn`.
 *
 * @param fn - sync, async, a generator, or one that gives a stream
 * @param options - as for `@span`; the default name is the function's
 * @returns the function to call instead
 * @throws UsageError `ERR_USAGE` on anything but a function
 * @example
 * ```ts
 * const search = spanFunction(async (query: string) => [`about ${query}`], { name: 'search', kind: 'TOOL' });
 * await withTrace('agent', () => search('pandas'));
 * ```
 */
export function spanFunction<F extends AnyFunction>(fn: F, options: SpanCallOptions<F> = {}): F {
  return recordedAs(recordAsSpan, 'span', fn, options);
}

/** @throws UsageError unless `fn` is a function */
function recordedAs<F extends AnyFunction, O extends { readonly name?: string | undefined }>(
  recordAs: (fn: F, name: string, options: O) => F,
  nameless: string,
  fn: F,
  options: O,
): F {
  const given = ownOnly(options);
  const replacement = recordAs(aFunction(fn), given.name ?? (fn.name || nameless), given);
  carryOver(fn, replacement);
  return replacement;
}
