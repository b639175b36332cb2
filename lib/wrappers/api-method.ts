import type { CallAdapter } from '../calls/call-adapter.js';
import { type ModelCall, openCall } from '../calls/model-call.js';
import type { Method } from '../calls/patch.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { followApiPromise } from './api-promise.js';
import { followReply } from './api-stream.js';

/** A request with what the wrapper adds to it, and the chunks that come back because of it. */
export interface Amended {
  readonly request: unknown;
  readonly isHidden: ((chunk: unknown) => boolean) | undefined;
}

/** A method of a client that Stainless generates, recorded at every call. */
export function recordedApiMethod(
  original: Method,
  adapter: CallAdapter,
  options: WrapOptions,
  amend?: (request: unknown) => Amended | undefined,
): Method {
  return function create(this: unknown, ...args) {
    // Some methods have an id before the request.
    const at = typeof args[0] === 'string' ? 1 : 0;
    const request = args[at];
    const call = openCall(adapter, request, options);
    if (call === undefined) return original.apply(this, args);
    if (held !== undefined) {
      call.hold();
      held.push(call);
    }
    const amended = amend?.(request);
    const sent = amended === undefined ? args : args.with(at, amended.request);
    const result = call.start(() => original.apply(this, sent));
    return followApiPromise(result, call, (reply) => followReply(reply, call, amended?.isHidden));
  };
}

/** The calls that a helper makes before it returns; undefined while none runs. */
let held: ModelCall[] | undefined;

/**
 * A helper that awaits a recorded method and makes something of the reply, such as an object from its text. The call is over
 * when the helper's promise settles: where the reply cannot be read so, the call has failed.
 */
export function recordedHelper(original: Method): Method {
  return function helper(this: unknown, ...args) {
    const outer = held;
    const mine: ModelCall[] = [];
    held = mine;
    let result: unknown;
    try {
      result = original.apply(this, args);
    } finally {
      held = outer;
    }
    if (mine.length === 0) return result;
    if (!(result instanceof Promise)) {
      for (const call of mine) call.release();
      return result;
    }
    return result.then(
      (value: unknown) => {
        for (const call of mine) call.release();
        return value;
      },
      (error: unknown) => {
        for (const call of mine) call.threw(error);
        throw error;
      },
    );
  };
}
