import type { ModelCall } from '../calls/model-call.js';
import { type Method, patchMethod } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import { setImmediate } from '../common/real-time.js';
import { isThenable } from '../common/thenable.js';
import { followBody } from './api-body.js';
import { followResponse } from './api-response.js';

/*
 * The promises of clients that Stainless generates (OpenAI, Anthropic):
 *
 *     create() ──> APIPromise            the request runs, the body waits
 *       .then/.catch/.finally/.withResponse ──> .parse()   reads and parses the body, once, by .parseResponse()
 *       ._thenUnwrap(f) ──> APIPromise   the same, with f behind the parser: what helpers such as parse() use
 *       .asResponse() ──> Response       the body is the caller's; followed if he reads it at once
 *       ._responseProps()                the response for a helper, which may make a stream of its body
 *
 * The caller gets the client's own promise, whose methods that return a promise are patched. The call is over when the promise that
 * such a method returned settles, because the client may also fail to convert the reply. No other promise gets a handler, so a
 * rejection that the caller does not handle stays unhandled. If the caller calls none of the methods, the reply is never parsed; the
 * call then ends when the promise is garbage-collected.
 *
 * `_thenUnwrap`, `parseResponse` and `_responseProps` are private, and may be missing in the client's next version. Without
 * `parseResponse`, headers are not read. Without `_thenUnwrap`, `then` is patched, too, because it may no longer call `parse()`.
 */

interface ApiPromise extends PromiseLike<unknown> {
  parse?: Method;
  parseResponse?: Method;
  _thenUnwrap?: Method;
  asResponse?: Method;
  _responseProps?: Method;
}

/** Whether the reply of a call is being parsed, and what observes it; shared by all promises of the call. */
interface ParseState {
  isParsing: boolean;
  readonly observe: Observe;
}

/** The part of a call that learns what becomes of its promise. */
export type FollowedPromise = Pick<ModelCall, 'answered' | 'finished' | 'threw' | 'unread' | 'awaitReader'>;

/** Observes the parsed reply, and returns it. */
type Observe = (reply: unknown) => unknown;

/**
 * Follows the promise of a call.
 *
 * @param client - the client, to parse a response for a helper
 */
export function followApiPromise(result: unknown, call: FollowedPromise, observe: Observe, client?: unknown): unknown {
  if (!isPromiseLike(result)) {
    const reply = observe(result);
    call.finished();
    return reply;
  }
  if (Object.getPrototypeOf(result) === Promise.prototype) return followed(result, call, observe);
  let isObserved = false;
  const observeOnce = (reply: unknown) => {
    if (isObserved) return reply;
    isObserved = true;
    return observe(reply);
  };
  try {
    followInPlace(result, call, observeOnce, client);
  } catch {
    call.unread({}); // frozen: it cannot be followed
  }
  return result;
}

function followInPlace(promise: ApiPromise, call: FollowedPromise, observe: Observe, client: unknown): void {
  const { parseResponse, _thenUnwrap, then, _responseProps: responseProps } = promise;
  const progress: ParseState = { isParsing: false, observe };
  follow(promise, call, progress, observe);
  // `await` asks for the reply in the second microtask after this one.
  void settled.then(nothing).then(() => {
    if (!progress.isParsing) call.awaitReader();
  });
  if (parseResponse !== undefined) {
    const parse: Method = function (this: unknown, parser: unknown, props: unknown) {
      call.answered(fields(props).response);
      return parseResponse.call(this, parser, props);
    };
    patchMethod(promise, 'parseResponse', parse);
    if (responseProps !== undefined) {
      patchMethod(promise, '_responseProps', function () {
        const props = responseProps.call(this) as PromiseLike<unknown>; // by the method's contract
        return props.then(
          async (value) => {
            if (!(await followBody(value, (own) => parse.call(promise, client, own), observe))) call.unread({});
            return value;
          },
          (error: unknown) => {
            call.threw(error);
            throw error;
          },
        );
      });
    }
  }
  if (_thenUnwrap !== undefined) return;
  patchMethod(promise, 'then', function (onValue: unknown, onError: unknown) {
    progress.isParsing = true;
    const value = (reply: unknown): unknown => {
      observe(reply);
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
}

/** Patches the methods that return a promise. `observe` gets the result of `parse()`. */
function follow(promise: ApiPromise, call: FollowedPromise, progress: ParseState, observe: Observe): void {
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
    patchMethod(promise, '_thenUnwrap', function (change: Method, ...rest: unknown[]) {
      const observed: Method = (reply, ...more) => change(observe(reply), ...more);
      const derived = unwrapThen.call(this, observed, ...rest) as ApiPromise; // by the method's contract
      follow(derived, call, progress, unchanged);
      return derived;
    });
  }
  if (asResponse !== undefined) {
    patchMethod(promise, 'asResponse', function () {
      const response = followed(asResponse.call(this) as PromiseLike<unknown>, call, unchanged);
      return response.then((value) => {
        // `withResponse()` calls `parse()`, too. Without it, the body is left to the caller.
        if (!progress.isParsing) followUnparsed(value, call, progress);
        return value;
      });
    });
  }
}

/** Follows a response whose body is left to the caller. The call is over when he has read it; at once if he does not begin now. */
function followUnparsed(response: unknown, call: FollowedPromise, progress: ParseState): void {
  const unread = () => call.unread({ http_status: fields(response).status });
  const stop = followResponse(response, {
    read(reply) {
      if (progress.isParsing) return; // the client reads it
      if (reply === undefined) unread();
      else progress.observe(reply);
      call.finished();
    },
    threw: (error) => call.threw(error),
  });
  setImmediate(() => {
    const isReading = stop();
    if (progress.isParsing) return;
    call.answered(response);
    if (!isReading) unread();
  });
}

function followed(promise: PromiseLike<unknown>, call: FollowedPromise, observe: Observe): PromiseLike<unknown> {
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

const unchanged = (reply: unknown) => reply;
const settled = Promise.resolve();
const nothing = () => {};

function isPromiseLike(value: unknown): value is ApiPromise {
  return isThenable(value);
}
