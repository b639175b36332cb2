import { ownOnly } from '../common/own.js';
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
 * @example
 * ```ts
 * const answer = traceFunction(async (question: string) => `You asked: ${question}`, { name: 'answer' });
 * await answer('why?');
 * ```
 */
export function traceFunction<F extends AnyFunction>(fn: F, options: TraceCallOptions<F> = {}): F {
  const given = ownOnly(options);
  const replacement = recordAsTrace(fn, given.name ?? (fn.name || 'trace'), given);
  carryOver(fn, replacement);
  return replacement;
}

/**
 * Returns a function that calls `fn` and records each call as a span of the current trace: `@span` for plain functions. Without a
 * current trace it just calls `fn`.
 *
 * @param fn - sync, async, a generator, or one that gives a stream
 * @param options - as for `@span`; the default name is the function's
 * @returns the function to call instead
 * @example
 * ```ts
 * const search = spanFunction(async (query: string) => [`about ${query}`], { name: 'search', kind: 'TOOL' });
 * await withTrace('agent', () => search('pandas'));
 * ```
 */
export function spanFunction<F extends AnyFunction>(fn: F, options: SpanCallOptions<F> = {}): F {
  const given = ownOnly(options);
  const replacement = recordAsSpan(fn, given.name ?? (fn.name || 'span'), given);
  carryOver(fn, replacement);
  return replacement;
}
