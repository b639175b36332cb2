import type { CallAdapter } from '../calls/call-adapter.js';
import { type ModelCall, openCall } from '../calls/model-call.js';
import type { Method } from '../calls/patch.js';
import { fields } from '../calls/read-unknown.js';
import type { WrapOptions } from '../calls/wrap-options.js';
import { followApiPromise } from './api-promise.js';
import { followReply } from './api-stream.js';
import { helperOf } from './stream-method.js';

/** A request to which the wrapper has added something. */
export interface Amended {
  readonly request: unknown;
  /** Whether a chunk comes only because of the addition: it is hidden from the caller. */
  readonly isHidden: ((chunk: unknown) => boolean) | undefined;
}

/**
 * A method that records each of its calls. Its first argument is the request, or its second one after an id.
 *
 * @param amend - changes the request; undefined if it stays as it is
 */
export function recordedApiMethod(
  original: Method,
  adapter: CallAdapter,
  options: WrapOptions,
  amend?: (request: unknown) => Amended | undefined,
): Method {
  return function create(this: unknown, ...args) {
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
    const observe = (reply: unknown) => {
      call.reader = helperOf(args[at + 1]);
      return followReply(reply, call, amended?.isHidden);
    };
    return followApiPromise(result, call, observe, fields(this)._client);
  };
}

/** The calls that the running helper has made so far; undefined if no helper runs. */
let held: ModelCall[] | undefined;

/**
 * A helper that calls a recorded method and converts the reply, such as its text to an object. The call is over when the helper's
 * promise settles: if the reply cannot be converted, the call has failed.
 */
export function recordedHelper(original: Method): Method {
  return function helper(this: unknown, ...args) {
    const outer = held;
    const mine: ModelCall[] = [];
    held = mine;
    const released = <T>(value: T): T => {
      for (const call of mine) call.release();
      return value;
    };
    const failed = (error: unknown): never => {
      for (const call of mine) call.threw(error);
      throw error;
    };
    let result: unknown;
    try {
      result = original.apply(this, args);
    } catch (error) {
      failed(error);
    } finally {
      held = outer;
    }
    if (mine.length === 0) return result;
    return result instanceof Promise ? result.then(released, failed) : released(result);
  };
}
