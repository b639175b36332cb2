import { cover, type Method } from './cover.js';
import type { ModelCall } from './model-call.js';

/*
 * The promises of clients that Stainless generates (OpenAI, Anthropic):
 *
 *     create() ──> APIPromise            the request runs, the body waits
 *       .then/.catch/.finally/.withResponse ──> .parse()   reads and parses the body, once
 *       ._thenUnwrap(f) ──> APIPromise   the same, with f behind the parser: what parse() and stream helpers use
 *       .asResponse() ──> Response       the body is the caller's
 *
 * A transform in the parser sees the reply. Failures never come there, so the methods that lead to a promise are
 * covered, and each gives a promise that rejects as the original did. Nothing is attached to a promise the caller did
 * not ask for: a rejection that the caller forgets stays unhandled.
 */

interface ApiPromise extends PromiseLike<unknown> {
  parse?: Method;
  _thenUnwrap?: Method;
  asResponse?: Method;
}

/** What of a call its promises share. */
interface Progress {
  isParsing: boolean;
}

/** Follows the promise of a call. `observe` gets the reply when it is parsed and gives it back. */
export function followApiPromise(result: unknown, call: ModelCall, observe: (reply: unknown) => unknown): unknown {
  if (!isPromiseLike(result)) return observe(result);
  if (typeof result._thenUnwrap !== 'function') {
    return result.then(observe, (error: unknown) => {
      call.threw(error);
      throw error;
    });
  }
  const observed = result._thenUnwrap(observe) as ApiPromise; // what the method gives by its contract
  watch(observed, call, { isParsing: false });
  return observed;
}

function watch(promise: ApiPromise, call: ModelCall, progress: Progress): void {
  const { parse, _thenUnwrap: unwrapThen, asResponse } = promise;
  if (parse !== undefined) {
    let watched: PromiseLike<unknown> | undefined;
    cover(promise, 'parse', function () {
      progress.isParsing = true;
      watched ??= failing(parse.call(this) as PromiseLike<unknown>, call);
      return watched;
    });
  }
  if (unwrapThen !== undefined) {
    cover(promise, '_thenUnwrap', function (...args) {
      const derived = unwrapThen.apply(this, args) as ApiPromise; // what the method gives by its contract
      watch(derived, call, progress);
      return derived;
    });
  }
  if (asResponse !== undefined) {
    cover(promise, 'asResponse', function () {
      const response = failing(asResponse.call(this) as PromiseLike<unknown>, call);
      return response.then((value) => {
        // withResponse() asks for both; only without a parse is the body left to the caller.
        setImmediate(() => {
          if (!progress.isParsing) call.unread({ http_status: statusOf(value) });
        });
        return value;
      });
    });
  }
}

function failing(promise: PromiseLike<unknown>, call: ModelCall): PromiseLike<unknown> {
  return promise.then(
    (value) => value,
    (error: unknown) => {
      call.threw(error);
      throw error;
    },
  );
}

function statusOf(response: unknown): unknown {
  return typeof response === 'object' && response !== null ? Reflect.get(response, 'status') : undefined;
}

function isPromiseLike(value: unknown): value is ApiPromise {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
