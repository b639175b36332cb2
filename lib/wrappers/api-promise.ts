import type { ModelCall } from '../calls/model-call.js';
import { type Method, patchMethod } from '../calls/patch.js';
import { setImmediate } from '../common/real-time.js';
import { isThenable } from '../common/thenable.js';

/*
 * The promises of clients that Stainless generates (OpenAI, Anthropic):
 *
 *     create() ──> APIPromise            the request runs, the body waits
 *       .then/.catch/.finally/.withResponse ──> .parse()   reads and parses the body, once
 *       ._thenUnwrap(f) ──> APIPromise   the same, with f behind the parser: what parse() and stream helpers use
 *       .asResponse() ──> Response       the body is the caller's
 *
 * A transform in the parser sees the reply. What the client then makes of it may fail, so the call is over when the
 * promise the caller asked for settles. Failures never come to the transform, so the methods that lead to a promise are
 * patched, and each gives a promise that rejects as the original did. Nothing is attached to a promise the caller did
 * not ask for: a rejection that the caller forgets stays unhandled.
 *
 * `_thenUnwrap` is private and may be missing in the client's next version. Then the reply is observed when the caller gets it, and the
 * caller still has the client's own promise.
 */

interface ApiPromise extends PromiseLike<unknown> {
  parse?: Method;
  _thenUnwrap?: Method;
  asResponse?: Method;
}

/** The state that all promises of one call share. */
interface ParseState {
  isParsing: boolean;
}

/** Observes the parsed reply, with its HTTP response if the client shows it, and returns the reply. */
type Observe = (reply: unknown, props?: unknown) => unknown;

/** Follows the promise of a call. */
export function followApiPromise(result: unknown, call: ModelCall, observe: Observe): unknown {
  if (!isPromiseLike(result)) {
    const reply = observe(result);
    call.finished();
    return reply;
  }
  if (Object.getPrototypeOf(result) === Promise.prototype) return followed(result, call, observe);
  if (typeof result._thenUnwrap === 'function') {
    const observed = result._thenUnwrap(observe) as ApiPromise; // by the method's contract
    follow(observed, call, { isParsing: false }, asItIs);
    return observed;
  }
  followInPlace(result, call, observe);
  return result;
}

/** Without the parser, because `then()` may call `parse()`, and the reply is observed only once. */
function followInPlace(promise: ApiPromise, call: ModelCall, observe: (reply: unknown) => unknown): void {
  let isObserved = false;
  const progress = { isParsing: false };
  const observeOnce = (reply: unknown) => {
    if (!isObserved) observe(reply);
    isObserved = true;
    return reply;
  };
  const { then } = promise;
  try {
    follow(promise, call, progress, observeOnce);
    patchMethod(promise, 'then', function (onValue: unknown, onError: unknown) {
      progress.isParsing = true;
      const value = (reply: unknown): unknown => {
        observeOnce(reply);
        call.finished();
        return typeof onValue === 'function' ? onValue(reply) : reply;
      };
      const error = (fault: unknown): unknown => {
        call.threw(fault);
        if (typeof onError === 'function') return onError(fault);
        throw fault;
      };
      return Reflect.apply(then, this, [value, error]);
    });
  } catch {
    call.unread({}); // frozen: it cannot be followed
  }
}

function follow(
  promise: ApiPromise,
  call: ModelCall,
  progress: ParseState,
  observe: (reply: unknown) => unknown,
): void {
  const { parse, _thenUnwrap: unwrapThen, asResponse } = promise;
  if (parse !== undefined) {
    let parsed: PromiseLike<unknown> | undefined;
    patchMethod(promise, 'parse', function () {
      progress.isParsing = true;
      parsed ??= followed(parse.call(this) as PromiseLike<unknown>, call, observe); // by the method's contract
      return parsed;
    });
  }
  if (unwrapThen !== undefined) {
    patchMethod(promise, '_thenUnwrap', function (...args) {
      const derived = unwrapThen.apply(this, args) as ApiPromise; // by the method's contract
      follow(derived, call, progress, observe);
      return derived;
    });
  }
  if (asResponse !== undefined) {
    patchMethod(promise, 'asResponse', function () {
      const response = followed(asResponse.call(this) as PromiseLike<unknown>, call, asItIs);
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

function followed(
  promise: PromiseLike<unknown>,
  call: ModelCall,
  observe: (reply: unknown) => unknown,
): PromiseLike<unknown> {
  return promise.then(
    (reply) => {
      const observed = observe(reply);
      call.finished();
      return observed;
    },
    (error: unknown) => {
      call.threw(error);
      throw error;
    },
  );
}

const asItIs = (reply: unknown) => reply;

function statusOf(response: unknown): unknown {
  return typeof response === 'object' && response !== null ? Reflect.get(response, 'status') : undefined;
}

function isPromiseLike(value: unknown): value is ApiPromise {
  return isThenable(value);
}
